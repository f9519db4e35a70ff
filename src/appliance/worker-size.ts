/**
 * The size of the cluster's worker VMs, by the VM profile of the role. Documents say that a worker has 30 % of the cores and 25 % of the
 * memory, and that 15 to 60 % of either are good (ps, seed; appliance.md §4.2); other sizes are refused here `[ours]`, and so are those with which
 * the VMs of one of two nodes would use more than half of its memory (k8sfail: enforced). The profile
 * of the published samples, `DS1_v2`, is smaller than that: it stands for the usual size, and so does a name that is no size.
 */
import { MASTER_SIZE, type VmSize } from '#kubernetes/nodes.ts';
import { memoryBytes, vmMemoryLimitMb } from './capacity.ts';
import type { MachineSpec } from './commands.ts';
import { hardwareOf } from './models.ts';
import { vmSizeOf } from './placement.ts';

const LEAST_PERCENT = 15;
const MOST_PERCENT = 60;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The profile of the samples (iotapi, [S]). */
const SAMPLE = /^(standard_)?ds1_v2$/i;

/** The size that `profile` asks for on that machine: undefined, the usual one. */
export function workerSizeIn(profile: string): VmSize | undefined {
  if (SAMPLE.test(profile)) return undefined;
  const size = vmSizeOf(profile);
  return size === undefined
    ? undefined
    : { processorCount: size.vcpus, memoryBytes: size.memoryGib * GIB };
}

/** Everything that is wrong with a worker of that size on that machine. */
export function faultsOfWorker(
  spec: Pick<MachineSpec, 'sku' | 'nodeCount'>,
  { processorCount, memoryBytes: bytes }: VmSize,
): readonly string[] {
  const vcpus = hardwareOf(spec.sku).usableVcpuCount;
  const memory = memoryBytes(spec) / GIB;
  const isWithin = (part: number, whole: number): boolean =>
    part * 100 >= whole * LEAST_PERCENT && part * 100 <= whole * MOST_PERCENT;
  const limitMb = vmMemoryLimitMb(spec) ?? Infinity;
  // The master VM may run beside either worker.
  const mostGib = (limitMb * MIB - MASTER_SIZE.memoryBytes) / GIB;
  const limits = (whole: number): string =>
    `${round((whole * LEAST_PERCENT) / 100)} to ${round((whole * MOST_PERCENT) / 100)}`;
  return [
    ...(isWithin(processorCount, vcpus)
      ? []
      : [
          `A worker VM has ${limits(vcpus)} vCPUs on this device, ${LEAST_PERCENT} to ${MOST_PERCENT} percent of its own, and not ${processorCount}.`,
        ]),
    ...(isWithin(bytes / GIB, memory)
      ? []
      : [
          `A worker VM has ${limits(memory)} GiB of memory on this device, ${LEAST_PERCENT} to ${MOST_PERCENT} percent of its own, and not ${bytes / GIB}.`,
        ]),
    ...(bytes / GIB <= mostGib
      ? []
      : [
          `Of two nodes each uses at most half of its memory for VMs, so that there is room for what runs on the other one when that fails: a worker VM has at most ${Math.floor(mostGib * 10) / 10} GiB of memory on this device, beside the master VM, and not ${bytes / GIB}.`,
        ]),
  ];
}

const round = (number: number): number => Math.round(number * 10) / 10;
