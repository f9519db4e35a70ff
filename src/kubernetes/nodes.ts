/**
 * The nodes of a cluster: their names and the sizes of their VMs. Called by `cluster.ts` and, for what Arc counts, by
 * the appliance. Never knows SKUs: it is told cores and memory.
 * Sources: seed, ps, clus (appliance.md §4.2, §4.3).
 */

export interface VmSize {
  readonly processorCount: number;
  readonly memoryBytes: number;
}

const GIB = 1024 ** 3;

/** 4 cores, 4 GB (seed). */
export const MASTER_SIZE: VmSize = { processorCount: 4, memoryBytes: 4 * GIB };

const WORKER_CORE_PERCENT = 30;
const WORKER_MEMORY_PERCENT = 25;

/**
 * The size of one worker VM: 30 % of the usable vCPUs, 25 % of the RAM as built in (seed; 12 and 32 GiB on a Pro GPU by
 * the sample in ps [D]). Rounded down: how 9.6 is rounded is [NF], and rounding down never promises what isn't there [ours].
 */
export function workerSizeOf(machine: {
  readonly usableVcpuCount: number;
  readonly memoryBytes: number;
}): VmSize {
  return {
    processorCount: Math.floor((machine.usableVcpuCount * WORKER_CORE_PERCENT) / 100),
    memoryBytes: Math.floor((machine.memoryBytes * WORKER_MEMORY_PERCENT) / 100),
  };
}

/** `1hwf613cl`: the cluster is named by the serial number of its first node (ps, [S] DeviceCapacityGet `3V78B03CL`). */
const clusterNameOf = (firstSerialNumber: string): string => `${firstSerialNumber}cl`.toLowerCase();

/** `k8s-1hwf613cl`: [NF], the pattern that appliance.md §4.3 suggests. */
export const masterNameOf = (firstSerialNumber: string): string =>
  `k8s-${clusterNameOf(firstSerialNumber)}`;

/** `k8s-1hwf613cl-1hwf613`: the worker VM that is pinned to the device node with `serialNumber` (ps, k8sfail). */
export const workerNameOf = (firstSerialNumber: string, serialNumber: string): string =>
  `k8s-${clusterNameOf(firstSerialNumber)}-${serialNumber.toLowerCase()}`;

/** All vCPUs of a cluster, the master's included: what Arc charges for (appliance.md §10.6 [D]). */
export const coreCountOf = (worker: VmSize, workerCount: number): number =>
  MASTER_SIZE.processorCount + worker.processorCount * workerCount;
