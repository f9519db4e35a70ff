/** Lists of what stands at the top, of all types: in pages, in the order of keys, by conditions that the database evaluates. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { fillListColumns } from '#store/list-columns.ts';
import { relocate } from '#store/move.ts';
import { changeResource, insertResource, removeResource } from '#store/resources.ts';
import type { TagCondition, TextCondition } from '#store/resource-tags.ts';
import {
  eachTracked,
  listTracked,
  type MemberCondition,
  type TrackedFilter,
} from '#store/tracked-resources.ts';
import { databaseOf, sharedPlace, type NewPlace, testOnEachStore } from '../support/database.ts';

const NOW = instant(1_700_000_000_000);
const SUBSCRIPTION = '/subscriptions/s';
const GROUP = `${SUBSCRIPTION}/resourcegroups/g`;

/** A resource of a group, by the last segments of its id. */
async function insert(
  database: Database,
  id: string,
  body: JsonObject = {},
  { isVisible = true }: { readonly isVisible?: boolean } = {},
): Promise<void> {
  const segments = id.split('/');
  const isTracked = segments.length === 9;
  await database.write(async (writer) =>
    insertResource(writer, {
      key: id.toLowerCase(),
      id,
      type: `${segments[6] ?? ''}/${segments[7] ?? ''}`.toLowerCase(),
      name: segments.at(-1) ?? '',
      parent: isTracked ? undefined : segments.slice(0, -2).join('/').toLowerCase(),
      subscriptionId: segments[2] ?? '',
      resourceGroup: segments.slice(0, 5).join('/').toLowerCase(),
      body,
      origin: undefined,
      incarnation: id,
      revision: 1,
      isVisible,
      operationId: undefined,
      createdAt: NOW,
      changedAt: NOW,
      systemData: undefined,
    }),
  );
}

const idOf = (name: string, group = 'g', type = 'devices', subscription = 's'): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Ns.X/${type}/${name}`;

/** Devices a to d and a cluster, in two groups, and neighbours whose keys begin alike. */
async function worldOf(t: TestContext, newPlace: NewPlace): Promise<Database> {
  const database = await databaseOf(t, await newPlace());
  const device = (location: string, sku: string, tags: JsonObject): JsonObject => ({
    ...{ location, sku: { name: sku }, tags },
  });
  await insert(database, idOf('A'), device('East US', 'Base', { Env: 'Test', Floor: '1' }));
  await insert(database, idOf('b'), device('westeurope', 'Mini', { env: 'prod', team: 'test' }));
  await insert(database, idOf('c', 'g2'), device('eastus', 'Base', { ENV: 'PROD' }));
  await insert(database, idOf('d', 'g2'), device('eastus', 'Base', {}), { isVisible: false });
  await insert(database, idOf('e', 'g', 'clusters'), { location: 'eastus', tags: { env: 'a%_' } });
  await insert(database, `${idOf('A')}/shares/x`, { tags: { env: 'prod' }, location: 'eastus' });
  await insert(
    database,
    idOf('n', 'g', 'devices', 's2'),
    device('eastus', 'Base', { env: 'prod' }),
  );
  await insert(database, idOf('m', 'g-'), device('northeurope', 'Base', {}));
  return database;
}

async function namesIn(
  database: Database,
  scope: string,
  filter: Partial<TrackedFilter> = {},
): Promise<string> {
  const rows = await listTracked(database.reader, scope, {
    filter: { members: [], tags: [], withoutTags: [], ...filter },
  });
  return rows.map(({ name }) => name).join('');
}

testOnEachStore('a subscription and a group hold what is theirs, in pages', async (t, newPlace) => {
  const database = await worldOf(t, newPlace);
  assert.equal(await namesIn(database, SUBSCRIPTION), 'meAbc');
  assert.equal(await namesIn(database, GROUP), 'eAb');
  const hidden = await listTracked(database.reader, `${SUBSCRIPTION}/resourcegroups/g2`, {
    isWithHidden: true,
  });
  assert.deepEqual(
    hidden.map(({ name }) => name),
    ['c', 'd'],
  );
  let after: string | undefined;
  let all = '';
  for (;;) {
    const page = await listTracked(database.reader, SUBSCRIPTION, {
      limit: 2,
      ...(after === undefined ? {} : { after }),
    });
    assert.ok(page.length <= 2);
    if (page.length === 0) break;
    all += page.map(({ name }) => name).join('');
    after = page.at(-1)?.key;
  }
  assert.equal(all, 'meAbc');
  let each = '';
  for await (const { name } of eachTracked(database.reader, SUBSCRIPTION)) each += name;
  assert.equal(each, 'meAbc');
});

testOnEachStore('conditions on members', async (t, newPlace) => {
  const database = await worldOf(t, newPlace);
  const where = async (
    member: MemberCondition['member'],
    comparison: MemberCondition['comparison'],
    text: string,
    scope = SUBSCRIPTION,
  ): Promise<string> => await namesIn(database, scope, { members: [{ member, comparison, text }] });
  assert.equal(await where('type', 'equals', 'ns.x/devices'), 'mAbc');
  assert.equal(await where('type', 'differs', 'ns.x/devices'), 'e');
  assert.equal(await where('type', 'contains', 'clus'), 'e');
  assert.equal(await where('name', 'equals', 'a'), 'A');
  assert.equal(await where('name', 'differs', 'a'), 'mebc');
  assert.equal(await where('name', 'contains', 'a'), 'A');
  assert.equal(await where('name', 'contains', ''), 'meAbc');
  assert.equal(await where('location', 'equals', 'eastus'), 'eAc');
  assert.equal(await where('location', 'differs', 'eastus'), 'mb');
  assert.equal(await where('location', 'contains', 'europe', GROUP), 'b');
  assert.equal(await where('sku', 'equals', 'base'), 'mAc');
  assert.equal(await where('sku', 'differs', 'base'), 'eb');
  assert.equal(await where('group', 'equals', 'g2'), 'c');
  assert.equal(await where('group', 'differs', 'g'), 'mc');
  assert.equal(await where('group', 'contains', 'g'), 'meAbc');
  assert.equal(await where('group', 'contains', '2'), 'c');
  assert.equal(await where('group', 'contains', 'subscriptions'), '');
});

const is = (text: string): TextCondition => ({ comparison: 'equals', text });
const has = (text: string): TextCondition => ({ comparison: 'contains', text });

testOnEachStore('conditions on tags: name and value of the same one', async (t, newPlace) => {
  const database = await worldOf(t, newPlace);
  const tagged = async (...tags: TagCondition[]): Promise<string> =>
    await namesIn(database, SUBSCRIPTION, { tags });
  assert.equal(await tagged({ name: is('env') }), 'eAbc');
  assert.equal(await tagged({ name: is('env'), value: is('prod') }), 'bc');
  assert.equal(await tagged({ name: is('env'), value: is('test') }), 'A');
  assert.equal(await tagged({ value: is('test') }), 'Ab');
  assert.equal(await tagged({ name: has('e') }), 'eAbc');
  assert.equal(await tagged({ name: has('o'), value: has('1') }), 'A');
  assert.equal(await tagged({ value: has('%_') }), 'e');
  assert.equal(await tagged({ name: is('env') }, { name: is('team') }), 'b');
  const without = async (...withoutTags: TagCondition[]): Promise<string> =>
    await namesIn(database, SUBSCRIPTION, { withoutTags });
  assert.equal(await without({ name: is('env') }), 'm');
  assert.equal(await without({ value: is('prod') }, { name: is('floor') }), 'me');
  assert.equal(await namesIn(database, GROUP, { tags: [{ name: is('env') }] }), 'eAb');
});

testOnEachStore(
  'tags and columns follow what is written, moved and removed',
  async (t, newPlace) => {
    const database = await worldOf(t, newPlace);
    const key = idOf('A').toLowerCase();
    await database.write(async (writer) =>
      changeResource(writer, key, { body: { location: 'West US', tags: { owner: 'me' } } }),
    );
    assert.equal(await namesIn(database, GROUP, { tags: [{ name: is('env') }] }), 'eb');
    assert.equal(await namesIn(database, GROUP, { tags: [{ name: is('owner') }] }), 'A');
    const west: MemberCondition = { member: 'location', comparison: 'equals', text: 'westus' };
    assert.equal(await namesIn(database, GROUP, { members: [west] }), 'A');
    const group2 = `${SUBSCRIPTION}/resourcegroups/g2`;
    await database.write(async (writer) =>
      relocate(writer, { from: idOf('A'), to: idOf('A', 'g2'), resourceGroup: group2 }),
    );
    assert.equal(await namesIn(database, GROUP, { tags: [{ name: is('owner') }] }), '');
    assert.equal(await namesIn(database, group2, { tags: [{ name: is('owner') }] }), 'A');
    await database.write(async (writer) => removeResource(writer, idOf('A', 'g2').toLowerCase()));
    await insert(database, idOf('A', 'g2'));
    assert.equal(await namesIn(database, group2, { tags: [{ name: is('owner') }] }), '');
  },
);

testOnEachStore(
  'rows of an earlier release get their columns and tags once',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const database = await databaseOf(t, place);
    await insert(database, idOf('A'), {
      location: 'East US',
      sku: { name: 'B' },
      tags: { É: 'È' },
    });
    await database.write(async (writer) => {
      await writer.updateTable('resources').set({ location: null, sku: null }).execute();
      await writer.deleteFrom('resource_tags').execute();
    });
    const lookFor = async (): Promise<string> =>
      await namesIn(database, SUBSCRIPTION, {
        members: [
          { member: 'location', comparison: 'equals', text: 'eastus' },
          { member: 'sku', comparison: 'equals', text: 'b' },
        ],
        tags: [{ name: is('é'), value: is('è') }],
      });
    assert.equal(await lookFor(), '');
    const other = await databaseOf(t, place);
    await Promise.all([fillListColumns(database), fillListColumns(other)]);
    assert.equal(await lookFor(), 'A');
    // Not again: the table may be filled by then as nobody else would fill it.
    await database.write(async (writer) => {
      await writer.deleteFrom('resource_tags').execute();
    });
    await fillListColumns(await databaseOf(t, place));
    assert.equal(await lookFor(), '');
  },
);
