/** Lists of what ARM keeps around resources: in pages, in the order of keys, by conditions that the database evaluates. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import {
  listDeploymentOperations,
  listDeployments,
  putDeployment,
  putDeploymentOperation,
} from '#store/deployments.ts';
import { fillListColumns } from '#store/list-columns.ts';
import { hasLocks, listLocks, putLock, removeLocksBelow } from '#store/locks.ts';
import { insertOperation, type OperationStatus } from '#store/operations.ts';
import { listResourceGroups, putResourceGroup } from '#store/resource-groups.ts';
import {
  addAssignment,
  assignmentsAt,
  findEqualAssignment,
  hasAssignmentWithin,
  isRoleAssigned,
  listAssignments,
  removeAssignmentsBelow,
  type RoleAssignmentRow,
} from '#store/role-assignments.ts';
import {
  findCustomRoleNamed,
  listCustomRoles,
  putCustomRole,
  removeCustomRole,
} from '#store/role-definitions.ts';
import { addSubscription, listSubscriptions } from '#store/subscriptions.ts';
import { setWorldValue } from '#store/world.ts';
import { databaseOf, type NewPlace, testOnEachStore } from '../support/database.ts';

const NOW = instant(1_700_000_000_000);
const ID = '00000000-0000-4000-8000-000000000001';
const SUBSCRIPTION = `/subscriptions/${ID}`;
const GROUP = `${SUBSCRIPTION}/resourcegroups/g`;
const DEVICE = `${GROUP}/providers/ns.x/devices/d`;
const SCOPES = ['', SUBSCRIPTION, GROUP, DEVICE];

const open = async (t: TestContext, newPlace: NewPlace): Promise<Database> =>
  databaseOf(t, await newPlace());

/** Follows the pages to their end; the keys of each page. */
async function pages<Row>(
  read: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
  limit = 2,
): Promise<string[][]> {
  const all: string[][] = [];
  for (let after: string | undefined; ; ) {
    const rows = await read({ limit, ...(after === undefined ? {} : { after }) });
    all.push(rows.map(keyOf));
    if (rows.length < limit) return all;
    after = all.at(-1)?.at(-1);
  }
}

const namesOf = (rows: readonly { readonly name: string }[]): string[] =>
  rows.map(({ name }) => name);

testOnEachStore('resource groups: pages of those with all of some tags', async (t, newPlace) => {
  const database = await open(t, newPlace);
  await database.write(async (writer) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const tags: Record<string, string> =
        name === 'c' ? {} : { Env: name < 'd' ? 'Test' : 'prod' };
      await putResourceGroup(writer, {
        key: `${SUBSCRIPTION}/resourcegroups/${name}`,
        subscriptionId: ID,
        name,
        location: 'eastus',
        tags,
        managedBy: undefined,
        operationId: undefined,
        createdAt: NOW,
      });
    }
  });
  const tags = [
    { name: { comparison: 'equals', text: 'env' }, value: { comparison: 'equals', text: 'test' } },
  ] as const;
  const keyOf = ({ key }: { readonly key: string }): string => key;
  const list = async (page: object): Promise<string[][]> =>
    (
      await pages(
        async (from) => listResourceGroups(database.reader, ID, { ...page, ...from }),
        keyOf,
      )
    ).map((keys) => keys.map((key) => key.slice(-1)));
  assert.deepEqual(await list({}), [['a', 'b'], ['c', 'd'], ['e']]);
  assert.deepEqual(await list({ tags }), [['a', 'b'], []]);
  assert.deepEqual(await list({ tags: [{ name: tags[0].name }] }), [['a', 'b'], ['d', 'e'], []]);
});

/** Locks at every scope, and at neighbours whose keys begin alike. */
async function withLocks(database: Database): Promise<void> {
  await database.write(async (writer) => {
    for (const scope of [...SCOPES.slice(1), `${GROUP}2`, `${DEVICE}2`, `${DEVICE}/shares/s`]) {
      const key = `${scope}/providers/microsoft.authorization/locks/l`;
      await putLock(writer, {
        key,
        id: key,
        name: scope.slice(scope.lastIndexOf('/') + 1),
        scope,
        subscriptionId: ID,
        level: scope === GROUP ? 'ReadOnly' : 'CanNotDelete',
        notes: undefined,
      });
    }
  });
}

testOnEachStore(
  'locks: those below a scope, those above it, and those that a write meets',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    await withLocks(database);
    const below = await pages(
      async (page) => listLocks(database.reader, { within: GROUP }, page),
      ({ key }) => key,
    );
    assert.deepEqual(
      below.flat().map((key) => key.split('/').length),
      [9, 13, 15, 13],
    );
    assert.deepEqual(
      below.map(({ length }) => length),
      [2, 2, 0],
    );
    const above = await pages(
      async (page) => listLocks(database.reader, { at: SCOPES }, page),
      ({ name }) => name,
      10,
    );
    assert.deepEqual(above, [[ID, 'g', 'd']]);
    const met = async (scopes: object, more: object = {}): Promise<string[]> =>
      namesOf(await listLocks(database, scopes, { limit: 10, ...more }));
    assert.deepEqual(await met({ at: SCOPES.slice(0, 3), within: DEVICE }), [ID, 'g', 'd', 's']);
    assert.deepEqual(await met({ at: SCOPES }, { isReadOnly: true }), ['g']);
    assert.deepEqual(await met({ at: SCOPES.slice(0, 2), within: GROUP }, { limit: 2 }), [ID, 'g']);
    assert.equal(await hasLocks(database, ID), true);
    assert.equal(await hasLocks(database, 'other'), false);
    await database.write(async (writer) => removeLocksBelow(writer, GROUP));
    assert.deepEqual(
      namesOf(await listLocks(database.reader, { within: SUBSCRIPTION }, { limit: 9 })),
      [ID, 'g2'],
    );
  },
);

const assignment = (
  scope: string,
  name: string,
  { principalId = 'p', roleDefinition = 'r' } = {},
): RoleAssignmentRow => ({
  ...{ key: `${scope}/providers/microsoft.authorization/roleassignments/${name}`, scope, name },
  ...{ id: name, roleDefinition, principalId, principalType: 'User', description: undefined },
  ...{ createdAt: NOW, createdBy: '' },
});

testOnEachStore(
  'role assignments: pages at, above and below a scope, of one principal or role',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    await database.write(async (writer) => {
      for (const row of [
        assignment(SUBSCRIPTION, '1'),
        assignment(SUBSCRIPTION, '2', { principalId: 'q' }),
        assignment(GROUP, '3'),
        assignment(GROUP, '4', { roleDefinition: 's' }),
        assignment(`${GROUP}2`, '5'),
        assignment(DEVICE, '6'),
        assignment(`${DEVICE}/shares/x`, '7', { principalId: 'q' }),
      ]) {
        await addAssignment(writer, row);
      }
    });
    const list = async (scopes: object, filter: object = {}): Promise<string[]> => {
      const keys = await pages(
        async (page) => listAssignments(database.reader, scopes, { ...filter, ...page }),
        ({ key }) => key,
      );
      return keys.flat().map((key) => key.slice(-1));
    };
    assert.deepEqual(await list({ at: SCOPES }), ['1', '2', '3', '4', '6']);
    assert.deepEqual(await list({ at: SCOPES.slice(0, 2), within: GROUP }), [
      '1',
      '2',
      '3',
      '4',
      '6',
      '7',
    ]);
    assert.deepEqual(await list({ within: SUBSCRIPTION }), ['1', '2', '3', '4', '6', '7', '5']);
    assert.deepEqual(await list({ at: SCOPES }, { principalId: 'q' }), ['2']);
    assert.deepEqual(await list({ within: SUBSCRIPTION }, { roleDefinition: 's' }), ['4']);
    assert.equal(await isRoleAssigned(database, 's'), true);
    assert.equal(await isRoleAssigned(database, 'none'), false);
    const equal = await findEqualAssignment(database, assignment(GROUP, 'new'));
    assert.equal(equal?.name, '3');
    assert.equal(
      await findEqualAssignment(database, assignment(DEVICE, '', { principalId: 'q' })),
      undefined,
    );
    await database.write(async (writer) => removeAssignmentsBelow(writer, GROUP));
    assert.deepEqual(await list({ within: SUBSCRIPTION }), ['1', '2', '5']);
  },
);

testOnEachStore(
  'role assignments of a principal with many are found by their scope',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    for (const count of [0, 150]) {
      await database.write(async (writer) => {
        for (let index = 0; index < count; index++) {
          await addAssignment(writer, assignment(`${GROUP}/providers/ns.x/others/o${index}`, 'n'));
        }
        await addAssignment(writer, assignment(GROUP, `g${count}`));
      });
      const at = await assignmentsAt(database, 'p', SCOPES);
      assert.deepEqual(new Set(namesOf(at)), new Set(count === 0 ? ['g0'] : ['g0', 'g150']));
      assert.equal(await hasAssignmentWithin(database, 'p', SUBSCRIPTION), true);
      assert.equal(await hasAssignmentWithin(database, 'p', `${SUBSCRIPTION}2`), false);
      assert.equal(await hasAssignmentWithin(database, 'q', SUBSCRIPTION), false);
    }
  },
);

testOnEachStore(
  'subscriptions: pages of all, or of those in which a principal has a role',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    const ids = [1, 2, 3, 4, 5].map((number) => ID.replace(/.$/, String(number)));
    await database.write(async (writer) => {
      for (const id of ids) await addSubscription(writer, id, NOW);
      for (const [id, name] of [
        [ids[4], 'a'],
        [ids[1], 'b'],
        [ids[1], 'c'],
        [ids[2], 'd'],
      ] as const) {
        await addAssignment(
          writer,
          assignment(`/subscriptions/${String(id)}/resourcegroups/g`, name),
        );
      }
    });
    const list = async (more: object): Promise<string[][]> =>
      (
        await pages(
          async (page) => listSubscriptions(database.reader, { ...more, ...page }),
          ({ id }) => id,
        )
      ).map((page) => page.map((id) => id.slice(-1)));
    assert.deepEqual(await list({}), [['1', '2'], ['3', '4'], ['5']]);
    assert.deepEqual(await list({ principalId: 'p' }), [['2', '3'], ['5']]);
    assert.deepEqual(await list({ principalId: 'q' }), [[]]);
  },
);

testOnEachStore(
  'custom roles: pages of those that can be assigned somewhere, and by name',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    const put = async (name: string, scopes: string[]): Promise<void> =>
      database.write(async (writer) =>
        putCustomRole(writer, {
          ...{ name, roleName: `Rôle ${name.toUpperCase()}`, description: '', createdAt: NOW },
          ...{ actions: [], notActions: [], assignableScopes: scopes, createdBy: '' },
        }),
      );
    await put('a', ['/']);
    await put('b', [GROUP.toUpperCase(), `${SUBSCRIPTION}/resourceGroups/h/`]);
    await put('c', ['/subscriptions/other']);
    await put('d', [DEVICE]);
    const list = async (scopes: readonly string[], roleName?: string): Promise<string[]> =>
      (
        await pages(
          async (page) =>
            listCustomRoles(database.reader, {
              scopes,
              ...page,
              ...(roleName === undefined ? {} : { roleName }),
            }),
          ({ name }) => name,
        )
      ).flat();
    assert.deepEqual(await list(['']), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await list(['', SUBSCRIPTION]), ['a', 'b', 'd']);
    assert.deepEqual(await list(['', SUBSCRIPTION, `${SUBSCRIPTION}/resourcegroups/h`]), [
      'a',
      'b',
    ]);
    assert.deepEqual(await list(SCOPES), ['a', 'b', 'd']);
    assert.deepEqual(await list(SCOPES, 'rôle d'), ['d']);
    assert.equal((await findCustomRoleNamed(database, 'RÔLE b'))?.name, 'b');
    await put('b', [SUBSCRIPTION]);
    assert.deepEqual(await list(['', '/subscriptions/other']), ['a', 'c']);
    await database.write(async (writer) => removeCustomRole(writer, 'a'));
    assert.deepEqual(await list(['', '/subscriptions/other']), ['c']);
  },
);

testOnEachStore(
  'custom roles of an earlier release are found once the columns of lists are filled',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    await database.write(async (writer) => {
      await setWorldValue(writer, 'list-columns', 'filled');
      const texts = {
        actions: '[]',
        not_actions: '[]',
        assignable_scopes: '["/"]',
        description: '',
      };
      await writer
        .insertInto('role_definitions')
        .values({ name: 'old', role_name: 'Old', ...texts, created_at: 1, created_by: '' })
        .execute();
    });
    const list = async (): Promise<string[]> =>
      namesOf(await listCustomRoles(database.reader, { scopes: [''], limit: 5 }));
    assert.deepEqual(await list(), []);
    await fillListColumns(database);
    assert.deepEqual(await list(), ['old']);
    assert.equal((await findCustomRoleNamed(database, 'old'))?.name, 'old');
  },
);

testOnEachStore(
  'deployments: pages of those in one state, and of what one has done',
  async (t, newPlace) => {
    const database = await open(t, newPlace);
    const states: readonly [string, OperationStatus, boolean][] = [
      ['a', 'Succeeded', false],
      ['b', 'Failed', false],
      ['c', 'Failed', true],
      ['d', 'Succeeded', false],
      ['e', 'Running', false],
      ['f', 'Succeeded', false],
    ];
    await database.write(async (writer) => {
      for (const [name, status, isCanceled] of states) {
        const key = `${GROUP}/providers/microsoft.resources/deployments/${name}`;
        await putDeployment(writer, {
          ...{
            key,
            id: key,
            name,
            scope: GROUP,
            location: undefined,
            tags: {},
            mode: 'Incremental',
          },
          ...{ request: '', operationId: `op-${name}`, parent: undefined },
          canceledAt: isCanceled ? NOW : undefined,
        });
        await insertOperation(writer, {
          ...{ id: `op-${name}`, resourceKey: key, resourceId: key, type: 't', verb: 'put' },
          ...{ isCreation: false, input: {}, style: 'async', pollPath: '', output: undefined },
          ...{
            status,
            step: 0,
            attempts: 0,
            begun: 0,
            failure: undefined,
            correlationId: '',
            startedAt: NOW,
          },
          endedAt: status === 'Running' ? undefined : NOW,
        });
        for (const position of [2, 0, 1]) {
          await putDeploymentOperation(writer, {
            ...{ deployment: key, position, target: `t${position}`, status: 'Running' },
            ...{ operationId: undefined, failure: undefined, isCreation: true, startedAt: NOW },
            endedAt: undefined,
          });
        }
      }
    });
    const list = async (more: object): Promise<string[][]> =>
      (
        await pages(
          async (page) => listDeployments(database.reader, GROUP, { ...more, ...page }),
          ({ key }) => key,
        )
      ).map((keys) => keys.map((key) => key.slice(-1)));
    assert.deepEqual(await list({}), [['a', 'b'], ['c', 'd'], ['e', 'f'], []]);
    assert.deepEqual(await list({ state: 'Succeeded' }), [['a', 'd'], ['f']]);
    assert.deepEqual(await list({ state: 'Failed' }), [['b']]);
    assert.deepEqual(await list({ state: 'Canceled' }), [['c']]);
    assert.deepEqual(await list({ state: 'Running' }), [['e']]);
    const done = async (page: object): Promise<number[]> =>
      (
        await listDeploymentOperations(
          database.reader,
          `${GROUP}/providers/microsoft.resources/deployments/a`,
          page,
        )
      ).map(({ position }) => position);
    assert.deepEqual(await done({}), [0, 1, 2]);
    assert.deepEqual(await done({ limit: 2 }), [0, 1]);
    assert.deepEqual(await done({ limit: 2, after: 0 }), [1, 2]);
  },
);
