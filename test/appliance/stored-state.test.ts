/**
 * Stored states: those of earlier releases are read and continue as they would have on that release; anything else is refused.
 * The samples in `stored/` were written by a release with that format and are never written again.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  advance,
  endedTaskOf,
  nextDueAt,
  observationOf,
  readState,
  taskOf,
  UnreadableStateError,
  writeState,
} from '#appliance/appliance.ts';
import type { Task } from '#appliance/commands.ts';
import type { Observation } from '#appliance/observation.ts';
import type { Fact } from '#shared/facts.ts';
import { days, plus } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { Machine } from './machine.ts';

interface Sample {
  readonly state: JsonObject;
  /** Its observation by that release. */
  readonly observation: Observation & { readonly tasks: Readonly<Record<string, Task>> };
  /** The facts of the following ten days, by that release. */
  readonly factsOfTenDays: readonly Fact[];
}

const format1 = JSON.parse(
  readFileSync(new URL('stored/format-1.json', import.meta.url), 'utf8'),
) as Sample;

const format2 = JSON.parse(
  readFileSync(new URL('stored/format-2.json', import.meta.url), 'utf8'),
) as Sample;

const format3 = JSON.parse(
  readFileSync(new URL('stored/format-3.json', import.meta.url), 'utf8'),
) as Sample;

const format4 = JSON.parse(
  readFileSync(new URL('stored/format-4.json', import.meta.url), 'utf8'),
) as Sample;

/** Daily scans came later. */
const isDailyScan = ({ kind, cause }: Fact): boolean =>
  /^update\.(scanned|failed)$/.test(kind) && cause === 'clock';

/** An observation without the memory that VMs may have: of two nodes half is kept free since. */
const withoutRoom = <T extends Pick<Observation, 'capacity'>>({ capacity, ...seen }: T) => ({
  ...seen,
  capacity: {
    ...capacity,
    hosts: capacity?.hosts.map(({ availableMemoryMb: _availableMemoryMb, ...host }) => host),
  },
});

/** An observation without what these releases did not show: the witness, and when the machine last scanned. */
const withoutNews = <T extends Pick<Observation, 'updates' | 'witness' | 'capacity'>>({
  witness: _witness,
  ...seen
}: T) => {
  const { lastScanAt: _lastScanAt, ...updates } = seen.updates;
  return { ...withoutRoom(seen), updates };
};

/** The rate of transfers came later. */
const isRate = ({ kind }: Fact): boolean => kind === 'transfer.rateChanged';

/** What these releases told: facts of nodes, alerts and Arc's connectivity, and causes, came later. */
const toldThen = (facts: readonly Fact[]): readonly object[] =>
  facts
    .filter((fact) => !isDailyScan(fact) && !isRate(fact))
    .filter(({ kind }) => !/^(node|alert)\.|^arc\.connectivityChanged$|masterMoved$/.test(kind))
    .map(({ at, kind, data }) => ({ at, kind, data }));

/** Observed cluster nodes as releases showed them that did not say whether their VMs run. */
const withoutState = (nodes: Observation['cluster']): unknown =>
  nodes?.nodes.map(({ isUp: _isUp, gpuCount: _gpuCount, ...node }) => node);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('format 1 is read without loss: observation, tasks, jobs, and everything that is still due', () => {
  const { state, endedTasks, endedJobs } = readState(JSON.stringify(format1.state));
  const { tasks, jobs, ...seen } = format1.observation;
  const { jobs: jobsInState, ...seenNow } = observationOf(state);
  // What is seen of a cluster since then: its beginning, where none is stored that of the machine, its parts and GPUs.
  const cluster = {
    ...seen.cluster,
    createdAt: state.spec.createdAt,
    parts: seenNow.cluster?.parts,
    gpuCount: seenNow.cluster?.gpuCount,
  };
  const clusterNow = { ...seenNow.cluster, nodes: withoutState(seenNow.cluster) };
  assert.deepEqual(
    plain(withoutNews({ ...seenNow, cluster: clusterNow })),
    plain(withoutRoom({ ...seen, cluster })),
  );
  const ended = Object.fromEntries(endedJobs.map(({ name, job }) => [name, job]));
  assert.deepEqual(plain({ ...jobsInState, ...ended }), jobs);
  assert.ok(Object.keys(jobsInState).length < Object.keys(jobs).length);
  for (const [id, task] of Object.entries(tasks)) {
    // Failures have a kind since; those of format 1 get the one that they would have today.
    const expected =
      task.state === 'failed' ? { ...task, failure: { ...task.failure, kind: 'invalid' } } : task;
    assert.deepEqual(taskOf({ state, endedTasks }, id), expected, id);
  }
  assert.equal(endedTasks.map(endedTaskOf).filter((task) => task.state === 'failed').length, 1);
  const { facts } = advance(state, plus(state.at, days(10)));
  assert.deepEqual(toldThen(facts), format1.factsOfTenDays);
});

test('format 2 is read without loss, in the middle of an update that makes the machine unreachable', () => {
  const { state } = readState(JSON.stringify(format2.state));
  const seen = observationOf(state);
  assert.equal(seen.status, format2.state.status);
  const cluster = { ...seen.cluster, nodes: withoutState(seen.cluster) };
  assert.deepEqual(
    plain(withoutNews({ ...seen, cluster })),
    plain(withoutRoom(format2.observation)),
  );
  assert.ok(nextDueAt(state)! > state.at, 'what has passed is not told again');
  const { facts } = advance(state, plus(state.at, days(10)));
  assert.deepEqual(toldThen(facts), format2.factsOfTenDays);
  const changes = facts.filter(({ kind }) => kind === 'arc.connectivityChanged');
  assert.deepEqual(changes[0]?.data, { addon: 'arc', from: 'Offline', to: 'Connected' });
});

test('format 3 is read without loss, with faults that last and are to come; it scans daily from then on', () => {
  const { state } = readState(JSON.stringify(format3.state));
  assert.equal(observationOf(state).witness?.type, 'Cloud');
  assert.deepEqual(
    plain(withoutNews(observationOf(state))),
    plain(withoutRoom(format3.observation)),
  );
  const { facts } = advance(state, plus(state.at, days(10)));
  const scans = facts.filter(isDailyScan);
  assert.deepEqual(
    facts.filter((fact) => !isDailyScan(fact)),
    format3.factsOfTenDays,
  );
  assert.deepEqual(scans, [], 'its update is known already');
  assert.ok(observationOf(advance(state, plus(state.at, days(10))).state).updates.lastScanAt);
});

test('format 4 is read without loss: its bandwidth schedules, of which it has the names alone, limit nothing', () => {
  const { state } = readState(JSON.stringify(format4.state));
  assert.deepEqual(
    plain(withoutRoom(observationOf(state))),
    plain(withoutRoom(format4.observation)),
  );
  assert.deepEqual(state.bandwidthSchedules, [{ name: 'nights' }, { name: 'days' }]);
  const { facts } = advance(state, plus(state.at, days(10)));
  assert.deepEqual(
    facts.filter((fact) => !isRate(fact)),
    format4.factsOfTenDays,
  );
  assert.equal(facts.filter(isRate).length, 4, 'both transfers begin and end');
  const withoutList = { ...format4.state, bandwidthSchedules: 'nights' };
  assert.throws(() => readState(withoutList), /bandwidthSchedules is not a list/);
});

test('format 1 as the first release wrote it, without roles, accounts, support and needs', () => {
  const { state } = format1;
  const early: JsonObject = { ...state };
  for (const member of [
    ...['credentials', 'storageAccounts', 'triggers', 'roles', 'monitoredRoles'],
    ...['support', 'password', 'iotEdge'],
  ]) {
    delete early[member];
  }
  early.shares = [{ name: 'data', protocol: 'SMB', dataPolicy: 'Cloud' }];
  const seen = observationOf(readState(early).state);
  assert.deepEqual(Object.keys(seen.shares), ['data']);
  assert.deepEqual(seen.support, { collectsLogs: true, sessions: [] });
});

test('a state in the present format is read as it was written', () => {
  const { state } = Machine.withArc();
  const text = writeState(state);
  assert.match(text, /^\{"format":5,/);
  assert.deepEqual(readState(text), { state, endedTasks: [], endedJobs: [] });
  const { state: read } = readState(writeState(readState(format1.state).state));
  assert.equal(nextDueAt(read), nextDueAt(readState(format1.state).state));
});

const refusedAs = (stored: unknown, reason: RegExp): void => {
  assert.throws(
    () => readState(stored),
    (error) => error instanceof UnreadableStateError && reason.test(error.message),
    String(reason),
  );
};

test('anything else, or the state of a later release, is refused with the reason', () => {
  refusedAs('', /it is not JSON/);
  refusedAs('[]', /it is not a JSON object/);
  refusedAs(null, /it is not a JSON object/);
  refusedAs({ format: 6 }, /its format is 6; this release reads formats 1 to 5/);
  refusedAs({ format: '2' }, /its format is "2"/);
});

test('a state without one of its members, or with one of another kind, is refused', () => {
  const { state } = readState(format1.state);
  const whole = JSON.parse(writeState(state)) as JsonObject;
  const optional = ['format', 'order', 'cluster', 'arc', 'iotEdge', 'password'];
  for (const member of Object.keys(whole)) {
    refusedAs({ ...whole, [member]: [null] }, new RegExp(member));
    const { [member]: _left, ...rest } = whole;
    if (member === 'format') continue;
    if (optional.includes(member)) assert.doesNotThrow(() => readState(rest), member);
    else refusedAs(rest, new RegExp(`${member} is not`));
  }
  assert.ok(isJsonObject(whole.spec));
  const { createdAt: _at, ...spec } = whole.spec;
  refusedAs({ ...whole, spec }, /spec\.createdAt is not a number/);
});

test('an activity that this release can’t continue is refused', () => {
  const { state } = readState(format1.state);
  const whole = JSON.parse(writeState(state)) as JsonObject;
  const [first] = whole.activities as [JsonObject];
  const withFirst = (changed: JsonObject) => ({ ...whole, activities: [{ ...first, ...changed }] });
  refusedAs(withFirst({ command: { kind: 'fly' } }), /activities\[0\]\.command\.kind is not/);
  refusedAs(withFirst({ command: { kind: 'constructor' } }), /command\.kind is not/);
  refusedAs(withFirst({ stages: [] }), /one end for each stage/);
  refusedAs(withFirst({ schedule: {} }), /activities\[0\]\.schedule\.startedAt is not a number/);
});
