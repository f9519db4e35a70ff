import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placementsOf } from '#appliance/placement.ts';
import { minutes } from '#shared/instant.ts';
import { Machine } from './machine.ts';

const codesOf = (machine: Machine, ...query: string[][]): string[] =>
  placementsOf(machine.seen.capacity!, query).map((placement) => placement.code);

const times = (count: number, size: string): string[] => Array.from({ length: count }, () => size);

test('what fits, in whatever casing, and what is asked comes back as it was', () => {
  const [placement] = placementsOf(Machine.active().seen.capacity!, [['standard_d2_V2']]);
  assert.deepEqual(placement, {
    sizes: ['standard_d2_V2'],
    isFeasible: true,
    code: 'Feasible',
    message: 'VMs of these sizes can be created on the device.',
  });
});

test('a size that the device has not', () => {
  assert.deepEqual(
    codesOf(Machine.active(), ['Standard_D2_v2', 'Standard_M128'], ['constructor']),
    ['VmSizeNotSupported', 'VmSizeNotSupported'],
  );
});

test('the VMs of a list stand side by side, the lists do not', () => {
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

test('two nodes hold twice as much, but no VM is on both; few cores are too few', () => {
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

test('asking takes seconds, of an active machine only', () => {
  assert.ok(Machine.active().do({ kind: 'checkCapacity' }) < minutes(1));
  const { code } = new Machine().refusal({ kind: 'checkCapacity' });
  assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
});
