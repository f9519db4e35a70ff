import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, minutes, plus, seconds } from '#shared/instant.ts';
import { assertMinutes, CONNECT, CONNECTED_CLUSTER, Machine } from './machine.ts';

test('agents become ready one after the other, then the first heartbeat connects', () => {
  const machine = Machine.withCluster();
  const begun = machine.now;
  const id = machine.start(CONNECT);
  const ready: number[] = [];
  while (machine.task(id).state === 'running') {
    const { agentsReady, agentsTotal, connectivity, state, lastHeartbeatAt } =
      machine.observed.arc!;
    assert.deepEqual([connectivity, state, agentsTotal], ['Connecting', 'Creating', 10]);
    assert.equal(lastHeartbeatAt, undefined);
    if (ready.at(-1) !== agentsReady) ready.push(agentsReady);
    machine.pass(seconds(2));
  }
  assert.deepEqual(ready, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const ended = machine.task(id);
  assert.ok(ended.state === 'succeeded');
  assertMinutes((ended.endedAt - begun) as never, 3, 6);
  assert.deepEqual(machine.factKinds.slice(-2), ['arc.connecting', 'arc.connected']);
  assert.deepEqual(machine.data('arc.connected'), {
    addon: 'arc',
    connectedClusterId: CONNECTED_CLUSTER,
    nodeCount: 2,
    coreCount: 16,
  });
  assert.deepEqual(machine.observed.arc, {
    addon: 'arc',
    state: 'Created',
    agentVersion: '1.11.7',
    connectivity: 'Connected',
    lastHeartbeatAt: ended.endedAt,
    certificateExpiresAt: plus(ended.endedAt, days(90)),
    nodeCount: 2,
    coreCount: 16,
    kubernetesVersion: 'v1.25.5',
    agentsReady: 10,
    agentsTotal: 10,
  });
});

test('two nodes count for three nodes and 4 + 12 + 12 cores', () => {
  const { nodeCount, coreCount } = Machine.withArc({ nodeCount: 2 }).observed.arc!;
  assert.deepEqual([nodeCount, coreCount], [3, 28]);
});

test('connecting needs the finished cluster of that role', () => {
  const machine = Machine.active();
  assert.equal(machine.refusal(CONNECT).code, 'GatewayUserErrorEntityNotFound');
  const creation = machine.start({ kind: 'createCluster', role: 'k8s' });
  assert.equal(machine.refusal(CONNECT).code, 'GatewayUserErrorInvalidState');
  machine.end(creation);
  const elsewhere = { ...CONNECT, role: 'other' } as typeof CONNECT;
  assert.equal(machine.refusal(elsewhere).code, 'GatewayUserErrorEntityNotFound');
});

test('a cluster has one addon; connecting the same one again ends at once', () => {
  const machine = Machine.withArc();
  const other = { ...CONNECT, addon: 'second' } as typeof CONNECT;
  assert.equal(machine.refusal(other).code, 'GatewayUserErrorEntityAlreadyExists');
  const told = machine.factKinds.length;
  assert.equal(machine.do(CONNECT), 0);
  assert.equal(machine.factKinds.length, told);
});

test('heartbeats come every five minutes, without anything being stored for them', () => {
  const machine = Machine.withArc();
  const connectedAt = machine.now;
  machine.pass(minutes(14));
  assert.equal(machine.observed.arc!.lastHeartbeatAt, plus(connectedAt, minutes(10)));
  // After the first night the machine knows of its update.
  machine.pass(days(1));
  const idle = JSON.stringify({ ...machine.state, at: 0 });
  machine.pass(days(400));
  assert.equal(machine.observed.arc!.connectivity, 'Connected');
  assert.ok(machine.now - machine.observed.arc!.lastHeartbeatAt < minutes(5));
  assert.equal(JSON.stringify({ ...machine.state, at: 0 }), idle);
});

test('the certificate lasts 90 days and is renewed with a third of it left', () => {
  const machine = Machine.withArc();
  const connectedAt = machine.now;
  const expiry = () => machine.observed.arc!.certificateExpiresAt;
  machine.pass(days(59));
  assert.equal(expiry(), plus(connectedAt, days(90)));
  machine.pass(days(1));
  assert.equal(expiry(), plus(connectedAt, days(150)));
});

test('disconnecting takes about a minute; afterwards the cluster can be connected again', () => {
  const machine = Machine.withArc();
  const id = machine.start({ kind: 'disconnectArc', addon: 'arc' });
  assert.equal(machine.observed.arc!.state, 'Deleting');
  machine.refusal({ kind: 'disconnectArc', addon: 'arc' });
  machine.refusal(CONNECT);
  machine.pass(minutes(2));
  assert.equal(machine.task(id).state, 'succeeded');
  assert.equal(machine.observed.arc, undefined);
  assert.deepEqual(machine.data('arc.disconnected'), {
    addon: 'arc',
    connectedClusterId: CONNECTED_CLUSTER,
  });
  machine.do(CONNECT);
  assert.equal(machine.observed.arc!.connectivity, 'Connected');
});

test('disconnecting under another addon’s name changes nothing', () => {
  const machine = Machine.withArc();
  assert.equal(machine.do({ kind: 'disconnectArc', addon: 'other' }), 0);
  assert.equal(machine.observed.arc!.connectivity, 'Connected');
});
