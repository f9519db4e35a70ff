/**
 * What of a machine is used and what is free: storage, GPUs, and memory by node, in the terms of deviceCapacityInfo. Only
 * the VMs of the Kubernetes cluster use anything, since a simulated machine has no others.
 * Sources: [S] DeviceCapacityGet and its arithmetic [D], rn2101… (GPUs), k8sfail (appliance.md §1.1, §15).
 */
import { MASTER_SIZE } from '#kubernetes/nodes.ts';
import { guid } from '#shared/random.ts';
import {
  FIRMWARE_MB,
  freeCapacityMb,
  hostMemoryMb,
  localCapacityMb,
  vmMemoryLimitMb,
} from './capacity.ts';
import { observedClusterOf } from './observe-cluster.ts';
import { serialNumbersOf } from './identity.ts';
import { conditionsOf, has, hasLostGpu, nodesOf } from './conditions.ts';
import { hardwareOf } from './models.ts';
import type { ObservedCapacity, ObservedHost, ObservedNumaNode } from './inspection.ts';
import type { ApplianceState } from './state.ts';

const BYTES_PER_MB = 1024 ** 2;
/** The part of its memory that the host reserves [S, D]. */
const HYPERV_RESERVE = 0.15;
/** Hardware threads of a core; all models of appliance.md §1.1 have two. */
const THREADS_PER_CORE = 2;

interface Vm {
  readonly id: string;
  readonly memoryMb: number;
  readonly processorCount: number;
  /** The index of the node on which it runs. */
  readonly node: number;
  /** True for a worker, which is pinned to its node; the master can move (k8sfail). */
  readonly isPinned: boolean;
}

/** The VMs of the cluster. The master begins on the first node, each worker is on its own node (seed, clus). */
function vmsOf(state: ApplianceState): readonly Vm[] {
  const cluster = observedClusterOf(state);
  let worker = -1;
  return (cluster?.nodes ?? []).map((node) => {
    const isPinned = node.type === 'Worker';
    if (isPinned) worker++;
    const size = isPinned ? cluster?.worker : MASTER_SIZE;
    return {
      id: guid(state.spec.seed, 'vm', node.name),
      memoryMb: Math.floor((size?.memoryBytes ?? 0) / BYTES_PER_MB),
      processorCount: size?.processorCount ?? 0,
      // The master can have moved to the second node (failover.ts).
      node: isPinned ? worker : (state.cluster?.masterOn ?? 1) - 1,
      isPinned,
    };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
/** Rounded to two decimals, as in the sample [S]. */
const rounded = (megabytes: number): number => Math.round(megabytes * 100) / 100;

/** The capacity of an active machine. */
export function capacityOf(state: ApplianceState): ObservedCapacity {
  const { spec } = state;
  const vms = vmsOf(state);
  const hosts = hostsOf(state, vms);
  const totalMb = sum(hosts.map((host) => host.totalMemoryMb));
  const hypervReserveMb = rounded(totalMb * HYPERV_RESERVE);
  const usedByVmsMb = sum(vms.map((vm) => vm.memoryMb));
  const moving = vms.filter((vm) => !vm.isPinned).map((vm) => vm.memoryMb);
  const failoverMb = spec.nodeCount === 1 ? 0 : sum(moving);
  const usedMb = rounded(usedByVmsMb + hypervReserveMb + failoverMb);
  const storageMb = localCapacityMb(spec);
  return {
    storage: {
      totalMb: storageMb,
      freeMb: has(conditionsOf(state), 'storageFull') ? 0 : freeCapacityMb(spec),
    },
    // The name of the failover cluster as in [S]; a machine with one node has one, too.
    clusterName: `${serialNumbersOf(spec)[0] ?? ''}CL`,
    gpu: gpusOf(state),
    memory: {
      totalMb,
      usedMb,
      freeMb: rounded(Math.max(0, totalMb - usedMb)),
      failoverMb,
      hypervReserveMb,
      nonFailoverVmMb: spec.nodeCount === 1 ? 0 : usedByVmsMb - failoverMb,
      usedByVmsMb,
    },
    provisionedCores: sum(vms.map((vm) => vm.processorCount)),
    hosts,
  };
}

/** The GPUs. Kubernetes uses all GPUs that no VM used before it (rn2101…), which here is all of them. */
function gpusOf(state: ApplianceState): ObservedCapacity['gpu'] {
  const { type, count } = gpuOf(state);
  const conditions = conditionsOf(state);
  const total = count * nodesOf(state).filter((node) => !hasLostGpu(conditions, node)).length;
  const used = state.cluster === undefined ? 0 : total;
  return { type, used, free: total - used, total };
}

/** The GPU of the model. Accelerators that aren't GPUs don't count. */
function gpuOf({ spec }: ApplianceState): { readonly type: string; readonly count: number } {
  const { gpu } = hardwareOf(spec.sku);
  return gpu.type.startsWith('Nvidia') ? gpu : { type: 'None', count: 0 };
}

function hostsOf(state: ApplianceState, vms: readonly Vm[]): readonly ObservedHost[] {
  const { spec } = state;
  const gpu = gpuOf(state);
  const totalMemoryMb = hostMemoryMb(spec);
  const limitMb = vmMemoryLimitMb(spec) ?? totalMemoryMb;
  return serialNumbersOf(spec).map((name, node) => {
    const own = vms.filter((vm) => vm.node === node);
    const usedByVmsMb = sum(own.map((vm) => vm.memoryMb));
    const takenMb = usedByVmsMb + totalMemoryMb * HYPERV_RESERVE;
    const leftMb = Math.min(totalMemoryMb - takenMb, limitMb - usedByVmsMb);
    return {
      name,
      totalMemoryMb,
      availableMemoryMb: Math.max(0, Math.floor(leftMb)),
      gpuType: gpu.type,
      freeGpuCount: state.cluster === undefined ? gpu.count : 0,
      usableVcpuCount: hardwareOf(spec.sku).usableVcpuCount,
      vms: own.map(({ id, memoryMb }) => ({ id, memoryMb })),
      numaNodes: numaNodesOf(state, totalMemoryMb, takenMb),
    };
  });
}

/** The NUMA nodes of a host, over which the VMs are spread evenly [ours]. */
function numaNodesOf(
  { spec }: ApplianceState,
  totalMemoryMb: number,
  takenMb: number,
): readonly ObservedNumaNode[] {
  const { numaNodeCount, usableVcpuCount } = hardwareOf(spec.sku);
  const shareMb = Math.floor((totalMemoryMb + FIRMWARE_MB) / numaNodeCount);
  const vcpus = Math.floor(usableVcpuCount / numaNodeCount);
  return Array.from({ length: numaNodeCount }, (_, index) => {
    const ownMb = index === 0 ? shareMb - FIRMWARE_MB : shareMb;
    return {
      index,
      totalMemoryMb: ownMb,
      availableMemoryMb: Math.max(0, Math.floor(ownMb - takenMb / numaNodeCount)),
      threadsPerCore: THREADS_PER_CORE,
      rootVcpus: Array.from({ length: vcpus }, (_vcpu, vcpu) => index * vcpus + vcpu),
    };
  });
}
