/**
 * However time is cut, the same comes out: seeded random sequences of commands, played once in one jump between requests and
 * once in many small steps, with a JSON round trip at each. A red run prints its seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  type ApplianceState,
  type Change,
  createAppliance,
  type EndedJob,
  type EndedTask,
  nextDueAt,
  observationOf,
  readState,
  request,
  writeState,
} from '#appliance/appliance.ts';
import type { Command, MachineSpec, Request } from '#appliance/commands.ts';
import type { Fact } from '#shared/facts.ts';
import { days, earlier, type Instant, milliseconds, plus } from '#shared/instant.ts';
import { fraction, wholeNumber } from '#shared/random.ts';
import { specOf } from './machine.ts';

interface Asked extends Request {
  readonly at: Instant;
}

const COMMANDS: readonly ((draw: string) => Command)[] = [
  () => ({ kind: 'activate' }),
  () => ({ kind: 'activate' }),
  () => ({ kind: 'placeOrder' }),
  () => ({ kind: 'cancelOrder' }),
  () => ({ kind: 'returnMachine' }),
  (draw) => ({ kind: 'createCluster', role: nameOf(draw, 'role') }),
  (draw) => ({ kind: 'createCluster', role: nameOf(draw, 'role') }),
  (draw) => ({ kind: 'configureCluster', role: nameOf(draw, 'role') }),
  (draw) => ({ kind: 'deleteCluster', role: nameOf(draw, 'role') }),
  (draw) => ({
    kind: 'connectArc',
    addon: nameOf(draw, 'addon'),
    role: nameOf(draw, 'role'),
    connectedClusterId: '/cluster',
  }),
  (draw) => ({ kind: 'disconnectArc', addon: nameOf(draw, 'addon') }),
  (draw) => ({
    kind: 'putShare',
    share: nameOf(draw, 'share'),
    protocol: 'SMB',
    dataPolicy: fraction(draw, 'policy') < 0.8 ? 'Cloud' : 'Local',
  }),
  (draw) => ({ kind: 'deleteShare', share: nameOf(draw, 'share') }),
  (draw) => ({ kind: 'refreshShare', share: nameOf(draw, 'share'), job: `job-${draw}` }),
  (draw) => ({ kind: 'putUser', user: nameOf(draw, 'user'), userType: 'Share' }),
  (draw) => ({ kind: 'deleteUser', user: nameOf(draw, 'user') }),
  (draw) => ({ kind: 'putBandwidthSchedule', schedule: nameOf(draw, 'schedule') }),
  (draw) => ({ kind: 'deleteBandwidthSchedule', schedule: nameOf(draw, 'schedule') }),
  (draw) => ({ kind: 'scanForUpdates', job: `job-${draw}` }),
  (draw) => ({ kind: 'downloadUpdates', job: `job-${draw}` }),
  (draw) => ({ kind: 'installUpdates', job: `job-${draw}` }),
  (draw) => (fraction(draw, 'reset') < 0.3 ? { kind: 'reset' } : { kind: 'placeOrder' }),
];

const nameOf = (draw: string, what: string): string => `${what}-${wholeNumber(1, 2, draw, what)}`;

function specFor(seed: string): MachineSpec {
  const releases = ['2210', '2309', '2309', '2403', '2510'];
  return specOf({
    seed,
    sku: fraction(seed, 'sku') < 0.9 ? 'EdgeP_Base' : 'Edge',
    nodeCount: fraction(seed, 'nodes') < 0.6 ? 1 : 2,
    release: releases[wholeNumber(0, releases.length - 1, seed, 'release')]!,
  });
}

/** Sixty requests, some with an id used before; mostly minutes apart, sometimes seconds or days. */
function requestsOf(seed: string): readonly Asked[] {
  let at = specFor(seed).createdAt;
  return Array.from({ length: 60 }, (_, index) => {
    const draw = `${seed}-${index}`;
    const scale = [1_000, 60_000, 60_000 * 20, 60_000 * 90, days(2)];
    const step = scale[wholeNumber(0, scale.length - 1, draw, 'scale')]!;
    at = plus(at, milliseconds(fraction(draw, 'step') * step));
    const command = COMMANDS[wholeNumber(0, COMMANDS.length - 1, draw, 'command')]!(draw);
    const repeats = fraction(draw, 'repeat') < 0.1 && index > 0;
    return { id: `request-${repeats ? index - 1 : index}`, command, at };
  });
}

/** What happened to one machine, as a fleet that keeps everything would store it. */
class Record {
  readonly facts: Fact[] = [];
  readonly endedTasks: EndedTask[] = [];
  endedJobs: EndedJob[] = [];

  add(change: Change): ApplianceState {
    this.facts.push(...change.facts);
    this.endedTasks.push(...change.endedTasks);
    this.endedJobs = [...(change.wipesJobs ? [] : this.endedJobs), ...change.endedJobs];
    return change.state;
  }
}

type Reach = (state: ApplianceState, to: Instant, record: Record) => ApplianceState;

/** Plays the requests; `reach` brings the state to the moment of each. What came out, as text. */
function played(seed: string, reach: Reach): { outcome: string; facts: Fact[]; accepted: number } {
  const record = new Record();
  const refusals: string[] = [];
  let state = createAppliance(specFor(seed));
  let accepted = 0;
  const asked = requestsOf(seed);
  for (const { at, ...rest } of asked) {
    state = reach(state, at, record);
    if (record.endedTasks.some((task) => task.id === rest.id)) continue;
    const answer = request(state, rest, at);
    if ('refused' in answer) {
      refusals.push(`${rest.id} ${answer.refused.message}`);
    } else {
      accepted++;
      state = record.add(answer);
    }
    assert.ok(nextDueAt(state) === undefined || nextDueAt(state)! > state.at, seed);
    assert.deepEqual(readState(writeState(state)).state, state, seed);
  }
  const end = plus(asked.at(-1)!.at, days(20));
  state = record.add(advance(reach(state, end, record), end));
  const outcome = JSON.stringify([state, record, refusals, observationOf(state)]);
  return { outcome, facts: record.facts, accepted };
}

/** Leaves it to the request itself. */
const inOneJump: Reach = (state) => state;

/** In up to twenty steps, through storage each time. */
const inSmallSteps =
  (seed: string): Reach =>
  (state, to, record) => {
    let current = state;
    for (let step = 0; step < 20 && current.at < to; step++) {
      const left = to - current.at;
      const length = milliseconds(left * fraction(seed, current.at, step) * 0.4 + 1);
      const reached = record.add(advance(current, earlier(to, plus(current.at, length))));
      observationOf(reached);
      current = readState(writeState(reached)).state;
    }
    return current;
  };

/** As the fleet does: from one due moment to the next, nothing happening in between. */
const byTimers: Reach = (state, to, record) => {
  let current = state;
  for (let due = nextDueAt(current); due !== undefined && due <= to; due = nextDueAt(current)) {
    const before = advance(current, plus(due, milliseconds(-1)));
    assert.deepEqual([before.facts, before.endedTasks, before.endedJobs], [[], [], []]);
    assert.deepEqual({ ...before.state, at: current.at }, current, 'nothing is stored before due');
    const reached = record.add(advance(current, due));
    assert.notDeepEqual({ ...reached, at: current.at }, current, 'what is due is stored');
    current = reached;
  }
  return current;
};

const SEEDS = Array.from({ length: 150 }, (_, index) => `time-${index}`);

test('one jump, many small steps and timers come to the same', () => {
  for (const seed of SEEDS) {
    const { outcome } = played(seed, inOneJump);
    assert.equal(played(seed, inSmallSteps(seed)).outcome, outcome, `seed ${seed}`);
    assert.equal(played(seed, byTimers).outcome, outcome, `seed ${seed}`);
  }
});

test('the sequences do reach every kind of fact', () => {
  const kinds = new Set<string>();
  let accepted = 0;
  for (const seed of SEEDS) {
    const result = played(seed, inOneJump);
    accepted += result.accepted;
    for (const fact of result.facts) kinds.add(fact.kind);
  }
  assert.ok(accepted > SEEDS.length * 20, String(accepted));
  for (const kind of [
    'machine.activated',
    'machine.statusChanged',
    'machine.reset',
    'order.placed',
    'order.canceled',
    'order.shipped',
    'order.delivered',
    'order.returnInitiated',
    'cluster.creating',
    'cluster.created',
    'cluster.configured',
    'cluster.deleting',
    'cluster.deleted',
    'arc.connecting',
    'arc.connected',
    'arc.disconnected',
    'share.created',
    'share.refreshed',
    'share.deleted',
    'user.created',
    'bandwidthSchedule.created',
    'update.scanned',
    'update.downloaded',
    'update.installed',
  ]) {
    assert.ok(kinds.has(kind), kind);
  }
});
