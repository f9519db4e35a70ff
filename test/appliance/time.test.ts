/**
 * The result doesn't depend on how time is cut: random sequences of commands are played with one jump between requests, in many
 * small steps with storage in between, and from timer to timer as the fleet does. A failure prints its seed.
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
import type { Fact } from '#shared/facts.ts';
import { days, earlier, type Instant, milliseconds, plus } from '#shared/instant.ts';
import { fraction } from '#shared/random.ts';
import { KINDS, requestsOf, SEEDS, specFor } from './drawn-requests.ts';

/** What happened to one machine, as a fleet would store it. */
class History {
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

type Reach = (state: ApplianceState, to: Instant, history: History) => ApplianceState;

interface Played {
  readonly outcome: string;
  readonly facts: readonly Fact[];
  /** Kinds of the commands that were not refused. */
  readonly accepted: readonly string[];
}

/** Plays the requests of a seed; `reach` advances the state to the moment of each. */
function played(seed: string, reach: Reach): Played {
  const history = new History();
  const refusals: string[] = [];
  let state = createAppliance(specFor(seed));
  const accepted: string[] = [];
  const asked = requestsOf(seed);
  for (const { at, ...rest } of asked) {
    state = reach(state, at, history);
    if (history.endedTasks.some((task) => task.id === rest.id)) continue;
    const answer = request(state, rest, at);
    if ('refused' in answer) {
      refusals.push(`${rest.id} ${answer.refused.message}`);
    } else {
      accepted.push(rest.command.kind);
      state = history.add(answer);
    }
    assert.ok(nextDueAt(state) === undefined || nextDueAt(state)! > state.at, seed);
    assert.deepEqual(readState(writeState(state)).state, state, seed);
  }
  const end = plus(asked.at(-1)!.at, days(20));
  state = history.add(advance(reach(state, end, history), end));
  const outcome = JSON.stringify([state, history, refusals, observationOf(state)]);
  return { outcome, facts: history.facts, accepted };
}

/** Leaves advancing to the request itself. */
const inOneJump: Reach = (state) => state;

/** In up to eight steps, with storing and reading the state after each. */
const inSmallSteps =
  (seed: string): Reach =>
  (state, to, history) => {
    let current = state;
    for (let step = 0; step < 8 && current.at < to; step++) {
      const left = to - current.at;
      const length = milliseconds(left * fraction(seed, current.at, step) * 0.6 + 1);
      const reached = history.add(advance(current, earlier(to, plus(current.at, length))));
      observationOf(reached);
      current = readState(writeState(reached)).state;
    }
    return current;
  };

/** As the fleet does: from one due moment to the next, and nothing changes in between. */
const byTimers: Reach = (state, to, history) => {
  let current = state;
  for (let due = nextDueAt(current); due !== undefined && due <= to; due = nextDueAt(current)) {
    const before = advance(current, plus(due, milliseconds(-1)));
    assert.deepEqual([before.facts, before.endedTasks, before.endedJobs], [[], [], []]);
    assert.deepEqual({ ...before.state, at: current.at }, current, 'nothing is stored before due');
    const reached = history.add(advance(current, due));
    assert.notDeepEqual({ ...reached, at: current.at }, current, 'what is due is stored');
    current = reached;
  }
  return current;
};

test('one jump, many small steps and timers give the same result', () => {
  for (const seed of SEEDS) {
    const { outcome } = played(seed, inOneJump);
    assert.equal(played(seed, inSmallSteps(seed)).outcome, outcome, `seed ${seed}`);
    assert.equal(played(seed, byTimers).outcome, outcome, `seed ${seed}`);
  }
});

/** Every kind of fact that a machine has. */
const FACTS: readonly string[] = [
  'alert.cleared',
  'alert.raised',
  'arc.connected',
  'arc.connecting',
  'arc.connectivityChanged',
  'arc.coreCountChanged',
  'arc.disconnected',
  'arc.upgraded',
  'bandwidthSchedule.changed',
  'bandwidthSchedule.created',
  'bandwidthSchedule.deleted',
  'campaign.began',
  'campaign.ended',
  'cluster.configured',
  'cluster.created',
  'cluster.creating',
  'cluster.deleted',
  'cluster.deleting',
  'cluster.masterMoved',
  'cluster.networkSet',
  'cluster.resized',
  'cluster.resizing',
  'cluster.upgraded',
  'container.changed',
  'container.created',
  'container.deleted',
  'container.refreshed',
  'fault.began',
  'fault.ended',
  'fault.injected',
  'iotEdge.changed',
  'iotEdge.installed',
  'iotEdge.removed',
  'machine.activated',
  'machine.activating',
  'machine.configured',
  'machine.configuring',
  'machine.diagnosticsFailed',
  'machine.passwordChanged',
  'machine.reset',
  'machine.statusChanged',
  'monitoring.changed',
  'monitoring.created',
  'monitoring.deleted',
  'node.stateChanged',
  'order.canceled',
  'order.collected',
  'order.declined',
  'order.delivered',
  'order.lost',
  'order.placed',
  'order.replacementRequested',
  'order.returnInitiated',
  'order.shipped',
  'role.changed',
  'role.created',
  'role.deleted',
  'share.changed',
  'share.created',
  'share.deleted',
  'share.refreshed',
  'storageAccount.changed',
  'storageAccount.created',
  'storageAccount.deleted',
  'storageAccountCredential.changed',
  'storageAccountCredential.created',
  'storageAccountCredential.deleted',
  'support.logCollectionChanged',
  'support.packageCollected',
  'support.sessionsChanged',
  'transfer.rateChanged',
  'trigger.changed',
  'trigger.created',
  'trigger.deleted',
  'update.downloaded',
  'update.downloading',
  'update.failed',
  'update.installed',
  'update.scanned',
  'user.changed',
  'user.created',
  'user.deleted',
];

test('the sequences reach every kind of command and of fact', () => {
  const facts = new Set<string>();
  const accepted = new Set<string>();
  for (const seed of SEEDS) {
    const result = played(seed, inOneJump);
    for (const fact of result.facts) facts.add(fact.kind);
    for (const kind of result.accepted) accepted.add(kind);
  }
  assert.deepEqual([...accepted].sort(), KINDS.toSorted());
  assert.deepEqual([...facts].sort(), FACTS);
});
