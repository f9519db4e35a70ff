/**
 * What a machine has and what of it its cluster takes. Called by `observe.ts`, `compute.ts` and `arc.ts`. Pure arithmetic
 * on the model; never knows what is running.
 * Sources: spec-gpu, spec-pror, spec-mini, spec-pro2, seed, ps (appliance.md §1.1, §4.2).
 */
import type { MachineSpec } from './commands.ts';
import { hardwareOf } from './models.ts';

const BYTES_PER_TB = 10 ** 12;
const BYTES_PER_MB = 1024 ** 2;
const BYTES_PER_GIB = 1024 ** 3;

/**
 * Usable storage in MB of 1,048,576 bytes, as Windows counts [ours]. Two nodes hold every byte twice [ours: no document
 * gives a two-node capacity, and storage spaces over two nodes mirror between them], so they have one node's.
 */
export function localCapacityMb(spec: MachineSpec): number {
  return Math.floor((hardwareOf(spec.sku).usableStorageTb * BYTES_PER_TB) / BYTES_PER_MB);
}

/** RAM of one node as built in: what a worker VM gets its share of (ps [D]). */
export function memoryBytes(spec: MachineSpec): number {
  return hardwareOf(spec.sku).memoryGib * BYTES_PER_GIB;
}
