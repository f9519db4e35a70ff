import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { assertMinutes, CONNECT, Machine } from './machine.ts';

const CREATE = { kind: 'createCluster', role: 'k8s' } as const;

test('a cluster is made in 20 to 30 minutes, VM by VM', () => {
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const machine = Machine.active({ seed });
    const begun = machine.now;
    const id = machine.start(CREATE);
    const seen: string[] = [];
    while (machine.task(id).state === 'running') {
      const { state, nodes } = machine.observed.cluster!;
      const picture = `${state} ${nodes.map((node) => node.type).join('+')}`.trim();
      if (seen.at(-1) !== picture) seen.push(picture);
      machine.pass(seconds(10));
    }
    assert.deepEqual(seen, ['Creating', 'Creating Master', 'Creating Master+Worker']);
    assert.equal(machine.observed.cluster!.state, 'Created');
    const ended = machine.task(id);
    assert.ok(ended.state === 'succeeded');
    assertMinutes((ended.endedAt - begun) as never, 20, 30);
    assert.deepEqual(machine.factKinds.slice(-2), ['cluster.creating', 'cluster.created']);
  }
});

test('the observation of a finished cluster', () => {
  const machine = Machine.withCluster();
  const cluster = machine.observed.cluster!;
  const serial = machine.observed.hardware!.serialNumber.toLowerCase();
  assert.equal(cluster.role, 'k8s');
  assert.equal(cluster.version, 'v1.25.5');
  assert.deepEqual(
    cluster.nodes.map((node) => [node.type, node.name]),
    [
      ['Master', `k8s-${serial}cl`],
      ['Worker', `k8s-${serial}cl-${serial}`],
    ],
  );
  assert.deepEqual(cluster.worker, { processorCount: 12, memoryBytes: 34_359_738_368 });
  assert.equal(cluster.cni.podSubnet, '172.27.0.0/16');
  assert.equal(cluster.cni.serviceSubnet, '172.28.0.0/16');
  assert.deepEqual(
    cluster.storageClasses.map((storageClass) => storageClass.name),
    ['ase-node-local'],
  );
  assert.deepEqual(machine.data('cluster.created'), {
    role: 'k8s',
    version: 'v1.25.5',
    nodes: cluster.nodes.map((node) => node.name),
  });
});

test('two nodes make one master and two workers, with contiguous addresses', () => {
  const machine = Machine.withCluster({ nodeCount: 2 });
  const { nodes } = machine.observed.cluster!;
  assert.deepEqual(
    nodes.map((node) => node.type),
    ['Master', 'Worker', 'Worker'],
  );
  assert.equal(new Set(nodes.map((node) => node.name)).size, 3);
  const hosts = nodes.map((node) => Number(node.ipAddresses[0]!.ipAddress.split('.')[3]));
  assert.deepEqual(hosts, [hosts[0], hosts[0]! + 1, hosts[0]! + 2]);
});

test('hardware without Kubernetes refuses, active or not', () => {
  for (const sku of ['Edge', 'Gateway', 'TMA', 'Toaster']) {
    const machine = Machine.active({ sku });
    assert.equal(machine.observed.hasKubernetes, false);
    assert.equal(machine.refusal(CREATE).code, 'GatewayUserErrorNotSupported');
  }
});

test('a release before 2301 refuses and says which release is needed', () => {
  const { code, message } = Machine.active({ release: '2210' }).refusal(CREATE);
  assert.equal(code, 'GatewayUserErrorNotSupported');
  assert.match(message, /March 2023.*2301.*2210/);
  assert.equal(Machine.withCluster({ release: '2301' }).observed.cluster!.version, 'v1.22.6');
});

test('a machine has one cluster, and changes it once at a time', () => {
  const machine = Machine.active();
  machine.start(CREATE);
  const busy = 'GatewayUserErrorOperationInProgress';
  assert.equal(machine.refusal({ ...CREATE, role: 'other' }).code, busy);
  assert.equal(machine.refusal({ kind: 'deleteCluster', role: 'k8s' }).code, busy);
  assert.equal(machine.refusal({ kind: 'configureCluster', role: 'k8s' }).code, busy);
  machine.pass(minutes(30));
  const { code, message } = machine.refusal({ ...CREATE, role: 'other' });
  assert.equal(code, 'GatewayUserErrorEntityAlreadyExists');
  assert.match(message, /k8s/);
});

test('creating the cluster again under its role changes nothing and ends at once', () => {
  const machine = Machine.withCluster();
  const told = machine.factKinds.length;
  assert.equal(machine.do(CREATE), 0);
  assert.equal(machine.factKinds.length, told);
});

test('configuring takes seconds and shows as Reconfiguring', () => {
  const machine = Machine.withCluster();
  const id = machine.start({ kind: 'configureCluster', role: 'k8s' });
  assert.equal(machine.observed.cluster!.state, 'Reconfiguring');
  machine.pass(minutes(1));
  assert.equal(machine.task(id).state, 'succeeded');
  assert.equal(machine.observed.cluster!.state, 'Created');
  const refused = machine.refusal({ kind: 'configureCluster', role: 'other' });
  assert.equal(refused.code, 'GatewayUserErrorEntityNotFound');
});

test('deleting takes minutes and leaves nothing', () => {
  const machine = Machine.withCluster();
  const id = machine.start({ kind: 'deleteCluster', role: 'k8s' });
  assert.equal(machine.observed.cluster!.state, 'Deleting');
  machine.end(id);
  assert.equal(machine.observed.cluster, undefined);
  assert.deepEqual(machine.factKinds.slice(-2), ['cluster.deleting', 'cluster.deleted']);
  machine.do({ ...CREATE, role: 'next' });
  assert.equal(machine.observed.cluster!.role, 'next');
});

test('deleting is refused while Arc is connected, being connected or being disconnected', () => {
  const machine = Machine.withCluster();
  const DELETE = { kind: 'deleteCluster', role: 'k8s' } as const;
  const connect = machine.start(CONNECT);
  assert.match(machine.refusal(DELETE).message, /arc/);
  machine.end(connect);
  assert.match(machine.refusal(DELETE).message, /Remove the addon first/);
  const disconnect = machine.start({ kind: 'disconnectArc', addon: 'arc' });
  machine.refusal(DELETE);
  machine.end(disconnect);
  machine.do(DELETE);
});
