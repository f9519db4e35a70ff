import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placementsOf } from '#appliance/placement.ts';
import { minutes } from '#shared/instant.ts';
import { Machine } from './machine.ts';

const codesOf = (machine: Machine, ...query: string[][]): string[] =>
  placementsOf(machine.observed.capacity!, query).map((placement) => placement.code);

const times = (count: number, size: string): string[] => Array.from({ length: count }, () => size);

test('sizes that fit, in any casing, are returned as they were requested', () => {
  const [placement] = placementsOf(Machine.active().observed.capacity!, [['standard_d2_V2']]);
  assert.deepEqual(placement, {
    sizes: ['standard_d2_V2'],
    isFeasible: true,
    code: 'Feasible',
    message: 'VMs of these sizes can be created on the device.',
  });
});

test('an unknown size is not feasible', () => {
  assert.deepEqual(
    codesOf(Machine.active(), ['Standard_D2_v2', 'Standard_M128'], ['constructor']),
    ['VmSizeNotSupported', 'VmSizeNotSupported'],
  );
});

test('VMs of one list are placed together, lists independently', () => {
  const machine = Machine.active();
  const size = 'Standard_D5_v2';
  assert.deepEqual(codesOf(machine, [size], [size], times(2, size)), [
    'Feasible',
    'Feasible',
    'InsufficientMemory',
  ]);
  assert.deepEqual(codesOf(machine, times(15, 'Standard_D2_v2'), times(16, 'Standard_D2_v2')), [
    'Feasible',
    'InsufficientMemory',
  ]);
});

test('a cluster leaves less, and no GPU', () => {
  const gpu = ['Standard_NC4as_T4_v3'];
  assert.deepEqual(codesOf(Machine.active(), gpu, [...gpu, ...gpu]), [
    'Feasible',
    'InsufficientGpus',
  ]);
  assert.deepEqual(codesOf(Machine.active({ sku: 'EdgeP_High' }), [...gpu, ...gpu]), ['Feasible']);
  const machine = Machine.withCluster();
  assert.deepEqual(
    codesOf(machine, gpu, times(10, 'Standard_D2_v2'), times(11, 'Standard_D2_v2')),
    ['InsufficientGpus', 'Feasible', 'InsufficientMemory'],
  );
});

test('two nodes have twice the room, but a VM is on one node only; too few cores are reported', () => {
  const size = 'Standard_D5_v2';
  const machine = Machine.active({ nodeCount: 2 });
  assert.deepEqual(codesOf(machine, times(2, size), times(3, size)), [
    'Feasible',
    'InsufficientMemory',
  ]);
  assert.deepEqual(codesOf(Machine.active({ sku: 'Gateway' }), ['Standard_F8']), [
    'InsufficientCores',
  ]);
  assert.deepEqual(codesOf(machine, []), ['Feasible']);
});

test('of two nodes each keeps half of its memory for the other one (k8sfail)', () => {
  const small = 'Standard_D2_v2';
  // 63.8 GiB of each node, 7 GiB a VM; a node by itself has 108.5 GiB free.
  const two = Machine.active({ nodeCount: 2 });
  assert.deepEqual(codesOf(two, times(18, small), times(19, small)), [
    'Feasible',
    'InsufficientMemory',
  ]);
  const [, refused] = placementsOf(two.observed.capacity!, [[], times(19, small)]);
  assert.match(refused!.message, /Of two nodes each keeps half of its memory/);
  assert.deepEqual(codesOf(Machine.active(), times(15, small)), ['Feasible']);
  // A cluster has 36 GiB of the first node, and 32 of the second.
  assert.deepEqual(
    codesOf(Machine.withCluster({ nodeCount: 2 }), times(7, small), times(8, small)),
    ['Feasible', 'InsufficientMemory'],
  );
});

test('a capacity check takes seconds and needs an active machine', () => {
  assert.ok(Machine.active().do({ kind: 'checkCapacity' }) < minutes(1));
  const { code } = new Machine().refusal({ kind: 'checkCapacity' });
  assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
});
