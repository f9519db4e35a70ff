import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unchangedUntil } from '#appliance/appliance.ts';
import { days, minutes, plus } from '#shared/instant.ts';
import { Machine } from './machine.ts';

const SCAN = { kind: 'scanForUpdates', job: 'scan' } as const;
const DOWNLOAD = { kind: 'downloadUpdates', job: 'download' } as const;
const INSTALL = { kind: 'installUpdates', job: 'install' } as const;

const typesOf = (machine: Machine): string[] => machine.observed.alerts.map((alert) => alert.type);

test('there is no alert for a new machine, nor for one that was just activated', () => {
  assert.deepEqual(new Machine().observed.alerts, []);
  assert.deepEqual(Machine.active().observed.alerts, []);
});

test('available updates: from the scan that found them to the end of their installation', () => {
  const machine = Machine.active();
  machine.do(SCAN);
  const [alert] = machine.observed.alerts;
  assert.equal(alert!.type, 'UpdateAvailableCondition');
  assert.equal(alert!.severity, 'Informational');
  assert.equal(alert!.title, '2 updates are available.');
  assert.equal(alert!.appearedAt, machine.now);
  assert.deepEqual(alert!.details, { release: '2403' });
  machine.pass(days(1));
  machine.do({ ...SCAN, job: 'again' });
  assert.deepEqual(machine.observed.alerts, [alert], 'the same one, with the same name');
  machine.do(DOWNLOAD);
  assert.deepEqual(machine.observed.alerts, [alert]);
  machine.do(INSTALL);
  const after = machine.observed.alerts;
  assert.ok(after.every((other) => other.name !== alert!.name));
  assert.notEqual(after[0]?.details.release, '2403');
});

/** All types of alerts during the installation of an update, observed each minute, with the titles of the critical ones. */
function watched(machine: Machine): { types: string[]; critical: string[] } {
  machine.do(SCAN);
  machine.do(DOWNLOAD);
  const id = machine.start(INSTALL);
  const types = new Set<string>();
  const critical = new Set<string>();
  while (machine.task(id).state === 'running') {
    machine.pass(minutes(1));
    for (const alert of machine.observed.alerts) {
      types.add(alert.type);
      if (alert.severity === 'Critical') critical.add(`${alert.name} ${alert.title}`);
    }
  }
  return { types: [...types].sort(), critical: [...critical] };
}

test('a restart for an update: the heartbeat is lost, once, and found again (upd)', () => {
  const machine = Machine.active();
  const { types, critical } = watched(machine);
  assert.deepEqual(types, ['HeartbeatLostCondition', 'UpdateAvailableCondition']);
  assert.equal(critical.length, 1, 'one name as long as it stands');
  assert.match(critical[0]!, /heartbeat of the device DBE-/);
  assert.ok(!typesOf(machine).includes('HeartbeatLostCondition'));
});

test('with two nodes, the other node reports the one that restarts, each in its turn', () => {
  const machine = Machine.active({ nodeCount: 2 });
  const { types, critical } = watched(machine);
  assert.deepEqual(types, ['ClusterNodeDownCondition', 'UpdateAvailableCondition']);
  const serials = machine.observed.hardware!.nodes.map((node) => node.serialNumber);
  assert.equal(critical.length, 2);
  for (const [index, serial] of serials.entries()) assert.ok(critical[index]!.includes(serial));
});

test('a changed password raises one alert, with the number of changes [S]', () => {
  const machine = Machine.active();
  machine.do({ kind: 'changePassword' });
  const [first] = machine.observed.alerts;
  assert.deepEqual([first!.type, first!.occurrences], ['PasswordChangedEvent', 1]);
  machine.pass(days(3));
  machine.do({ kind: 'changePassword' });
  const [second] = machine.observed.alerts;
  assert.deepEqual([second!.name, second!.occurrences], [first!.name, 2]);
  assert.equal(second!.appearedAt, machine.now);
  machine.do({ kind: 'reset' });
  machine.do({ kind: 'activate' });
  assert.deepEqual(machine.observed.alerts, []);
});

test('a support session raises an alert while it is open, and ends by itself', () => {
  const machine = Machine.active();
  const expiresAt = plus(machine.now, days(7));
  machine.do({
    kind: 'setRemoteSupport',
    sessions: [{ application: 'Powershell', access: 'ReadOnly', expiresAt }],
  });
  assert.deepEqual(typesOf(machine), ['SupportSessionEnabledCondition']);
  assert.ok(
    unchangedUntil(machine.state) === undefined,
    'it will end: nobody may take a look for the last one',
  );
  machine.pass(days(8));
  assert.deepEqual(typesOf(machine), ['UpdateAvailableCondition'], 'found by a daily scan');
  assert.ok(unchangedUntil(machine.state) !== undefined);
});

test('the newest alert comes first, and names are different GUIDs', () => {
  const machine = Machine.active();
  machine.do({ kind: 'changePassword' });
  machine.pass(minutes(1));
  machine.do(SCAN);
  assert.deepEqual(typesOf(machine), ['UpdateAvailableCondition', 'PasswordChangedEvent']);
  const names = machine.observed.alerts.map((alert) => alert.name);
  assert.equal(new Set(names).size, 2);
  for (const name of names) assert.match(name, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const other = Machine.active({ seed: 'other' });
  other.do({ kind: 'changePassword' });
  assert.ok(!names.includes(other.observed.alerts[0]!.name));
});

test('VMs of two nodes that an earlier release made larger than half of a node are warned of (k8sfail, alerts)', () => {
  const machine = Machine.active({ sku: 'EP2_64_1VPU_W', nodeCount: 2 });
  const worker = { processorCount: 8, memoryBytes: 28 * 1024 ** 3 };
  machine.do({ kind: 'createCluster', role: 'k8s', worker });
  const [alert, ...others] = machine.observed.alerts;
  assert.deepEqual([alert?.type, alert?.severity], ['VmMemoryOverCondition', 'Warning']);
  assert.match(alert!.title, new RegExp(machine.observed.hardware!.serialNumber));
  assert.deepEqual(others, [], 'the other node has no master');
  const smaller = { processorCount: 8, memoryBytes: 24 * 1024 ** 3 };
  machine.do({ kind: 'configureCluster', role: 'k8s', worker: smaller });
  assert.deepEqual(machine.observed.alerts, []);
});
