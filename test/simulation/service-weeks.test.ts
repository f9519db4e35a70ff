/**
 * Two hundred weeks of devices in the whole service, drawn from seeds: requests to ARM, faults and campaigns over control, jumps of the
 * clock. Each world is told twice: at once, and in pieces with restarts of the service between them. Both come to the same journal and
 * show the same; whatever happens meanwhile has a cause, what is used and what is free add up, and once all is mended everything that was
 * accepted has ended. A red run names its world; `WEEKS_SEED` runs that one alone.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import supertest from 'supertest';
import type { Service } from '#src/app.ts';
import { days, type Duration, milliseconds, minutes } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { ArmClient, DEVICE, propertiesOf, SUBSCRIPTION, textOf } from '../support/arm-client.ts';
import { drawsOf } from '../support/draws.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { actOf, type Act, type Subject } from './week-acts.ts';
import { inSimulatedOrder } from './world.ts';

const WORLDS = 8;
const DEVICES = 25;
const ACTS_OF_DEVICE = 9;
const WEEK = days(7);
/** The longest journey of an order is over then, too. */
const AFTERWARDS = days(21);
const SEEDS =
  process.env.WEEKS_SEED === undefined
    ? Array.from({ length: WORLDS }, (_, index) => `world-${index}`)
    : [process.env.WEEKS_SEED];

/** How time passes in a telling. */
interface Manner {
  /** Pieces that each span is cut into. */
  readonly pieces: number;
  /** One act in so many is followed by a restart; undefined: none is. */
  readonly restartOnceIn?: number;
}

interface Told {
  /** What was answered to each act. */
  readonly answers: readonly string[];
  readonly facts: readonly JsonObject[];
  readonly seen: readonly unknown[];
  /** Kinds of commands that machines were given. */
  readonly commands: ReadonlySet<string>;
}

/** A world that is being told, with the service that it has now. */
class World {
  readonly #test: TestContext;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #manner: Manner;
  #service: Awaited<ReturnType<typeof startService>> | undefined;

  constructor(context: TestContext, settings: Readonly<Record<string, string>>, manner: Manner) {
    this.#test = context;
    this.#settings = settings;
    this.#manner = manner;
  }

  async service(): Promise<Service> {
    return (this.#service ??= await startService(this.#test, this.#settings)).service;
  }

  /** A client whose requests carry the same correlation id in each telling. */
  async arm(act: string | number): Promise<ArmClient> {
    const { door, pump } = await this.service();
    const agent = supertest.agent(door.server);
    agent.set('x-ms-correlation-request-id', guid('correlation', act));
    return new ArmClient(agent, async (length) => pump.advance(length));
  }

  async restart(): Promise<void> {
    await this.#service?.service.close();
    this.#service = undefined;
  }

  async pass(length: Duration): Promise<void> {
    const { pieces } = this.#manner;
    const piece = milliseconds(Math.floor(length / pieces));
    const { pump } = await this.service();
    for (let count = 1; count < pieces; count++) await pump.advance(piece);
    await pump.advance(milliseconds(length - piece * (pieces - 1)));
  }
}

/** Tells the world of that seed. */
async function tell(context: TestContext, seed: string, manner: Manner): Promise<Told> {
  const settings = { EDGETWIN_SEED: seed, EDGETWIN_DATA: await temporaryFolder(context) };
  const world = new World(context, settings, manner);
  const first = await world.arm('begin');
  const subjects = await begin(first);
  const kinds = (await first.get('/_edgetwin/faults/kinds')).value as JsonObject[];
  const names = kinds.map(({ kind }) => textOf(kind));
  const answers: string[] = [];
  const counts = new Map<number, number>();
  let passed = 0;
  for (const [index, { at, subject }] of scheduleOf(seed, subjects).entries()) {
    await world.pass(milliseconds(at - passed));
    passed = at;
    const arm = await world.arm(index);
    const count = counts.get(subject.number) ?? 0;
    counts.set(subject.number, count + 1);
    const act = actOf({ ...subject, count }, names, drawsOf(seed, index));
    answers.push(await carriedOut(arm, subject, act));
    await check(world, { arm, id: subject.id }, `${seed}, act ${index}`);
    if (manner.restartOnceIn !== undefined && index % manner.restartOnceIn === 0) {
      await world.restart();
    }
  }
  const commands = await commandsIn(await world.service());
  await mend(await world.arm('mend'), subjects);
  await world.pass(AFTERWARDS);
  const arm = await world.arm('end');
  await checkOperations(await world.service(), seed);
  await checkEnd(arm, subjects, seed);
  const facts = inSimulatedOrder(await arm.all(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`));
  const seen = await seenBy(arm, subjects);
  await world.restart();
  return { answers, facts, seen, commands };
}

/** All devices, active. */
async function begin(arm: ArmClient): Promise<readonly Subject[]> {
  const subjects = Array.from({ length: DEVICES }, (_, number) => ({
    id: `${DEVICE}-${number}`,
    number,
  }));
  for (const { id } of subjects) await arm.activeDevice({}, id);
  return subjects;
}

/** Which device is next, and how long after the beginning. */
function scheduleOf(
  seed: string,
  subjects: readonly Subject[],
): readonly { readonly at: number; readonly subject: Subject }[] {
  return subjects
    .flatMap((subject) =>
      Array.from({ length: ACTS_OF_DEVICE }, (_, count) => {
        const draws = drawsOf(`${seed} ${subject.number}`, count);
        return { at: draws.upTo(WEEK / minutes(1)) * minutes(1) + 1, subject };
      }),
    )
    .sort((one, other) => one.at - other.at);
}

/** Sends it; its status, and the code of a refusal. */
async function carriedOut(arm: ArmClient, { id }: Subject, act: Act): Promise<string> {
  const path = act.isOfControl === true ? act.path : act.path === '' ? id : `${id}/${act.path}`;
  const { status, body } = await arm.call(act.method, path, act.body);
  assert.ok(status < 500, `${act.method} ${path}: ${JSON.stringify(body)}`);
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  return `${act.method} ${path}: ${status} ${JSON.stringify(error.code ?? '')}`;
}

const USUAL = ['Online', 'ReadyToSetup'];

/** What holds of a device at every moment. */
async function check(
  world: World,
  { arm, id }: { readonly arm: ArmClient; readonly id: string },
  when: string,
): Promise<void> {
  const device = await arm.call('get', id);
  if (device.status === 404) return;
  const { dataBoxEdgeDeviceStatus: status } = propertiesOf(device.body as JsonObject);
  if (!USUAL.includes(textOf(status))) {
    const { chain } = await arm.get(`/_edgetwin/explain?resource=${id}`);
    const causes = (chain as JsonObject[]).map(({ story }) => textOf(story));
    assert.ok(causes.length > 1, `${when}: ${textOf(status)} has no cause: ${causes.join('; ')}`);
  }
  await checkSums(arm, id, when);
  const { value } = await arm.get(`${id}/shares`);
  for (const share of value as JsonObject[]) {
    const { shareStatus } = propertiesOf(share);
    const isWorking = shareStatus === 'OK' || (await hasOpenOperation(world, id));
    assert.ok(isWorking, `${when}: a share is ${textOf(shareStatus)}, and nothing runs`);
  }
}

/** Whether an operation of the device, or of what is below it, has not ended. */
async function hasOpenOperation(world: World, id: string): Promise<boolean> {
  const { database } = await world.service();
  const open = await database.reader
    .selectFrom('operations')
    .select('resource_key')
    .where('ended_at', 'is', null)
    .execute();
  return open.some(({ resource_key: key }) => `${key}/`.startsWith(`${id.toLowerCase()}/`));
}

async function checkSums(arm: ArmClient, id: string, when: string): Promise<void> {
  const { status, body } = await arm.call('get', `${id}/deviceCapacityInfo/default`);
  if (status !== 200) return;
  const info = propertiesOf(body as JsonObject).clusterComputeCapacityInfo;
  if (!isJsonObject(info)) return;
  const { gpuUsedUnitsCount, gpuFreeUnitsCount, gpuTotalUnitsCount } = info.gpuCapacity as Record<
    string,
    number
  >;
  assert.equal((gpuUsedUnitsCount ?? 0) + (gpuFreeUnitsCount ?? 0), gpuTotalUnitsCount, when);
  const memory = info.memoryCapacity as Record<string, number>;
  const { clusterFreeMemoryMb, clusterUsedMemoryMb, clusterTotalMemoryMb } = memory;
  const sum = (clusterFreeMemoryMb ?? 0) + (clusterUsedMemoryMb ?? 0);
  assert.ok(Math.abs(sum - (clusterTotalMemoryMb ?? 0)) < 0.02, `${when}: memory adds up`);
}

/** Ends campaigns and heals faults. */
async function mend(arm: ArmClient, subjects: readonly Subject[]): Promise<void> {
  for (const { id } of subjects) {
    for (const path of ['/_edgetwin/faults/campaigns', '/_edgetwin/faults']) {
      const list = await arm.call('get', `${path}?resource=${id}`);
      if (list.status === 404) continue;
      for (const one of (list.body as { value: JsonObject[] }).value) {
        const ended = await arm.call('delete', `${path}/${textOf(one.id)}`);
        assert.equal(ended.status, 200, JSON.stringify(ended.body));
      }
    }
  }
}

/** The kinds of commands that ended within the last week, or run. */
async function commandsIn({ database }: Service): Promise<ReadonlySet<string>> {
  const rows = await database.reader.selectFrom('appliance_tasks').select('id').execute();
  return new Set(rows.map(({ id }) => id.slice(id.lastIndexOf('/') + 1)));
}

async function checkOperations({ database }: Service, seed: string): Promise<void> {
  const open = await database.reader
    .selectFrom('operations')
    .select(['id', 'verb', 'resource_key'])
    .where('ended_at', 'is', null)
    .execute();
  assert.deepEqual(open, [], `${seed}: every operation has ended`);
}

/** Whatever was accepted has ended once, and nothing of what was mended is left. */
async function checkEnd(arm: ArmClient, subjects: readonly Subject[], seed: string): Promise<void> {
  const facts = await arm.all(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`);
  const idsOf = (...kinds: string[]): string[] =>
    facts
      .filter(({ kind }) => kinds.includes(textOf(kind)))
      .map(({ data }) => textOf((data as JsonObject).operation))
      .sort();
  assert.deepEqual(
    idsOf('operation.succeeded', 'operation.failed'),
    idsOf('operation.accepted'),
    `${seed}: each ends once`,
  );
  const faults = (...kinds: string[]): unknown[] =>
    facts
      .filter(({ kind, data }) => {
        const isCalledOff = (data as JsonObject).how === 'called off';
        return kinds.includes(textOf(kind)) && !isCalledOff;
      })
      .map(({ data }) => (data as JsonObject).fault)
      .sort();
  const gone = new Set<string>();
  for (const { id } of subjects) {
    const { status, body } = await arm.call('get', id);
    if (status === 404) gone.add(id);
    else {
      const { dataBoxEdgeDeviceStatus } = propertiesOf(body as JsonObject);
      assert.ok(
        USUAL.includes(textOf(dataBoxEdgeDeviceStatus)),
        `${seed}: ${JSON.stringify(body)}`,
      );
      await checkSums(arm, id, `${seed}, at the end`);
    }
  }
  if (gone.size === 0) assert.deepEqual(faults('fault.ended'), faults('fault.began'), seed);
  for (const { cause, kind } of facts) {
    assert.match(
      textOf(cause),
      /^(operation|request|command|fault|campaign|clock)\b/,
      textOf(kind),
    );
  }
}

/** All that there is to be seen of the devices. */
async function seenBy(arm: ArmClient, subjects: readonly Subject[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const { id } of subjects) {
    for (const below of ['', '/roles', '/shares', '/users', '/alerts', '/nodes', '/orders']) {
      const { status, body } = await arm.call('get', `${id}${below}`);
      seen.push([status, body]);
    }
    seen.push((await arm.call('get', `${id}/updateSummary/default`)).body);
  }
  return seen;
}

/** Kinds of commands that ARM gives; those of faults and of the local interface are in the machine's own weeks. */
const COMMANDS: readonly string[] = [
  ...['createCluster', 'deleteCluster', 'connectArc', 'disconnectArc', 'installIotEdge'],
  ...['removeIotEdge', 'putRole', 'deleteRole', 'putMonitoring', 'deleteMonitoring', 'putShare'],
  ...['deleteShare', 'refreshShare', 'putCredential', 'deleteCredential', 'putStorageAccount'],
  ...['deleteStorageAccount', 'putContainer', 'deleteContainer', 'refreshContainer', 'putTrigger'],
  ...['deleteTrigger', 'putUser', 'deleteUser', 'putBandwidthSchedule', 'deleteBandwidthSchedule'],
  ...['changePassword', 'setLogCollection', 'setRemoteSupport', 'triggerSupportPackage'],
  ...['checkCapacity', 'scanForUpdates', 'downloadUpdates', 'installUpdates', 'placeOrder'],
];

describe('weeks of devices in the whole service', () => {
  const played = new Set<string>();
  for (const seed of SEEDS) {
    test(`${seed}: told at once, and in pieces with restarts, it is one story`, async (t) => {
      const once = await tell(t, seed, { pieces: 1 });
      const other = await tell(t, seed, { pieces: 3, restartOnceIn: 25 });
      assert.deepEqual(other.answers, once.answers);
      assert.deepEqual(other.facts, once.facts);
      assert.deepEqual(other.seen, once.seen);
      for (const kind of once.commands) played.add(kind);
    });
  }

  test('every kind of command that ARM gives a machine is among them', () => {
    if (SEEDS.length === 1) return;
    assert.deepEqual(
      COMMANDS.filter((kind) => !played.has(kind)),
      [],
    );
  });
});
