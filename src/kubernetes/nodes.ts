/**
 * The nodes of a cluster: names and sizes of their VMs, from cores and memory of the machine. SKUs are unknown here.
 * Sources: seed, ps, clus (appliance.md §4.2, §4.3).
 */

export interface VmSize {
  readonly processorCount: number;
  readonly memoryBytes: number;
}

const GIB = 1024 ** 3;

/** The size of the master VM: 4 cores, 4 GB (seed). */
export const MASTER_SIZE: VmSize = { processorCount: 4, memoryBytes: 4 * GIB };

const WORKER_CORE_PERCENT = 30;
const WORKER_MEMORY_PERCENT = 25;

/**
 * The size of one worker VM: 30 % of the usable vCPUs and 25 % of the RAM as built in (seed; the sample in ps has 12 vCPUs
 * and 32 GiB on a Pro GPU [D]). How 9.6 vCPUs are rounded is not documented [NF]; they are rounded down, which never
 * promises more than there is [ours].
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

/** The name of the cluster, from the serial number of its first node (ps, [S] DeviceCapacityGet `3V78B03CL`): `1hwf613cl`. */
const clusterNameOf = (firstSerialNumber: string): string => `${firstSerialNumber}cl`.toLowerCase();

/** The name of the master VM: `k8s-1hwf613cl`. It is not documented [NF] and follows the pattern of appliance.md §4.3. */
export const masterNameOf = (firstSerialNumber: string): string =>
  `k8s-${clusterNameOf(firstSerialNumber)}`;

/** The name of the worker VM on the device node with `serialNumber` (ps, k8sfail): `k8s-1hwf613cl-1hwf613`. */
export const workerNameOf = (firstSerialNumber: string, serialNumber: string): string =>
  `k8s-${clusterNameOf(firstSerialNumber)}-${serialNumber.toLowerCase()}`;

/** The vCPUs of a cluster, the master's included, by which Arc charges (appliance.md §10.6 [D]). */
export const coreCountOf = (worker: VmSize, workerCount: number): number =>
  MASTER_SIZE.processorCount + worker.processorCount * workerCount;
