/**
 * Two hundred weeks of a machine, drawn from seeds: all commands, faults, campaigns, restarts and jumps of the clock. Whatever happens,
 * what is seen has a cause, sums add up, nothing hangs once all is mended, and the same seed tells the same story however often the
 * process is started anew. A red run names its seed; `WEEKS_SEED` runs that one alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  type ApplianceState,
  type Change,
  createAppliance,
  nextDueAt,
  observationOf,
  overviewOf,
  overviewUnchangedUntil,
  readState,
  request,
  taskOf,
  writeState,
} from '#appliance/appliance.ts';
import { conditionsOf } from '#appliance/conditions.ts';
import type { Fact } from '#shared/facts.ts';
import { days, earlier, type Instant, instant, milliseconds, plus } from '#shared/instant.ts';
import { fraction } from '#shared/random.ts';
import { requestsOf, specFor } from '../appliance/drawn-requests.ts';

const COUNT = 200;
const SEEDS =
  process.env.WEEKS_SEED === undefined
    ? Array.from({ length: COUNT }, (_, index) => `week-${index}`)
    : [process.env.WEEKS_SEED];

/** How a week comes to each moment: at once, or in pieces with a restart after each. */
type Reach = (
  state: ApplianceState,
  to: Instant,
  take: (change: Change) => ApplianceState,
) => ApplianceState;

const atOnce: Reach = (state, to, take) => take(advance(state, to));

const withRestarts =
  (seed: string): Reach =>
  (state, to, take) => {
    let current = state;
    for (let piece = 0; piece < 3 && current.at < to; piece++) {
      const length = milliseconds((to - current.at) * fraction(seed, current.at, piece) + 1);
      current = readState(
        writeState(take(advance(current, earlier(to, plus(current.at, length))))),
      ).state;
    }
    return take(advance(current, to));
  };

interface Week {
  readonly state: ApplianceState;
  readonly facts: readonly Fact[];
  /** Ids of accepted commands that have not ended. */
  readonly open: readonly string[];
}

function weekOf(seed: string, reach: Reach): Week {
  const facts: Fact[] = [];
  const accepted = new Set<string>();
  const ended = new Set<string>();
  const take = (change: Change): ApplianceState => {
    facts.push(...change.facts);
    for (const { id } of change.endedTasks) ended.add(id);
    check(change.state, seed);
    return change.state;
  };
  let state = createAppliance(specFor(seed));
  for (const { at, ...asked } of requestsOf(seed)) {
    state = reach(state, at, take);
    if (ended.has(asked.id)) continue;
    const answer = request(state, asked, at);
    if ('refused' in answer) continue;
    accepted.add(asked.id);
    state = take(answer);
  }
  state = mended(state, take);
  const open = [...accepted].filter(
    (id) => !ended.has(id) || taskOf({ state, endedTasks: [] }, id) !== undefined,
  );
  return { state, facts, open };
}

/** The machine after everything about it was mended, and a long while has passed. */
function mended(before: ApplianceState, take: (change: Change) => ApplianceState): ApplianceState {
  let state = before;
  let count = 0;
  const put = (command: Parameters<typeof request>[1]['command']): void => {
    const answer = request(state, { id: `mend-${count++}`, command }, state.at);
    assert.ok(!('refused' in answer), JSON.stringify(answer));
    state = take(answer);
  };
  for (const { id } of state.campaigns ?? []) put({ kind: 'endCampaign', campaign: id });
  for (const { id } of state.faults) put({ kind: 'healFault', fault: id });
  return take(advance(state, plus(state.at, days(40))));
}

/** What holds at every moment. */
function check(state: ApplianceState, seed: string): void {
  const seen = observationOf(state);
  const conditions = conditionsOf(state);
  const known = new Set([
    ...state.faults.filter(({ hasBegun }) => hasBegun).map(({ id }) => `fault/${id}`),
    ...state.activities.map(({ id, cause }) => cause ?? `command/${id}`),
  ]);
  for (const { cause, kind } of conditions) {
    assert.ok(known.has(cause), `${seed}: ${kind} has no cause that is there`);
  }
  const isPassing = !['Online', 'ReadyToSetup'].includes(seen.status);
  assert.ok(!isPassing || conditions.length > 0, `${seed}: ${seen.status} has no cause`);
  const isWorking = state.activities.length > 0;
  for (const { status } of Object.values(seen.shares)) {
    assert.ok(status === 'OK' || isWorking, `${seed}: a share is ${status} and nothing runs`);
  }
  assert.ok(
    seen.cluster === undefined || seen.cluster.state === 'Created' || isWorking,
    `${seed}: the cluster is ${seen.cluster?.state ?? ''} and nothing runs`,
  );
  if (seen.capacity !== undefined) {
    const { totalMb, usedMb, freeMb } = seen.capacity.memory;
    assert.ok(Math.abs(usedMb + freeMb - totalMb) < 0.02, `${seed}: memory adds up`);
    assert.ok(seen.capacity.storage.freeMb <= seen.capacity.storage.totalMb);
    assert.equal(seen.capacity.gpu.used + seen.capacity.gpu.free, seen.capacity.gpu.total, seed);
  }
  const due = nextDueAt(state);
  assert.ok(due === undefined || due > state.at, `${seed}: what is due is in the future`);
}

test('in 200 weeks everything has a cause, everything ends, and nothing of what was mended is left', () => {
  for (const seed of SEEDS) {
    const { state, facts, open } = weekOf(seed, atOnce);
    assert.deepEqual(open, [], `${seed}: every accepted command ends`);
    assert.deepEqual([state.faults, state.campaigns], [[], undefined], seed);
    const seen = observationOf(state);
    assert.ok(['Online', 'ReadyToSetup'].includes(seen.status), `${seed}: ${seen.status}`);
    assert.ok(seen.hardware?.nodes.every(({ status }) => status === 'Up') ?? true, seed);
    assert.ok(seen.cluster?.nodes.every(({ isUp }) => isUp) ?? true, `${seed}: all VMs run`);
    assert.ok(
      facts.every(({ cause }) => cause !== undefined),
      `${seed}: every fact has its cause`,
    );
    const began = facts.filter(({ kind }) => kind === 'fault.began').length;
    const endedFaults = facts.filter(
      ({ kind, data }) => kind === 'fault.ended' && data.how !== 'called off',
    ).length;
    assert.equal(began, endedFaults, `${seed}: every fault that began has ended`);
  }
});

test('the overview of a machine is the same at each moment until it is said to change', () => {
  for (const seed of SEEDS.filter((_seed, index) => index % 2 === 1 || SEEDS.length === 1)) {
    const looked = new Set<ApplianceState>();
    weekOf(seed, (state, to, take) => {
      const next = take(advance(state, to));
      if (!looked.has(next)) checkOverview(next, seed);
      looked.add(next);
      return next;
    });
  }
});

/** Looks at the machine at drawn moments of the time in which its overview stays the same, the last one among them. */
function checkOverview(state: ApplianceState, seed: string): void {
  const overview = overviewOf(state);
  const until = earlier(overviewUnchangedUntil(state), plus(state.at, days(10)));
  const last = instant(until - 1);
  for (const share of [0.01, fraction(seed, state.at, 'look'), 0.5, 0.99]) {
    const at = instant(Math.floor(state.at + (last - state.at) * share));
    assert.deepEqual(overviewOf(advance(state, at).state), overview, `${seed}: at ${at}`);
  }
  assert.deepEqual(overviewOf(advance(state, last).state), overview, `${seed}: at ${last}`);
}

test('the same seed tells the same story, whenever the process is started anew', () => {
  for (const seed of SEEDS.filter((_seed, index) => index % 2 === 0)) {
    const one = weekOf(seed, atOnce);
    const other = weekOf(seed, withRestarts(seed));
    assert.deepEqual(other, one, seed);
  }
});

test('a week of faults is told in order, each fact after what brought it about', () => {
  for (const seed of SEEDS.slice(0, 50)) {
    const { facts } = weekOf(seed, atOnce);
    const begun = new Set<string>();
    let last = facts[0]?.at ?? 0;
    for (const { at, kind, cause, data } of facts) {
      assert.ok(at >= last, seed);
      last = at;
      if (kind === 'fault.injected') begun.add(`fault/${data.fault as string}`);
      if (cause?.startsWith('fault/') === true) assert.ok(begun.has(cause), `${seed}: ${cause}`);
    }
  }
});
