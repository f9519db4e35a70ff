import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, plus, seconds } from '#shared/instant.ts';
import { BORN_AT, Machine } from './machine.ts';

test('a new machine is ready to be set up and shows no hardware', () => {
  const { observed } = new Machine();
  assert.equal(observed.status, 'ReadyToSetup');
  assert.equal(observed.isActive, false);
  assert.equal(observed.hasKubernetes, true);
  assert.equal(observed.at, BORN_AT);
  for (const part of ['hardware', 'order', 'cluster', 'arc']) assert.ok(!(part in observed), part);
});

test('an activated machine is online after five minutes and shows its hardware', () => {
  const machine = new Machine({ seed: 'activation' });
  const id = machine.start({ kind: 'activate' });
  machine.pass(seconds(299));
  assert.deepEqual(machine.task(id), {
    state: 'running',
    startedAt: BORN_AT,
    percentComplete: 99,
    endsAt: plus(BORN_AT, minutes(5)),
  });
  assert.equal(machine.observed.status, 'ReadyToSetup');
  machine.pass(seconds(1));
  assert.deepEqual(machine.task(id), { state: 'succeeded', endedAt: plus(BORN_AT, minutes(5)) });
  assert.equal(machine.observed.status, 'Online');
  const hardware = machine.observed.hardware!;
  assert.match(hardware.serialNumber, /^[1-9][0-9B-DF-HJ-NP-TV-Z]{5}[0-9]$/);
  assert.deepEqual(hardware, {
    serialNumber: hardware.serialNumber,
    friendlyName: `DBE-${hardware.serialNumber}`,
    model: 'Azure Stack Edge Pro - 1 GPU',
    softwareVersion: '3.2.2380.1632',
    softwareVersionName: 'Azure Stack Edge 2309',
    localCapacityMb: 3_995_895,
    timeZone: 'Pacific Standard Time',
    hcsVersion: '3.2.2380.1632',
    nodes: [
      {
        name: hardware.serialNumber,
        serialNumber: hardware.serialNumber,
        status: 'Up',
        id: hardware.nodes[0]!.id,
        displayName: 'Controller 1',
      },
    ],
  });
  assert.match(hardware.nodes[0]!.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(machine.factKinds, [
    'machine.activating',
    'machine.activated',
    'machine.statusChanged',
  ]);
  assert.equal(machine.data('machine.activated').serialNumber, hardware.serialNumber);
  assert.deepEqual(machine.data('machine.statusChanged'), { from: 'ReadyToSetup', to: 'Online' });
});

test('activation is refused while it runs and afterwards', () => {
  const machine = new Machine();
  machine.start({ kind: 'activate' });
  assert.equal(machine.refusal({ kind: 'activate' }).code, 'GatewayUserErrorOperationInProgress');
  machine.pass(minutes(5));
  assert.equal(machine.refusal({ kind: 'activate' }).code, 'GatewayUserErrorInvalidState');
});

test('two nodes have two serial numbers, and other seeds give other ones', () => {
  const serials = (seed: string) =>
    Machine.active({ seed, nodeCount: 2 }).observed.hardware!.nodes.map(
      (node) => node.serialNumber,
    );
  const all = ['a', 'b', 'c', 'd'].flatMap(serials);
  assert.equal(new Set(all).size, 8);
});

test('commands that need an active machine are refused before activation', () => {
  const machine = new Machine();
  for (const command of [
    { kind: 'createCluster', role: 'r' },
    { kind: 'putShare', share: 's', protocol: 'SMB', dataPolicy: 'Cloud' },
    { kind: 'putUser', user: 'u', userType: 'Share' },
    { kind: 'putBandwidthSchedule', schedule: 'b' },
    { kind: 'scanForUpdates', job: 'j' },
    { kind: 'downloadUpdates', job: 'j' },
    { kind: 'installUpdates', job: 'j' },
    { kind: 'refreshShare', share: 's', job: 'j' },
    { kind: 'connectArc', addon: 'a', role: 'r', connectedClusterId: 'c' },
  ] as const) {
    const { code, message } = machine.refusal(command);
    assert.equal(code, 'GatewayUserErrorDeviceNotActivated', command.kind);
    assert.match(message, /not activated/);
  }
});

test('deleting what doesn’t exist ends at once, active or not', () => {
  for (const machine of [new Machine(), Machine.active()]) {
    for (const command of [
      { kind: 'deleteCluster', role: 'r' },
      { kind: 'disconnectArc', addon: 'a' },
      { kind: 'deleteShare', share: 's' },
      { kind: 'deleteUser', user: 'u' },
      { kind: 'deleteBandwidthSchedule', schedule: 'b' },
    ] as const) {
      assert.equal(machine.task(machine.start(command)).state, 'succeeded', command.kind);
    }
    assert.ok(!machine.factKinds.some((kind) => kind.endsWith('.deleted')));
  }
});
