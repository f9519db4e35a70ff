/** Resources: written, found, listed by scope and page, and removed with all that is below them and nothing beside. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import {
  changeResource,
  findResource,
  insertResource,
  listDescendants,
  removeResource,
  type ResourceRow,
} from '#store/resources.ts';
import { listResources } from '#store/resource-lists.ts';
import { databaseOf, type NewPlace, testOnEachStore } from '../support/database.ts';

const NOW = instant(1_700_000_000_000);
const TYPE = 'microsoft.x/things';
const GROUP = '/subscriptions/s/resourcegroups/g';

function row(key: string, more: Partial<ResourceRow> = {}): ResourceRow {
  return {
    key,
    id: key.toUpperCase(),
    type: TYPE,
    name: key.slice(key.lastIndexOf('/') + 1),
    parent: undefined,
    subscriptionId: 's',
    resourceGroup: GROUP,
    body: { tags: { b: '2', a: '1' }, properties: { list: [1, null, { deep: true }] } },
    origin: undefined,
    incarnation: `life of ${key}`,
    revision: 1,
    isVisible: true,
    operationId: undefined,
    createdAt: NOW,
    changedAt: NOW,
    systemData: undefined,
    ...more,
  };
}

async function storeOf(
  t: TestContext,
  newPlace: NewPlace,
  rows: readonly ResourceRow[],
): Promise<Database> {
  const database = await databaseOf(t, await newPlace());
  await database.write(async (writer) => {
    for (const resource of rows) await insertResource(writer, resource);
  });
  return database;
}

const keys = (rows: readonly ResourceRow[]): string[] => rows.map(({ key }) => key);

testOnEachStore('a resource comes back as it was written', async (t, newPlace) => {
  const plain = row('/a');
  const full = row('/b', { parent: '/a', origin: '/a', operationId: 'op1', isVisible: false });
  const database = await storeOf(t, newPlace, [plain, full]);
  assert.deepEqual(await findResource(database, '/a'), plain);
  assert.deepEqual(await findResource(database.reader, '/b'), full);
  assert.equal(await findResource(database, '/c'), undefined);
});

testOnEachStore('a key is taken once', async (t, newPlace) => {
  const database = await storeOf(t, newPlace, [row('/a')]);
  await assert.rejects(database.write(async (writer) => insertResource(writer, row('/a'))));
});

testOnEachStore(
  'a change touches what it names, and null frees from an operation',
  async (t, newPlace) => {
    const before = row('/a', { operationId: 'op1', isVisible: false });
    const database = await storeOf(t, newPlace, [before, row('/b')]);
    await database.write(async (writer) => {
      await changeResource(writer, '/a', { isVisible: true, revision: 2 });
    });
    assert.deepEqual(await findResource(database, '/a'), {
      ...before,
      isVisible: true,
      revision: 2,
    });
    await database.write(async (writer) => changeResource(writer, '/a', { operationId: null }));
    assert.equal((await findResource(database, '/a'))?.operationId, undefined);
    assert.deepEqual(await findResource(database, '/b'), row('/b'));
  },
);

testOnEachStore(
  'lists hold what is visible of one type and scope, in the order of keys',
  async (t, newPlace) => {
    const database = await storeOf(t, newPlace, [
      row('/c'),
      row('/a', { resourceGroup: `${GROUP}2` }),
      row('/b', { subscriptionId: 's2' }),
      row('/d', { isVisible: false }),
      row('/e', { type: `${TYPE}/parts`, parent: '/c' }),
      row('/f', { origin: '/c' }),
    ]);
    const list = async (scope: object): Promise<string[]> =>
      keys(await listResources(database.reader, { type: TYPE, ...scope }));
    assert.deepEqual(await list({}), ['/a', '/b', '/c', '/f']);
    assert.deepEqual(await list({ resourceGroup: GROUP }), ['/b', '/c', '/f']);
    assert.deepEqual(await list({ subscriptionId: 's2' }), ['/b']);
    assert.deepEqual(await list({ origin: '/c' }), ['/f']);
    assert.deepEqual(await list({ type: `${TYPE}/parts`, parent: '/c' }), ['/e']);
  },
);

testOnEachStore('pages follow on one another', async (t, newPlace) => {
  const database = await storeOf(
    t,
    newPlace,
    ['/a', '/b', '/c', '/d', '/e'].map((key) => row(key)),
  );
  const page = async (after?: string): Promise<string[]> => {
    const from = after === undefined ? {} : { after };
    return keys(await listResources(database.reader, { type: TYPE }, { ...from, limit: 2 }));
  };
  assert.deepEqual(await page(), ['/a', '/b']);
  assert.deepEqual(await page('/b'), ['/c', '/d']);
  assert.deepEqual(await page('/d'), ['/e']);
  assert.deepEqual(await page('/e'), []);
});

/** A device, what is below it, and names that only begin alike. */
const FAMILY = ['/d/e', '/d/e/shares/a', '/d/e/shares/b', '/d/e/roles/r/addons/x'];
const NEIGHBOURS = [
  '/d',
  '/d/e-',
  '/d/e.x',
  '/d/e-/shares/a',
  '/d/e0',
  '/d/e1/shares/a',
  '/d/eé/shares/a',
];

testOnEachStore(
  'what is below a resource is that and nothing that only begins alike, hidden or not',
  async (t, newPlace) => {
    const all = [...FAMILY, ...NEIGHBOURS].map((key) => row(key));
    const database = await storeOf(t, newPlace, [
      ...all,
      row('/d/e/shares/hidden', { isVisible: false }),
    ]);
    const found = keys(await listDescendants(database.reader, '/d/e'));
    assert.deepEqual(found, [...FAMILY.slice(1), '/d/e/shares/hidden'].sort());
  },
);

testOnEachStore('a resource goes with all below it, and nothing beside it', async (t, newPlace) => {
  const database = await storeOf(
    t,
    newPlace,
    [...FAMILY, ...NEIGHBOURS].map((key) => row(key)),
  );
  await database.write(async (writer) => removeResource(writer, '/d/e'));
  const left = keys(await listResources(database.reader, { type: TYPE }));
  assert.deepEqual(left.sort(), [...NEIGHBOURS].sort());
});
