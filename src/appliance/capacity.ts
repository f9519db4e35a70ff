/**
 * What a machine has: usable storage and memory, by its model, and how much of that VMs may use. What is in use of it is `occupancy.ts`.
 * Sources: spec-gpu, spec-pror, spec-mini, spec-pro2, seed, ps, k8sfail, [S] (appliance.md §1.1, §4.2, §11).
 */
import type { MachineSpec } from './commands.ts';
import { hardwareOf } from './models.ts';

const BYTES_PER_TB = 10 ** 12;
const BYTES_PER_MB = 1024 ** 2;
const BYTES_PER_GIB = 1024 ** 3;

/**
 * Usable storage in MB of 1,048,576 bytes, as Windows counts [ours]. Two nodes have the storage of one, since each byte is
 * mirrored to the other node [ours: no document states a two-node capacity].
 */
export function localCapacityMb(spec: MachineSpec): number {
  return Math.floor((hardwareOf(spec.sku).usableStorageTb * BYTES_PER_TB) / BYTES_PER_MB);
}

/** Storage of the sample that isn't available for data [S]. */
const SYSTEM_STORAGE_MB = 84_491;

/** Of it, what is free for data on a machine that has none, in the same unit. */
export const freeCapacityMb = (spec: MachineSpec): number =>
  Math.max(0, localCapacityMb(spec) - SYSTEM_STORAGE_MB);

/** Bytes of RAM of one node as built in; a worker VM gets a share of it (ps [D]). */
export function memoryBytes(spec: Pick<MachineSpec, 'sku'>): number {
  return hardwareOf(spec.sku).memoryGib * BYTES_PER_GIB;
}

/** Memory that the first NUMA node of the sample lacks of its half [S]. */
export const FIRMWARE_MB = 382;

/** The memory of one node in MB, as the sample counts it [S]. */
export const hostMemoryMb = (spec: Pick<MachineSpec, 'sku'>): number =>
  Math.floor(memoryBytes(spec) / BYTES_PER_MB) - FIRMWARE_MB;

/**
 * How many MB of each node's memory VMs may use. Of two nodes it is half, so that what runs on the one finds room on the other when it fails
 * (k8sfail); a node by itself has no such limit: undefined.
 */
export const vmMemoryLimitMb = (
  spec: Pick<MachineSpec, 'sku' | 'nodeCount'>,
): number | undefined => (spec.nodeCount === 1 ? undefined : Math.floor(hostMemoryMb(spec) / 2));
