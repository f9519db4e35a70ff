import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ArmClient } from '../../support/arm-client.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../../support/arm-client.ts';
import { CLOUD_SHARE, SCHEDULE } from '../../support/bodies.ts';
import { claimsIn, startRequiring, tokenOf } from '../../support/sign-in.ts';
import { startService } from '../../support/service.ts';

const SUB = `/subscriptions/${SUBSCRIPTION}`;
const AUTHORIZATION = 'providers/Microsoft.Authorization';
const ROLES = {
  Owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  Contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  Reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
} as const;
const SCHEDULES = `${DEVICE}/bandwidthSchedules`;

const assignmentUrl = (scope: string, name: string = randomUUID()): string =>
  `${scope}/${AUTHORIZATION}/roleAssignments/${name}`;

const assignment = (role: string, principalId: string): JsonObject => ({
  properties: {
    roleDefinitionId: `${SUB}/${AUTHORIZATION}/roleDefinitions/${role}`,
    principalId,
    principalType: 'ServicePrincipal',
  },
});

async function assign(by: ArmClient, scope: string, role: string, to: string): Promise<string> {
  const url = assignmentUrl(scope);
  await by.put(url, assignment(role, to), 201);
  return url;
}

const valuesOf = (list: JsonObject): JsonObject[] => list.value as JsonObject[];

describe('roles of the configuration', () => {
  test('a Reader reads, a Contributor writes, an Owner also assigns roles', async (t) => {
    const { owner, contributor, reader, nobody } = await startRequiring(t);
    await contributor.activeDevice();
    await contributor.done('put', `${SCHEDULES}/a`, SCHEDULE);
    await reader.get(DEVICE);
    await reader.get(SCHEDULES);
    assert.equal((await reader.call('head', GROUP)).status, 204);
    for (const [method, url, body] of [
      ['put', DEVICE, { location: 'eastus' }],
      ['patch', DEVICE, { tags: {} }],
      ['delete', `${SCHEDULES}/a`, undefined],
      ['post', `${DEVICE}/generateCertificate`, undefined],
      ['post', `${DEVICE}/getExtendedInformation`, undefined],
      ['put', GROUP, { location: 'eastus' }],
    ] as const) {
      assert.equal((await reader.refused(method, url, 403, body)).code, 'AuthorizationFailed', url);
    }
    assert.equal((await nobody.refused('get', DEVICE, 403)).code, 'AuthorizationFailed');
    const url = assignmentUrl(SUB);
    const body = assignment(ROLES.Reader, randomUUID());
    await contributor.refused('put', url, 403, body);
    await owner.put(url, body, 201);
    await contributor.refused('delete', url, 403);
    await reader.get(url);
  });

  test("the refusal has ARM's text, with caller, action and scope", async (t) => {
    const { contributor, reader, anonymous } = await startRequiring(t);
    await contributor.device();
    const { oid } = claimsIn(await tokenOf(anonymous, 'reader'));
    const { message } = await reader.refused('put', `${DEVICE}/shares/S1`, 403, CLOUD_SHARE);
    assert.equal(
      message,
      `The client 'reader' with object id '${String(oid)}' does not have authorization to perform action ` +
        `'Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares/write' over scope '${DEVICE}/shares/S1' or the scope is invalid. ` +
        'If access was recently granted, please refresh your credentials.',
    );
    const { status, headers } = await reader.call('post', `${DEVICE}/shares/S1/refresh`);
    assert.deepEqual([status, headers['x-ms-failure-cause']], [403, 'gateway']);
  });
});

describe('role assignments', () => {
  test('grant a role at a scope and below it, until they are deleted', async (t) => {
    const { owner, nobody, anonymous } = await startRequiring(t);
    await owner.device();
    const other = DEVICE.replace('edge1', 'edge2');
    await owner.put(other, { location: 'eastus', sku: { name: 'EdgeP_Base' } });
    const principal = String(claimsIn(await tokenOf(anonymous, 'nobody')).oid);
    for (const [scope, mayOther, mayList] of [
      [SUB, true, true],
      [GROUP, true, true],
      [DEVICE.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), false, false],
    ] as const) {
      await nobody.refused('get', DEVICE, 403);
      assert.deepEqual(valuesOf(await nobody.get('/subscriptions')), []);
      const url = await assign(owner, scope, ROLES.Reader, principal);
      await nobody.get(DEVICE);
      await nobody.get(`${DEVICE}/shares`);
      await nobody.refused('patch', DEVICE, 403, { tags: {} });
      await (mayOther ? nobody.get(other) : nobody.refused('get', other, 403));
      const list = DEVICE.slice(0, DEVICE.lastIndexOf('/'));
      await (mayList ? nobody.get(list) : nobody.refused('get', list, 403));
      // Whoever has a role anywhere in it sees the subscription.
      assert.equal(valuesOf(await nobody.get('/subscriptions')).length, 1);
      await nobody.get(SUB);
      await owner.call('delete', url);
    }
    await nobody.refused('get', DEVICE, 403);
  });

  test('are shown as ARM shows them, and listed with those that a scope inherits', async (t) => {
    const { owner, anonymous } = await startRequiring(t);
    await owner.device();
    const principal = randomUUID();
    const url = assignmentUrl(DEVICE);
    const body = assignment(ROLES.Contributor, principal.toUpperCase());
    const made = await owner.put(url, body, 201);
    const { oid } = claimsIn(await tokenOf(anonymous, 'owner'));
    assert.deepEqual(made, {
      properties: {
        roleDefinitionId: `${SUB}/${AUTHORIZATION}/roleDefinitions/${ROLES.Contributor}`,
        principalId: principal,
        principalType: 'ServicePrincipal',
        scope: DEVICE,
        createdOn: '2026-03-02T09:00:00.000Z',
        updatedOn: '2026-03-02T09:00:00.000Z',
        createdBy: oid,
        updatedBy: oid,
      },
      id: url,
      type: 'Microsoft.Authorization/roleAssignments',
      name: url.split('/').at(-1),
    });
    assert.deepEqual(await owner.get(url.toUpperCase().replace('?API', '?api')), made);
    const at = async (scope: string, filter = ''): Promise<unknown[]> =>
      valuesOf(
        await owner.get(
          `${scope}/${AUTHORIZATION}/roleAssignments?$filter=${encodeURIComponent(filter)}`,
        ),
      ).map(({ name }) => name);
    const configured = await at(SUB, 'atScope()');
    // admin, owner, contributor, reader
    assert.equal(configured.length, 4);
    assert.deepEqual(await at(SUB), [...configured, made.name]);
    assert.deepEqual(await at(GROUP, 'atScope()'), configured);
    assert.deepEqual(await at(DEVICE, 'atScope()'), [...configured, made.name]);
    assert.deepEqual(await at(SUB, `principalId eq '${principal}'`), [made.name]);
    assert.deepEqual(await at(GROUP, `assignedTo('${principal}')`), []);
    await owner.refused(
      'get',
      `${SUB}/${AUTHORIZATION}/roleAssignments?$filter=colour eq 'x'`,
      400,
    );
    const gone = await owner.call('delete', url);
    assert.deepEqual([gone.status, gone.body], [200, made]);
    assert.equal((await owner.call('delete', url)).status, 204);
    assert.equal((await owner.refused('get', url, 404)).code, 'RoleAssignmentNotFound');
  });

  test('are listed in pages, by principal and by role', async (t) => {
    const { owner, anonymous } = await startRequiring(t);
    await owner.device();
    const [ann, bob] = [randomUUID(), randomUUID()];
    for (const [scope, role, principal] of [
      [SUB, ROLES.Reader, ann],
      [GROUP, ROLES.Contributor, ann],
      [DEVICE, ROLES.Reader, bob],
      [DEVICE, ROLES.Owner, ann],
    ] as const) {
      await assign(owner, scope, role, principal);
    }
    const list = async (scope: string, filter: string): Promise<unknown[]> => {
      const query = `$top=1&$filter=${encodeURIComponent(filter)}`;
      const all = await owner.all(`${scope}/${AUTHORIZATION}/roleAssignments?${query}`);
      return all.map(({ properties }) => (properties as JsonObject).scope);
    };
    const whole = valuesOf(await owner.get(`${SUB}/${AUTHORIZATION}/roleAssignments`));
    assert.equal(whole.length, 8, 'four of the configuration, four of ours');
    assert.equal((await list(SUB, '')).length, 8);
    assert.deepEqual(await list(SUB, `principalId eq '${ann}'`), [SUB, GROUP, DEVICE]);
    assert.deepEqual(await list(GROUP, `atScope() and principalId eq '${ann}'`), [SUB, GROUP]);
    const reader = `${SUB}/${AUTHORIZATION}/roleDefinitions/${ROLES.Reader}`;
    assert.deepEqual(await list(SUB, `roleDefinitionId eq '${reader}'`), ['/', SUB, DEVICE]);
    const { oid } = claimsIn(await tokenOf(anonymous, 'reader'));
    assert.deepEqual(await list(DEVICE, `assignedTo('${String(oid)}')`), ['/']);
  });

  test('are removed with their scope, and do not move with it', async (t) => {
    const { owner, nobody, anonymous } = await startRequiring(t);
    const principal = String(claimsIn(await tokenOf(anonymous, 'nobody')).oid);
    const other = GROUP.replace('GroupFor', 'OtherFor');
    const moved = DEVICE.replace(GROUP, other);
    await owner.device();
    await owner.put(other, { location: 'eastus' }, 201);
    await assign(owner, DEVICE, ROLES.Owner, principal);
    await assign(owner, GROUP, ROLES.Contributor, principal);
    const move = { targetResourceGroup: other, resources: [DEVICE] };
    // To move something is to write at both ends.
    await nobody.refused('post', `${GROUP}/moveResources`, 403, move);
    await nobody.refused('post', `${GROUP}/validateMoveResources`, 403, move);
    await owner.accepted('post', `${GROUP}/moveResources`, move);
    await owner.advance(minutes(5));
    await owner.get(moved);
    await nobody.refused('get', moved, 403);
    await assign(owner, moved, ROLES.Reader, principal);
    await nobody.get(moved);
    await owner.call('delete', moved);
    await owner.device({}, moved);
    await nobody.refused('get', moved, 403);
    await owner.accepted('delete', GROUP);
    await owner.advance(minutes(5));
    await owner.put(GROUP, { location: 'eastus' }, 201);
    await nobody.refused('get', GROUP, 403);
  });

  test('are refused where they are incomplete or duplicate', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const principal = randomUUID();
    const good = assignment(ROLES.Reader, principal);
    const codeOf = async (url: string, status: number, body: JsonObject): Promise<string> =>
      (await arm.refused('put', url, status, body)).code;
    const url = assignmentUrl(GROUP);
    await arm.put(url, good, 201);
    await arm.put(url, good, 200);
    assert.equal(await codeOf(assignmentUrl(GROUP), 409, good), 'RoleAssignmentExists');
    assert.equal(
      await codeOf(url, 400, assignment(ROLES.Owner, principal)),
      'RoleAssignmentUpdateNotPermitted',
    );
    assert.equal(await codeOf(assignmentUrl(GROUP, 'name'), 400, good), 'InvalidRoleAssignmentId');
    assert.equal(
      await codeOf(assignmentUrl(SUB), 400, assignment(ROLES.Reader, 'ann')),
      'InvalidPrincipalId',
    );
    assert.equal(
      await codeOf(assignmentUrl(SUB), 404, assignment(randomUUID(), principal)),
      'RoleDefinitionDoesNotExist',
    );
    assert.equal(await codeOf(assignmentUrl(SUB), 400, {}), 'InvalidRoleDefinitionId');
    assert.equal(await codeOf(assignmentUrl(`${DEVICE}0`), 404, good), 'ResourceNotFound');
    await arm.refused('put', assignmentUrl(''), 404, good);
  });
});

describe('role definitions', () => {
  test('the built-in ones are listed and shown, also by name', async (t) => {
    const { reader } = await startRequiring(t);
    const list = `${SUB}/${AUTHORIZATION}/roleDefinitions`;
    const all = valuesOf(await reader.get(list));
    assert.ok(all.length >= 3);
    const [one] = valuesOf(await reader.get(`${list}?$filter=roleName eq 'contributor'`));
    assert.ok(one !== undefined);
    assert.equal(one.name, ROLES.Contributor);
    assert.equal(one.id, `${list}/${ROLES.Contributor}`);
    const { permissions, type } = one.properties as { permissions: JsonObject[]; type: string };
    assert.deepEqual([type, permissions[0]?.actions], ['BuiltInRole', ['*']]);
    assert.deepEqual(await reader.get(`${list}/${ROLES.Contributor}`), one);
    const tenant = await reader.get(`/${AUTHORIZATION}/roleDefinitions/${ROLES.Reader}`);
    assert.equal(tenant.id, `/${AUTHORIZATION}/roleDefinitions/${ROLES.Reader}`);
    assert.equal(
      (await reader.refused('get', `${list}/${randomUUID()}`, 404)).code,
      'RoleDefinitionDoesNotExist',
    );
  });

  test('a custom role permits exactly its data-box-edge actions', async (t) => {
    const { owner, nobody, contributor, anonymous } = await startRequiring(t);
    await owner.activeDevice();
    const name = randomUUID();
    const url = `${SUB}/${AUTHORIZATION}/roleDefinitions/${name}`;
    const namespace = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
    const role = (actions: string[]): JsonObject => ({
      properties: {
        roleName: 'Schedule keeper',
        description: 'Keeps the schedules',
        permissions: [{ actions, notActions: [`${namespace}/bandwidthSchedules/delete`] }],
        assignableScopes: [SUB],
      },
    });
    await contributor.refused('put', url, 403, role(['*']));
    const made = await owner.put(url, role([`${namespace}/bandwidthSchedules/*`]), 201);
    assert.equal((made.properties as JsonObject).type, 'CustomRole');
    await assign(owner, GROUP, name, String(claimsIn(await tokenOf(anonymous, 'nobody')).oid));
    await nobody.done('put', `${SCHEDULES}/a`, SCHEDULE);
    await nobody.get(`${SCHEDULES}/a`);
    await nobody.refused('delete', `${SCHEDULES}/a`, 403);
    await nobody.refused('get', DEVICE, 403);
    await owner.put(url, role(['*/read']), 201);
    await nobody.get(DEVICE);
    await nobody.refused('put', `${SCHEDULES}/b`, 403, SCHEDULE);
    assert.equal((await owner.refused('delete', url, 400)).code, 'RoleDefinitionHasAssignments');
  });

  test('are listed in pages, the built-in ones first, where they can be assigned', async (t) => {
    const arm = await startService(t);
    const other = SUB.replace('4385', '5385');
    const list = (scope: string): string => `${scope}/${AUTHORIZATION}/roleDefinitions`;
    const define = async (roleName: string, scope: string): Promise<void> => {
      const properties = { roleName, permissions: [{ actions: [] }], assignableScopes: [scope] };
      await arm.put(`${list(SUB)}/${randomUUID()}`, { properties }, 201);
    };
    await define("Anna's search and rescue", SUB);
    await define('Of a group', GROUP);
    await define('Of another', other);
    const names = async (scope: string, filter = ''): Promise<unknown[]> => {
      const query = `?$top=2&$filter=${encodeURIComponent(filter)}`;
      const all = await arm.all(list(scope) + query);
      return all.map(({ properties }) => (properties as JsonObject).roleName);
    };
    const builtIn = ['Owner', 'Contributor', 'Reader', 'User Access Administrator'];
    assert.deepEqual((await names(SUB)).slice(0, 4), builtIn);
    assert.deepEqual((await names(SUB)).slice(4).sort(), [
      "Anna's search and rescue",
      'Of a group',
    ]);
    assert.deepEqual(await names(SUB, "type eq 'BuiltInRole'"), builtIn);
    assert.deepEqual(await names(other, "type eq 'customrole'"), ['Of another']);
    const quoted = "roleName eq 'ANNA''s search and rescue'";
    assert.deepEqual(await names(SUB, quoted), ["Anna's search and rescue"]);
    assert.deepEqual(await names(other, quoted), []);
    await arm.refused('get', `${list(SUB)}?$filter=description eq 'x'`, 400);
  });

  test('are refused with all their faults, and built-in ones stay as they are', async (t) => {
    const arm = await startService(t);
    const list = `${SUB}/${AUTHORIZATION}/roleDefinitions`;
    const url = `${list}/${randomUUID()}`;
    const { details } = await arm.refused('put', url, 400, { properties: {} });
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['properties.roleName', 'properties.assignableScopes', 'properties.permissions'],
    );
    const good = {
      properties: { roleName: 'Mine', permissions: [{ actions: [] }], assignableScopes: ['/'] },
    };
    await arm.put(url, good, 201);
    const twin = await arm.refused('put', `${list}/${randomUUID()}`, 409, good);
    assert.equal(twin.code, 'RoleDefinitionWithSameNameExists');
    await arm.refused('put', `${list}/${ROLES.Reader}`, 403, good);
    await arm.refused('delete', `${list}/${ROLES.Reader}`, 403);
    await arm.refused('put', `${list}/mine`, 400, good);
    assert.equal((await arm.call('delete', url)).status, 200);
    assert.equal((await arm.call('delete', url)).status, 204);
  });
});
