import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS } from '#appliance/models.ts';
import { minutes } from '#shared/instant.ts';
import { Machine } from './machine.ts';

const capacityOf = (machine: Machine) => machine.observed.capacity!;

test('there is no capacity before activation', () => {
  assert.equal(new Machine().observed.capacity, undefined);
});

test('an empty Pro GPU: the sample’s total, 15 % of it for the host, one T4 free [S]', () => {
  const { memory, gpu, storage, provisionedCores, hosts, clusterName } = capacityOf(
    Machine.active(),
  );
  assert.deepEqual(memory, {
    totalMb: 130_690,
    usedMb: 19_603.5,
    freeMb: 111_086.5,
    failoverMb: 0,
    hypervReserveMb: 19_603.5,
    nonFailoverVmMb: 0,
    usedByVmsMb: 0,
  });
  assert.deepEqual(gpu, { type: 'NvidiaTeslaT4', used: 0, free: 1, total: 1 });
  assert.equal(storage.totalMb - storage.freeMb, 84_491);
  assert.equal(provisionedCores, 0);
  assert.equal(clusterName, `${hosts[0]!.name}CL`);
  assert.deepEqual(
    hosts[0]!.numaNodes.map((node) => [node.totalMemoryMb, node.rootVcpus.length]),
    [
      [65_154, 20],
      [65_536, 20],
    ],
  );
  assert.deepEqual(hosts[0]!.numaNodes[1]!.rootVcpus.slice(0, 2), [20, 21]);
});

test('a cluster uses the memory of its VMs, as these are created, and every GPU (rn2101)', () => {
  const machine = Machine.active();
  const id = machine.start({ kind: 'createCluster', role: 'k8s' });
  assert.equal(capacityOf(machine).memory.usedByVmsMb, 0);
  machine.pass(minutes(8));
  assert.equal(capacityOf(machine).memory.usedByVmsMb, 4096);
  machine.end(id);
  const { memory, gpu, provisionedCores, hosts } = capacityOf(machine);
  assert.equal(memory.usedByVmsMb, 4096 + 32_768);
  assert.equal(memory.usedMb, memory.usedByVmsMb + memory.hypervReserveMb);
  assert.equal(memory.freeMb + memory.usedMb, memory.totalMb);
  assert.deepEqual([gpu.used, gpu.free], [1, 0]);
  assert.equal(provisionedCores, 4 + 12);
  assert.deepEqual(hosts[0]!.vms.map((vm) => vm.memoryMb).sort(), [32_768, 4096]);
  assert.equal(hosts[0]!.freeGpuCount, 0);
  machine.do({ kind: 'deleteCluster', role: 'k8s' });
  assert.equal(capacityOf(machine).memory.usedByVmsMb, 0);
});

test('two nodes: each runs its worker, and the other one reserves memory for the master', () => {
  const { memory, hosts } = capacityOf(Machine.withCluster({ nodeCount: 2 }));
  assert.equal(memory.totalMb, 2 * 130_690);
  assert.deepEqual([memory.failoverMb, memory.nonFailoverVmMb], [4096, 65_536]);
  assert.equal(memory.freeMb + memory.usedMb, memory.totalMb);
  assert.deepEqual(
    hosts.map((host) => host.vms.length),
    [2, 1],
  );
});

test('the arithmetic holds for every model, and nothing is below zero', () => {
  for (const { sku, nodeCounts, hasKubernetes } of MODELS) {
    for (const nodeCount of nodeCounts) {
      const spec = { sku, nodeCount };
      const machine = hasKubernetes ? Machine.withCluster(spec) : Machine.active(spec);
      const { memory, storage, hosts, gpu } = capacityOf(machine);
      assert.ok(Math.abs(memory.freeMb + memory.usedMb - memory.totalMb) < 0.01, sku);
      assert.ok(memory.freeMb > 0 && storage.freeMb > 0, sku);
      assert.equal(gpu.used + gpu.free, gpu.total, sku);
      assert.equal(hosts.length, nodeCount);
      for (const host of hosts) assert.ok(host.availableMemoryMb >= 0, sku);
    }
  }
});
