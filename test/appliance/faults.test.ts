/** Faults of one machine: what follows from each, what is held, what goes on, and that all of it ends with the fault. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unchangedUntil, nextDueAt } from '#appliance/appliance.ts';
import type { Command, FaultKind, MachineSpec } from '#appliance/commands.ts';
import { describeFaultKinds, FAULT_KINDS } from '#appliance/fault-kinds.ts';
import { days, hours, minutes, seconds } from '#shared/instant.ts';
import { heal, inject } from './fault-commands.ts';
import { assertMinutes, Machine } from './machine.ts';

const SHARE: Command = { kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' };

const typesOf = (machine: Machine): string[] => machine.observed.alerts.map(({ type }) => type);
const nodesOf = (machine: Machine): string[] =>
  machine.observed.hardware!.nodes.map(({ status }) => status);
/** Which VMs of the cluster run: master and workers. */
const vmsOf = (machine: Machine): boolean[] =>
  machine.observed.cluster!.nodes.map(({ isUp }) => isUp);

/** The facts since the fault, as `kind: from → to`. */
const told = (machine: Machine, from: number): string[] =>
  machine.facts.slice(from).map(({ kind, data }) => {
    const change =
      data.to === undefined
        ? ''
        : `: ${JSON.stringify(data.from)} → ${JSON.stringify(data.to)}`.replaceAll('"', '');
    return kind + change;
  });

describe('the uplink', () => {
  test('is pulled for two hours: status, alert, Arc and causes tell one story, and all of it ends', () => {
    const machine = Machine.withArc();
    const before = machine.facts.length;
    machine.do(inject('uplinkDown', { for: hours(2) }));
    assert.equal(machine.observed.status, 'Disconnected');
    assert.deepEqual(typesOf(machine), ['HeartbeatLostCondition']);
    assert.deepEqual(nodesOf(machine), ['Unknown']);
    assert.deepEqual(vmsOf(machine), [true, true], 'the local network goes on');
    assert.equal(machine.observed.arc!.connectivity, 'Connected');
    machine.pass(minutes(16));
    assert.equal(machine.observed.arc!.connectivity, 'Offline');
    machine.pass(hours(2));
    assert.equal(machine.observed.status, 'Online');
    assert.equal(machine.observed.arc!.connectivity, 'Connected');
    assert.deepEqual(typesOf(machine), []);
    assert.deepEqual(machine.state.faults, []);
    assert.deepEqual(told(machine, before), [
      'fault.injected',
      'fault.began',
      'machine.statusChanged: Online → Disconnected',
      'node.stateChanged: Up → Unknown',
      'alert.raised',
      'arc.connectivityChanged: Connected → Offline',
      'fault.ended',
      'machine.statusChanged: Disconnected → Online',
      'node.stateChanged: Unknown → Up',
      'alert.cleared',
      'arc.connectivityChanged: Offline → Connected',
    ]);
    const causes = new Set(machine.facts.slice(before + 1).map(({ cause }) => cause));
    assert.deepEqual([...causes], ['fault/uplinkDown']);
    assert.match(machine.facts[before]!.cause!, /^command\/request-/);
  });

  test('is down when a command comes from Azure: the machine hears of it when it is back', () => {
    const machine = Machine.active();
    machine.do(inject('uplinkDown', { for: hours(1) }));
    const id = machine.start(SHARE);
    machine.pass(minutes(50));
    assert.deepEqual(
      [machine.task(id).state, machine.observed.shares.data?.status],
      ['running', 'Updating'],
    );
    machine.pass(minutes(11));
    assert.equal(machine.task(id).state, 'succeeded');
    const ended = machine.endedTasks.find((task) => task.id === id)!;
    assertMinutes(
      (ended.endedAt - machine.facts.findLast((one) => one.kind === 'fault.ended')!.at) as never,
      0.2,
      1,
    );
  });

  test('goes in the middle of a download: what is left is as long afterwards as before', () => {
    const SCAN = { kind: 'scanForUpdates', job: 'scan' } as const;
    const DOWNLOAD = { kind: 'downloadUpdates', job: 'download' } as const;
    const usual = Machine.active();
    usual.do(SCAN);
    const length = usual.do(DOWNLOAD);
    const machine = Machine.active();
    machine.do(SCAN);
    const begun = machine.now;
    const id = machine.start(DOWNLOAD);
    machine.pass(minutes(4));
    machine.do(inject('uplinkDown', { for: hours(3) }));
    const progress = machine.job('download')!.percentComplete;
    machine.pass(hours(2));
    assert.equal(machine.job('download')!.percentComplete, progress, 'no byte arrives');
    assert.equal(nextDueAt(machine.state), machine.state.faults[0]!.endsAt);
    machine.pass(hours(1));
    machine.end(id);
    assert.equal(machine.now - begun, length + hours(3));
  });

  test('is slow: what is left of a download takes eight times as long, and is as fast as before afterwards', () => {
    const machine = Machine.active();
    machine.do({ kind: 'scanForUpdates', job: 'scan' });
    const id = machine.start({ kind: 'downloadUpdates', job: 'download' });
    const task = machine.task(id);
    assert.ok(task.state === 'running');
    const before = task.endsAt;
    machine.pass(minutes(4));
    machine.do(inject('uplinkSlow'));
    assert.deepEqual(typesOf(machine), [
      'LowThroughputToAzureCondition',
      'UpdateAvailableCondition',
    ]);
    const slow = machine.task(id);
    assert.ok(slow.state === 'running' && slow.endsAt > before + minutes(25));
    machine.do(heal('uplinkSlow'));
    const healed = machine.task(id);
    assert.ok(healed.state === 'running' && Math.abs(healed.endsAt - before) < 1000);
    assert.equal(machine.observed.status, 'Online');
  });

  test('has been down for longer than Arc’s certificate lasts: the identity is Expired for good (arcconn)', () => {
    const machine = Machine.withArc();
    machine.do(inject('uplinkDown', { for: days(91) }));
    machine.pass(days(90));
    machine.pass(minutes(1));
    assert.equal(machine.observed.arc!.connectivity, 'Expired');
    machine.pass(days(2));
    assert.equal(machine.observed.status, 'Online');
    assert.equal(machine.observed.arc!.connectivity, 'Expired');
  });
});

describe('nodes', () => {
  const two = { nodeCount: 2 } as const;

  test('the only one is down: the device is Offline, and its cluster with it; work waits (fail)', () => {
    const machine = Machine.withArc();
    const id = machine.start(SHARE);
    machine.do(inject('nodeDown'));
    assert.equal(machine.observed.status, 'Offline');
    assert.deepEqual([nodesOf(machine), vmsOf(machine)], [['Down'], [false, false]]);
    assert.deepEqual(typesOf(machine), ['HeartbeatLostCondition']);
    machine.pass(hours(5));
    assert.equal(machine.task(id).state, 'running');
    assert.equal(machine.observed.arc!.connectivity, 'Offline');
    machine.do(heal('nodeDown'));
    assert.deepEqual([machine.observed.status, vmsOf(machine)], ['Online', [true, true]]);
    machine.end(id);
  });

  test('the first of two is down: the master VM moves within minutes, its worker does not (k8sfail)', () => {
    const machine = Machine.withArc(two);
    machine.do(inject('nodeDown', { node: 1 }));
    assert.equal(machine.observed.status, 'NeedsAttention');
    assert.deepEqual(
      [nodesOf(machine), vmsOf(machine)],
      [
        ['Down', 'Up'],
        [false, false, true],
      ],
    );
    const down = machine.now;
    while (!vmsOf(machine)[0]) machine.pass(seconds(10));
    assertMinutes((machine.now - down) as never, 2, 4);
    assert.deepEqual(vmsOf(machine), [true, false, true]);
    assert.deepEqual(typesOf(machine), ['ClusterNodeDownCondition']);
    machine.pass(hours(1));
    assert.equal(machine.observed.arc!.connectivity, 'Connected');
    machine.do(heal('nodeDown'));
    assert.deepEqual(vmsOf(machine), [true, true, true]);
    assert.equal(machine.state.cluster!.masterOn, 2, 'it stays where it is');
    assert.equal(machine.observed.status, 'Online');
  });

  test('the second of two is down: the master VM stays', () => {
    const machine = Machine.withCluster(two);
    machine.do(inject('nodeDown', { node: 2 }));
    machine.pass(minutes(10));
    assert.deepEqual(vmsOf(machine), [true, true, false]);
    assert.equal(machine.state.cluster!.masterOn, undefined);
  });

  test('the matrix of failures of two nodes (fail)', () => {
    const matrix: readonly (readonly [readonly object[], string])[] = [
      [[{ faultKind: 'diskFailed', node: 1, disk: 1 }], 'NeedsAttention'],
      [
        [
          { faultKind: 'diskFailed', node: 1, disk: 1 },
          { faultKind: 'diskFailed', node: 1, disk: 2 },
        ],
        'NeedsAttention',
      ],
      [
        [
          { faultKind: 'diskFailed', node: 1, disk: 1 },
          { faultKind: 'diskFailed', node: 2, disk: 4 },
        ],
        'Offline',
      ],
      [[{ faultKind: 'powerLost', node: 1, supply: 1 }], 'NeedsAttention'],
      [
        [
          { faultKind: 'powerLost', node: 1, supply: 1 },
          { faultKind: 'powerLost', node: 2, supply: 1 },
        ],
        'NeedsAttention',
      ],
      [
        [
          { faultKind: 'powerLost', node: 1, supply: 1 },
          { faultKind: 'powerLost', node: 1, supply: 2 },
          { faultKind: 'powerLost', node: 2, supply: 1 },
        ],
        'NeedsAttention',
      ],
      [[{ faultKind: 'powerLost', node: 1 }], 'NeedsAttention'],
      [[{ faultKind: 'powerLost' }], 'Offline'],
      [
        [
          { faultKind: 'nodeDown', node: 1 },
          { faultKind: 'nodeDown', node: 2 },
        ],
        'Offline',
      ],
    ];
    for (const [faults, status] of matrix) {
      const machine = Machine.active(two);
      faults.forEach((fault, index) => {
        machine.do({ kind: 'injectFault', fault: `f${index}`, ...fault } as Command);
      });
      assert.equal(machine.observed.status, status, JSON.stringify(faults));
      faults.forEach((_fault, index) => {
        machine.do(heal(`f${index}`));
      });
      assert.equal(machine.observed.status, 'Online');
      assert.deepEqual(typesOf(machine), []);
    }
  });

  test('node 2 fails while node 1 is updated: the update waits, and goes on when it is back (fail)', () => {
    const machine = Machine.active(two);
    machine.do({ kind: 'scanForUpdates', job: 'scan' });
    machine.do({ kind: 'downloadUpdates', job: 'download' });
    const id = machine.start({ kind: 'installUpdates', job: 'install' });
    while (nodesOf(machine)[0] !== 'Rebooting') machine.pass(minutes(1));
    machine.do(inject('nodeDown', { node: 2, for: hours(6) }));
    assert.deepEqual(
      [machine.observed.status, nodesOf(machine)],
      ['Offline', ['Rebooting', 'Down']],
    );
    machine.pass(hours(5));
    assert.deepEqual(nodesOf(machine), ['Rebooting', 'Down']);
    machine.end(id);
    assert.deepEqual([machine.observed.status, nodesOf(machine)], ['Online', ['Up', 'Up']]);
    assert.equal(machine.state.release, '2403');
  });
});

describe('every kind', () => {
  const spec: Partial<MachineSpec> = { nodeCount: 2 };
  const places: Readonly<Partial<Record<FaultKind, object>>> = {
    nodeDown: { node: 2 },
    diskFailing: { node: 1, disk: 3 },
    diskFailed: { node: 1, disk: 3 },
    gpuLost: { node: 1 },
    overTemperature: { node: 2 },
    updateFails: { stage: 'download' },
  };
  /** The status and the alerts of an active machine with two nodes that has the fault. */
  const seen: Readonly<Record<FaultKind, readonly [status: string, ...alerts: string[]]>> = {
    uplinkDown: ['Disconnected', 'HeartbeatLostCondition'],
    uplinkSlow: ['Online', 'LowThroughputToAzureCondition'],
    nodeDown: ['NeedsAttention', 'ClusterNodeDownCondition'],
    diskFailing: ['Online', 'DiskFailingSoonCondition'],
    diskFailed: ['NeedsAttention', 'DiskFailedCondition'],
    gpuLost: ['NeedsAttention', 'AcceleratorUnhealthyCondition'],
    powerLost: ['Offline', 'HeartbeatLostCondition'],
    overTemperature: ['NeedsAttention', 'AcceleratorShutDownCondition'],
    certificateExpiring: ['Online', 'CertificateExpiringCondition'],
    vaultDeleted: ['NeedsAttention', 'KeyVaultDeletedCondition'],
    vaultSecretDeleted: ['NeedsAttention', 'KeyVaultSecretsUnreadableCondition'],
    witnessOffline: ['NeedsAttention', 'ClusterWitnessOfflineCondition'],
    updateFails: ['Online'],
    arcAgentOffline: ['Online'],
    clockSkew: ['NeedsAttention', 'TimeNotSynchronizedCondition'],
    storageFull: ['NeedsAttention', 'DataVolumeFullCondition'],
  };

  for (const kind of FAULT_KINDS) {
    test(`${kind}: its status and alerts come and go with it; a new machine has neither`, () => {
      const [status, ...alerts] = seen[kind];
      const machine = Machine.active(spec);
      machine.do(inject(kind, { ...places[kind], after: minutes(5), for: minutes(30) }));
      assert.deepEqual([machine.observed.status, typesOf(machine)], ['Online', []], 'not yet');
      machine.pass(minutes(6));
      assert.deepEqual([machine.observed.status, [...new Set(typesOf(machine))]], [status, alerts]);
      machine.pass(minutes(30));
      assert.deepEqual([machine.observed.status, typesOf(machine)], ['Online', []], 'ended');
      assert.ok(unchangedUntil(machine.state) !== undefined, 'nothing is left of it');
      const fresh = new Machine(spec);
      fresh.do(inject(kind, places[kind]));
      assert.deepEqual([fresh.observed.status, typesOf(fresh)], ['ReadyToSetup', []]);
    });
  }

  test('a certificate counts its last days down', () => {
    const machine = Machine.active();
    machine.do(inject('certificateExpiring'));
    const [first] = machine.observed.alerts;
    assert.deepEqual([first!.severity, first!.details.days], ['Warning', '30']);
    machine.pass(days(25));
    const later = machine.observed.alerts.find(({ type }) => type === first!.type);
    assert.deepEqual(
      [later!.severity, later!.details.days, later!.name],
      ['Critical', '5', first!.name],
    );
  });

  test('GPUs that are lost, or too hot, are gone from the capacity and from the worker of their node', () => {
    for (const kind of ['gpuLost', 'overTemperature'] as const) {
      const machine = Machine.withCluster({ ...spec, sku: 'EdgeP_High' });
      const gpus = (): unknown => [
        machine.observed.capacity!.gpu.total,
        machine.observed.cluster!.nodes.map(({ gpuCount }) => gpuCount),
      ];
      assert.deepEqual(gpus(), [4, [0, 2, 2]]);
      machine.do(inject(kind, { node: 2 }));
      assert.deepEqual(gpus(), [2, [0, 2, 0]]);
      machine.do(heal(kind));
      assert.deepEqual(gpus(), [4, [0, 2, 2]]);
    }
  });

  test('agents that have stopped, or whose tokens are refused, are Offline in Arc alone', () => {
    for (const kind of ['arcAgentOffline', 'clockSkew'] as const) {
      const machine = Machine.withArc();
      machine.do(inject(kind, { for: hours(1) }));
      machine.pass(minutes(30));
      assert.equal(machine.observed.arc!.connectivity, 'Offline');
      machine.pass(minutes(31));
      assert.equal(machine.observed.arc!.connectivity, 'Connected');
    }
  });
});

describe('is refused', () => {
  const refusal = (command: Command, spec: Partial<MachineSpec> = {}): string =>
    Machine.active(spec).refusal(command).code;

  test('what is impossible on that hardware', () => {
    for (const [kind, sku] of [
      ['gpuLost', 'EdgeMR_Mini'],
      ['diskFailed', 'Gateway'],
      ['arcAgentOffline', 'Edge'],
      ['powerLost', 'Gateway'],
    ] as const) {
      const code = refusal(inject(kind, kind === 'diskFailed' ? { disk: 1 } : {}), { sku });
      assert.equal(code, 'GatewayUserErrorNotSupported', kind);
    }
  });

  test('a place that the machine or the kind does not have, or that is missing', () => {
    const wrong: readonly Command[] = [
      inject('nodeDown', { node: 2 }),
      inject('diskFailed', { node: 1 }),
      inject('diskFailed', { node: 1, disk: 6 }),
      inject('powerLost', { supply: 3 }),
      inject('uplinkDown', { node: 1 }),
      inject('updateFails'),
    ];
    for (const command of wrong) {
      assert.equal(refusal(command), 'GatewayUserErrorInvalidPlace', JSON.stringify(command));
    }
    assert.equal(refusal(inject('nodeDown'), { nodeCount: 2 }), 'GatewayUserErrorInvalidPlace');
  });

  test('the same fault at the same time, and the healing of one that is not there', () => {
    const machine = Machine.active();
    machine.do(inject('uplinkDown', { after: hours(1), for: hours(1) }));
    const again = (more: object): Command =>
      ({ ...inject('uplinkDown', more), fault: 'second' }) as Command;
    assert.equal(machine.refusal(again({})).code, 'GatewayUserErrorEntityAlreadyExists');
    machine.do(again({ for: minutes(30) }));
    assert.equal(machine.refusal(heal('third')).code, 'GatewayUserErrorEntityNotFound');
    machine.do(heal('uplinkDown'));
    assert.deepEqual(machine.data('fault.ended').how, 'called off');
  });

  test('what encrypts something, while the key vault is gone (tact)', () => {
    const machine = Machine.active();
    machine.do(inject('vaultDeleted'));
    for (const command of [
      { kind: 'putUser', user: 'ann', userType: 'Share' },
      SHARE,
      { kind: 'createCluster', role: 'k8s' },
    ] satisfies Command[]) {
      assert.equal(machine.refusal(command).code, 'GatewayUserErrorKeyVaultNotFound', command.kind);
    }
    machine.do(heal('vaultDeleted'));
    machine.do(SHARE);
  });

  test('what needs space, while the data volume is full', () => {
    const machine = Machine.active();
    machine.do(SHARE);
    machine.do(inject('storageFull'));
    assert.equal(machine.observed.capacity?.storage.freeMb, 0);
    const other: Command = { ...SHARE, share: 'other' };
    assert.equal(machine.refusal(other).code, 'GatewayUserErrorStorageFull');
    machine.do(heal('storageFull'));
    machine.do(other);
  });
});

test('faults belong to the hardware: a reset keeps them, and is not held by them', () => {
  const machine = Machine.active();
  machine.do(inject('uplinkDown'));
  machine.do({ kind: 'reset' });
  assert.equal(machine.observed.status, 'ReadyToSetup');
  assert.equal(machine.state.faults.length, 1);
  const id = machine.start({ kind: 'activate' });
  machine.pass(hours(1));
  assert.equal(machine.task(id).state, 'running', 'the activation has to reach Azure');
  machine.do(heal('uplinkDown'));
  machine.end(id);
});

test('every kind says what its members are', () => {
  for (const { description, members } of describeFaultKinds()) {
    assert.ok(description.length > 20);
    for (const member of members) assert.ok(member.description.length > 10);
  }
});
