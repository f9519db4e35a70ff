/**
 * Whether VMs of given sizes can be placed on a machine: the arithmetic behind deviceCapacityCheck, over the free capacity.
 * No VM is created and nothing is reserved.
 * Sources: [S] DeviceCapacityRequestPost; the sizes are those that the product's documentation lists for VMs on the device
 * [mem]. The message codes are `[ours]`.
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { ObservedCapacity } from './inspection.ts';
import type { CommandOf, Process } from './process.ts';
import { refuseUnlessActive } from './refusals.ts';

const CAPACITY_CHECK: readonly Stage[] = [
  { name: 'compute', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

/** Takes a while and changes nothing; the caller computes the result from the free capacity at the end. */
export const checkCapacity: Process<CommandOf<'checkCapacity'>> = {
  subject: () => '',
  refuse: (state) => refuseUnlessActive(state),
  table: () => CAPACITY_CHECK,
};

interface VmSize {
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpus: number;
}

/** VM sizes by name without `Standard_`: vCPUs, GiB of memory, GPUs. */
const SIZES: Readonly<Record<string, readonly [vcpus: number, memoryGib: number, gpus?: number]>> =
  {
    A1_v2: [1, 2],
    A2_v2: [2, 4],
    A4_v2: [4, 8],
    A8_v2: [8, 16],
    D1_v2: [1, 3.5],
    D2_v2: [2, 7],
    D3_v2: [4, 14],
    D4_v2: [8, 28],
    D5_v2: [16, 56],
    D11_v2: [2, 14],
    D12_v2: [4, 28],
    D13_v2: [8, 56],
    DS1_v2: [1, 3.5],
    DS2_v2: [2, 7],
    DS3_v2: [4, 14],
    DS4_v2: [8, 28],
    DS5_v2: [16, 56],
    DS11_v2: [2, 14],
    DS12_v2: [4, 28],
    DS13_v2: [8, 56],
    F1: [1, 2],
    F2: [2, 4],
    F4: [4, 8],
    F8: [8, 16],
    F16: [16, 32],
    F1s: [1, 2],
    F2s: [2, 4],
    F4s: [4, 8],
    F8s: [8, 16],
    F16s: [16, 32],
    NC4as_T4_v3: [4, 28, 1],
    NC8as_T4_v3: [8, 56, 1],
  };

const SIZE_BY_NAME: ReadonlyMap<string, VmSize> = new Map(
  Object.entries(SIZES).map(([name, [vcpus, memoryGib, gpus]]) => [
    `standard_${name}`.toLowerCase(),
    { vcpus, memoryGib, gpus: gpus ?? 0 },
  ]),
);

/** The VM size of that name, with or without `Standard_`. */
export const vmSizeOf = (name: string): VmSize | undefined =>
  SIZE_BY_NAME.get(name.toLowerCase()) ?? SIZE_BY_NAME.get(`standard_${name}`.toLowerCase());

export interface Placement {
  /** The sizes as they were requested. */
  readonly sizes: readonly string[];
  readonly isFeasible: boolean;
  readonly code: string;
  readonly message: string;
}

/** For each list, whether VMs of all its sizes can be placed together. Lists are independent of each other. */
export function placementsOf(
  capacity: ObservedCapacity,
  query: readonly (readonly string[])[],
): readonly Placement[] {
  return query.map((sizes) => placementOf(capacity, sizes));
}

function placementOf(capacity: ObservedCapacity, sizes: readonly string[]): Placement {
  const requested = sizes.map((name) => ({ name, size: SIZE_BY_NAME.get(name.toLowerCase()) }));
  const unknown = requested.find((one) => one.size === undefined);
  if (unknown !== undefined) {
    const message = `The VM size ${unknown.name} is not supported on the device.`;
    return { sizes, isFeasible: false, code: 'VmSizeNotSupported', message };
  }
  const left = capacity.hosts.map((host) => ({
    memoryMb: host.availableMemoryMb,
    gpus: host.freeGpuCount,
    vcpus: host.usableVcpuCount,
  }));
  // The largest VM is placed first.
  const bySize = requested.toSorted((a, b) => (b.size?.memoryGib ?? 0) - (a.size?.memoryGib ?? 0));
  for (const { name, size } of bySize) {
    if (size === undefined) continue;
    const reason = place(size, left);
    if (reason === undefined) continue;
    const ofTwo = reason === 'InsufficientMemory' && capacity.hosts.length > 1 ? OF_TWO : '';
    const message = `A VM of size ${name} cannot be created: ${REASONS[reason]}${ofTwo}`;
    return { sizes, isFeasible: false, code: reason, message };
  }
  const message = 'VMs of these sizes can be created on the device.';
  return { sizes, isFeasible: true, code: 'Feasible', message };
}

const REASONS = {
  InsufficientCores: 'no node of the device has so many cores.',
  InsufficientGpus: 'no node of the device has so many GPUs free.',
  InsufficientMemory: 'no node of the device has so much memory free.',
} as const;
/** Why there is less than nothing uses (k8sfail). */
const OF_TWO =
  ' Of two nodes each keeps half of its memory for what runs on the other one, should that fail.';

/** What is free on a host. */
interface Left {
  memoryMb: number;
  gpus: number;
  readonly vcpus: number;
}

/**
 * Places a VM on the first host with enough room, or returns what is missing. VMs share cores; memory and GPUs belong to
 * one VM.
 */
function place(size: VmSize, left: Left[]): keyof typeof REASONS | undefined {
  const memoryMb = size.memoryGib * 1024;
  const withCores = left.filter((host) => host.vcpus >= size.vcpus);
  if (withCores.length === 0) return 'InsufficientCores';
  const withGpus = withCores.filter((host) => host.gpus >= size.gpus);
  if (withGpus.length === 0) return 'InsufficientGpus';
  const host = withGpus.find((candidate) => candidate.memoryMb >= memoryMb);
  if (host === undefined) return 'InsufficientMemory';
  host.memoryMb -= memoryMb;
  host.gpus -= size.gpus;
  return undefined;
}
