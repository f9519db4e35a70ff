import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  type ApplianceState,
  createAppliance,
  nextDueAt,
  observationOf,
  request,
  taskOf,
} from '#appliance/appliance.ts';
import type { Command } from '#appliance/commands.ts';
import { days, instant, minutes, plus } from '#shared/instant.ts';
import { BORN_AT, CONNECT, CONNECTED_CLUSTER, Machine, specOf } from './machine.ts';

const UNCHANGED = { facts: [], endedTasks: [], endedJobs: [], wipesJobs: false } as const;

/** The machine's part of the story in the README. */
const STORY: readonly Command[] = [
  { kind: 'placeOrder' },
  { kind: 'activate' },
  { kind: 'putUser', user: 'ann', userType: 'Share' },
  { kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' },
  { kind: 'createCluster', role: 'k8s' },
  CONNECT,
  { kind: 'putBandwidthSchedule', schedule: 'nights' },
  { kind: 'refreshShare', share: 'data', job: 'refresh' },
  { kind: 'scanForUpdates', job: 'scan' },
  { kind: 'downloadUpdates', job: 'download' },
  { kind: 'installUpdates', job: 'install' },
  { kind: 'disconnectArc', addon: 'arc' },
  { kind: 'deleteCluster', role: 'k8s' },
  { kind: 'deleteShare', share: 'data' },
];

function playedStory(seed: string): Machine {
  const machine = new Machine({ seed });
  for (const command of STORY) machine.do(command);
  machine.pass(days(10));
  machine.do({ kind: 'returnMachine' });
  machine.do({ kind: 'reset' });
  return machine;
}

test('the same seed and requests give the same bytes; another seed others', () => {
  const bytes = (machine: Machine) => JSON.stringify([machine.state, machine.facts]);
  assert.equal(bytes(playedStory('a')), bytes(playedStory('a')));
  assert.notEqual(bytes(playedStory('a')), bytes(playedStory('b')));
});

test('how long something takes doesn’t depend on earlier commands', () => {
  const alone = Machine.active({ seed: 'order' });
  const among = Machine.active({ seed: 'order' });
  among.do({ kind: 'putShare', share: 'first', protocol: 'SMB', dataPolicy: 'Cloud' });
  const command: Command = { kind: 'createCluster', role: 'k8s' };
  assert.equal(alone.do(command), among.do(command));
});

test('an id is done once: asked again while it runs, or by the request that reaches its end', () => {
  const machine = Machine.active();
  const command: Command = { kind: 'createCluster', role: 'k8s' };
  const id = machine.start(command, 'operation/1');
  const running = JSON.parse(JSON.stringify(machine.state)) as ApplianceState;
  const again = request(running, { id, command }, machine.now);
  assert.deepEqual(again, { ...UNCHANGED, state: machine.state });
  // The same id with another command is a bug of the caller and changes nothing either.
  const other = request(running, { id, command: { kind: 'reset' } }, machine.now);
  assert.deepEqual(other, { ...UNCHANGED, state: machine.state });
  const late = request(running, { id, command }, plus(machine.now, minutes(60)));
  assert.ok(!('refused' in late));
  assert.deepEqual(
    late.endedTasks.map((task) => task.id),
    [id],
  );
  assert.equal(taskOf(late, id)!.state, 'succeeded');
  machine.end(id);
  assert.deepEqual(late.state.cluster, machine.state.cluster);
});

test('ended tasks and jobs are in the change that ends them and not in the state, which stays small', () => {
  const machine = Machine.withArc();
  machine.do({ kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' });
  machine.do({ kind: 'scanForUpdates', job: 'first-scan' });
  const size = JSON.stringify(machine.state).length;
  for (let index = 0; index < 100; index++) {
    machine.do({ kind: 'refreshShare', share: 'data', job: `refresh-${index}` }, `task-${index}`);
    machine.do({ kind: 'scanForUpdates', job: `scan-${index}` });
  }
  assert.ok(JSON.stringify(machine.state).length < size + 100);
  assert.deepEqual(Object.keys(machine.observed.jobs), ['scan-99']);
  assert.equal(machine.job('refresh-0')!.status, 'Succeeded');
  assert.equal(machine.job('first-scan')!.stage, 'Success');
  assert.equal(machine.task('task-0').state, 'succeeded');
  assert.equal(taskOf({ state: machine.state, endedTasks: [] }, 'task-0'), undefined);
});

test('a request first plays what was due before it, at the moments at which it was due', () => {
  const machine = new Machine();
  machine.start({ kind: 'activate' });
  const now = plus(BORN_AT, minutes(60));
  const command: Command = { kind: 'createCluster', role: 'k8s' };
  const answer = request(machine.state, { id: 'late', command }, now);
  assert.ok(!('refused' in answer));
  assert.deepEqual(
    answer.facts.map((fact) => [fact.kind, (fact.at - BORN_AT) / 60_000]),
    [
      ['machine.activated', 5],
      ['machine.statusChanged', 5],
      ['cluster.creating', 60],
    ],
  );
  assert.equal(answer.state.at, now);
});

test('an idle machine that has scanned once has nothing due, and advancing it changes only its moment', () => {
  const machine = Machine.withArc();
  machine.pass(days(1));
  assert.equal(nextDueAt(machine.state), undefined);
  const { state, facts } = advance(machine.state, plus(machine.now, days(1000)));
  assert.deepEqual(facts, []);
  assert.deepEqual({ ...state, at: machine.now }, machine.state);
  assert.equal(advance(state, state.at).state, state);
  assert.equal(advance(state, instant(0)).state, state);
});

test('an observation changes nothing', () => {
  const machine = Machine.withArc();
  const before = JSON.stringify(machine.state);
  assert.deepEqual(observationOf(machine.state), observationOf(machine.state));
  assert.equal(JSON.stringify(machine.state), before);
});

test('reset wipes the machine, cancels what runs, and keeps order and tasks', () => {
  const machine = Machine.withArc();
  machine.do({ kind: 'placeOrder' });
  machine.do({ kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' });
  machine.do({ kind: 'scanForUpdates', job: 'scan' });
  const download = machine.start({ kind: 'downloadUpdates', job: 'download' });
  machine.pass(minutes(3));
  const reset = machine.start({ kind: 'reset' });
  const cutOff = machine.task(download);
  assert.ok(cutOff.state === 'failed');
  assert.equal(cutOff.failure.code, 'GatewayUserErrorOperationCanceled');
  assert.equal(machine.job('download')!.status, 'Canceled');
  assert.equal(machine.observed.cluster!.state, 'Deleting');
  assert.equal(machine.observed.arc!.state, 'Deleting');
  assert.match(machine.refusal({ kind: 'reset' }).message, /being reset/);
  assert.match(machine.refusal({ kind: 'activate' }).message, /being reset/);
  machine.end(reset);
  assert.equal(machine.job('scan'), undefined);
  const { status, isActive, cluster, arc, shares, jobs, updates, order, hardware } =
    machine.observed;
  assert.deepEqual([status, isActive], ['ReadyToSetup', false]);
  assert.deepEqual([cluster, arc, hardware], [undefined, undefined, undefined]);
  assert.deepEqual([Object.keys(shares), Object.keys(jobs), updates.available], [[], [], []]);
  assert.equal(order!.history[0]!.state, 'Untracked');
  assert.deepEqual(machine.factKinds.slice(-4), [
    'arc.disconnected',
    'cluster.deleted',
    'machine.reset',
    'machine.statusChanged',
  ]);
  assert.equal(machine.data('arc.disconnected').connectedClusterId, CONNECTED_CLUSTER);
  machine.do({ kind: 'activate' });
  machine.do({ kind: 'createCluster', role: 'again' });
});

test('a reset in the middle of a cluster’s creation or of an update leaves nothing behind', () => {
  const creating = Machine.active();
  creating.start({ kind: 'createCluster', role: 'k8s' });
  creating.pass(minutes(7));
  creating.do({ kind: 'reset' });
  assert.equal(creating.observed.cluster, undefined);

  const installing = Machine.withArc();
  for (const kind of ['scanForUpdates', 'downloadUpdates'] as const) {
    installing.do({ kind, job: kind });
  }
  installing.start({ kind: 'installUpdates', job: 'install' });
  installing.pass(minutes(30));
  installing.do({ kind: 'reset' });
  assert.equal(installing.observed.status, 'ReadyToSetup');
  assert.equal(nextDueAt(installing.state), undefined);
});

test('a machine that was never active is reset in seconds', () => {
  assert.ok(new Machine().do({ kind: 'reset' }) < minutes(1));
});

test('an unknown SKU or release doesn’t throw', () => {
  const machine = Machine.active({ sku: 'Toaster', release: '1999' });
  assert.equal(machine.observed.hardware!.model, 'Toaster');
  machine.do({ kind: 'scanForUpdates', job: 'scan' });
  assert.equal(createAppliance(specOf()).at, BORN_AT);
});
