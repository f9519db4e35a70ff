/** The quorum of two nodes and a witness, whatever is lost in whichever order (wit). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Witness } from '#appliance/local-settings.ts';
import { voterOf } from '#appliance/witness.ts';
import { hours, minutes } from '#shared/instant.ts';
import { heal, inject } from './fault-commands.ts';
import { Machine } from './machine.ts';

const two = { nodeCount: 2 } as const;
const SHARE: Witness = { type: 'FileShare', location: '//server/witness', username: 'anna' };

const withWitness = (machine: Machine, witness: Witness): Machine => {
  machine.do({ kind: 'configureLocally', declarations: [], config: { witness } });
  return machine;
};

/** A machine that has lost its witness for an hour, and the numbers of the nodes with and without a vote. */
function afterWitness(machine: Machine, kind: 'witnessOffline' | 'uplinkDown') {
  machine.do(inject(kind));
  const voter = voterOf(machine.state, machine.now);
  machine.pass(hours(1));
  return { machine, voter, other: voter === 1 ? 2 : 1 } as const;
}

describe('with a witness', () => {
  test('one of two nodes may go, whichever', () => {
    for (const node of [1, 2] as const) {
      const machine = Machine.active(two);
      machine.do(inject('nodeDown', { node }));
      assert.equal(machine.observed.status, 'NeedsAttention');
    }
  });

  test('that goes after the node did, what is left has the only vote', () => {
    const machine = Machine.active(two);
    machine.do(inject('nodeDown', { node: 1 }));
    machine.pass(minutes(1));
    machine.do(inject('witnessOffline'));
    assert.equal(machine.observed.status, 'NeedsAttention');
  });
});

describe('without a witness', () => {
  test('the node that lost its vote may go; with the other one goes the device', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const { machine, voter, other } = afterWitness(
        Machine.active({ ...two, seed }),
        'witnessOffline',
      );
      assert.equal(machine.observed.status, 'NeedsAttention');
      machine.do(inject('nodeDown', { node: other }));
      assert.equal(machine.observed.status, 'NeedsAttention', seed);
      machine.do(heal('nodeDown'));
      machine.do(inject('nodeDown', { node: voter }));
      assert.equal(machine.observed.status, 'Offline', seed);
      assert.deepEqual(
        machine.observed.alerts.map(({ type }) => type),
        ['HeartbeatLostCondition'],
      );
      machine.do(heal('witnessOffline'));
      assert.equal(machine.observed.status, 'NeedsAttention', 'two of three votes again');
    }
  });

  test('that goes with a node at the same moment, one vote of three is left', () => {
    const machine = Machine.active(two);
    machine.do(inject('witnessOffline', { after: minutes(5) }));
    machine.do(inject('nodeDown', { node: 2, after: minutes(5) }));
    machine.pass(minutes(5));
    assert.equal(machine.observed.status, 'Offline');
  });

  test('at all, since nobody has set one up, it is the same', () => {
    const machine = withWitness(Machine.active(two), { type: 'None' });
    assert.equal(machine.observed.status, 'Online');
    machine.do(inject('witnessOffline'));
    assert.deepEqual(machine.observed.alerts, [], 'there is none that could be offline');
    const voter = voterOf(machine.state, machine.state.spec.createdAt);
    machine.do(inject('nodeDown', { node: voter }));
    assert.equal(machine.observed.status, 'Offline');
  });
});

test('a witness in the cloud goes with the uplink, one in the local network stays', () => {
  const cloud = afterWitness(Machine.active(two), 'uplinkDown');
  cloud.machine.do(inject('nodeDown', { node: cloud.voter }));
  assert.equal(cloud.machine.observed.status, 'Offline');
  const local = afterWitness(withWitness(Machine.active(two), SHARE), 'uplinkDown');
  local.machine.do(inject('nodeDown', { node: local.voter }));
  assert.equal(local.machine.observed.status, 'Disconnected');
});

test('a cluster without a quorum has no VMs, and its master moves once there is one again', () => {
  const machine = Machine.withCluster(two);
  machine.do(inject('witnessOffline'));
  const voter = voterOf(machine.state, machine.now);
  machine.pass(minutes(1));
  machine.do(inject('nodeDown', { node: voter }));
  machine.pass(hours(1));
  const ups = (): boolean[] => machine.observed.cluster!.nodes.map(({ isUp }) => isUp);
  assert.deepEqual(ups(), [false, false, false]);
  machine.do(heal('witnessOffline'));
  machine.pass(minutes(5));
  assert.deepEqual(ups(), [true, voter !== 1, voter !== 2]);
});
