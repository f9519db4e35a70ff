/** What the fleet keeps in memory never hides what another process has written, and what is gone stays gone. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { type Command, Fleet, type MachineHandle } from '#fleet/fleet.ts';
import { Clock } from '#schedule/clock.ts';
import { hours, instant, milliseconds, plus } from '#shared/instant.ts';
import { findAppliance } from '#store/appliances.ts';
import { Database } from '#store/database.ts';
import { insertResource, removeResource, type ResourceRow } from '#store/resources.ts';
import { temporaryFolder } from '../support/process.ts';

const BORN = instant(1_772_442_000_000);
const KEY =
  '/subscriptions/s/resourcegroups/g/providers/microsoft.databoxedge/databoxedgedevices/edge1';
const DEVICE: ResourceRow = {
  ...{ key: KEY, id: KEY, name: 'edge1', type: 'microsoft.databoxedge/databoxedgedevices' },
  ...{ parent: undefined, subscriptionId: 's', resourceGroup: '/subscriptions/s/resourcegroups/g' },
  ...{ body: {}, origin: undefined, incarnation: 'life1', revision: 1, isVisible: true },
  ...{ operationId: undefined, createdAt: BORN, changedAt: BORN, systemData: undefined },
};
const MACHINE: MachineHandle = {
  id: 'life1',
  spec: { sku: 'EdgeP_Base', nodeCount: 1, release: '2309', seed: 'test', createdAt: BORN },
  owner: { subscriptionId: 's', resourceKey: KEY, resourceId: KEY },
};
const ACTIVATE: Command = { kind: 'activate' };

const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** One process's view of the world in `folder`. */
async function open(
  t: TestContext,
  folder: string,
): Promise<{ database: Database; clock: Clock; fleet: Fleet }> {
  const database = await Database.open(folder);
  t.after(async () => database.close());
  const clock = await Clock.open(database, { startAt: BORN, rate: 60, isFrozen: true });
  return { database, clock, fleet: new Fleet(database, clock, pino({ level: 'silent' })) };
}

test('an idle machine is seen at once, until any process has written', async (t) => {
  const folder = await temporaryFolder(t);
  const here = await open(t, folder);
  const there = await open(t, folder);
  await here.database.write(async (writer) => insertResource(writer, DEVICE));
  const fresh = await here.fleet.overview(MACHINE);
  assert.equal(here.fleet.cachedOverview(MACHINE), fresh);
  assert.equal((await here.fleet.observe(MACHINE)).order, undefined);
  await there.fleet.command(MACHINE, 'c1', { kind: 'placeOrder' });
  // Others' commits are looked for once a turn of the event loop.
  await nextTurn();
  assert.equal(here.fleet.cachedOverview(MACHINE), undefined);
  for (const { fleet } of [here, there]) {
    assert.equal((await fleet.observe(MACHINE)).order!.history[0]!.state, 'Untracked');
  }
});

test('a busy machine is seen at once while the clock stands, and anew when it has gone on', async (t) => {
  const { database, clock, fleet } = await open(t, ':memory:');
  await database.write(async (writer) => insertResource(writer, DEVICE));
  await fleet.command(MACHINE, 'c1', ACTIVATE);
  const busy = await fleet.observe(MACHINE);
  assert.equal(await fleet.observe(MACHINE), busy);
  assert.equal(busy.at, BORN);
  const next = plus(BORN, milliseconds(1));
  await clock.set({ now: next });
  assert.equal((await fleet.observe(MACHINE)).at, next);
});

test('the overview of a busy machine is the same object until the end of a stage', async (t) => {
  const { database, clock, fleet } = await open(t, ':memory:');
  await database.write(async (writer) => insertResource(writer, DEVICE));
  await fleet.command(MACHINE, 'c1', ACTIVATE);
  const busy = await fleet.overview(MACHINE);
  assert.equal(busy.isActive, false);
  await clock.set({ now: plus(BORN, milliseconds(1)) });
  assert.equal(fleet.cachedOverview(MACHINE), busy);
  assert.equal(await fleet.overview(MACHINE), busy);
  await clock.set({ now: plus(BORN, hours(1)) });
  assert.equal(fleet.cachedOverview(MACHINE), undefined);
  assert.equal((await fleet.overview(MACHINE)).isActive, true);
});

test('nothing is left of a machine whose device goes before its first command', async (t) => {
  const { database, fleet } = await open(t, ':memory:');
  await database.write(async (writer) => insertResource(writer, DEVICE));
  await fleet.observe(MACHINE);
  await database.write(async (writer) => {
    await fleet.remove(writer, MACHINE.id);
    await removeResource(writer, KEY);
  });
  await assert.rejects(fleet.command(MACHINE, 'c1', ACTIVATE), /was removed/);
  assert.equal(await findAppliance(database, MACHINE.id), undefined);
  // Nor where another life of the device stands in its place.
  const again = { ...DEVICE, incarnation: 'life2' };
  await database.write(async (writer) => insertResource(writer, again));
  await assert.rejects(fleet.command(MACHINE, 'c2', ACTIVATE), /was removed/);
});
