/**
 * The diagnostic tests of the local web interface. What a condition breaks fails here too; each result follows from the conditions at
 * the moment at which the tests ran. Source: [doc] (local-api); recommended actions are `[ours]`.
 */
import type { Condition, ConditionKind } from './conditions.ts';
import type { DiagnosticResult } from './diagnostic-result.ts';
import { hardwareOf } from './models.ts';
import type { ApplianceState } from './state.ts';

interface Test {
  readonly name: string;
  readonly category: string;
  /** The conditions that make it fail, each with what to do about it. */
  readonly failsOn?: Readonly<Partial<Record<ConditionKind, string>>>;
  readonly isApplicable?: (state: ApplianceState) => boolean;
  /** What to do where something else than a condition makes it fail. */
  readonly breaks?: (state: ApplianceState) => string | undefined;
}

const NO_WAY = 'Check the cable, the gateway and the DNS servers of the port that leads to Azure.';
const REPLACE_DISK = 'Have the disk replaced.';
const isActive = ({ isActive: active }: ApplianceState): boolean => active;

const TESTS: readonly Test[] = [
  { name: 'System software', category: 'Software' },
  {
    name: 'Disks',
    category: 'Hardware, Disk',
    failsOn: { diskFailing: REPLACE_DISK, diskFailed: REPLACE_DISK, storageLost: REPLACE_DISK },
  },
  {
    name: 'Power Supply Units',
    category: 'Hardware',
    failsOn: { supplyOff: 'Check the cable of the power supply.' },
  },
  { name: 'Network interfaces', category: 'Hardware', failsOn: { uplinkDown: NO_WAY } },
  { name: 'CPUs', category: 'Hardware', failsOn: { nodeDown: 'Bring the node up again.' } },
  { name: 'Network settings', category: 'Logical, Network' },
  { name: 'Internet connectivity', category: 'Logical, Network', failsOn: { uplinkDown: NO_WAY } },
  {
    name: 'Web proxy',
    category: 'Logical, Network',
    isApplicable: ({ local }) => local?.config.webProxy?.isEnabled === true,
  },
  {
    name: 'Time sync',
    category: 'Logical, Time',
    failsOn: { clockSkew: 'Check the time server of the device.', uplinkDown: NO_WAY },
  },
  {
    name: 'Azure portal connectivity',
    category: 'Logical, Network, AzureConnectivity',
    failsOn: { uplinkDown: NO_WAY },
    isApplicable: isActive,
  },
  {
    name: 'Azure storage account credentials',
    category: 'Logical, AzureConnectivity',
    failsOn: { uplinkDown: NO_WAY, vaultDeleted: 'Recover the key vault of the device.' },
    isApplicable: ({ credentials }) => credentials.length > 0,
  },
  {
    name: 'Software update readiness',
    category: 'Logical, Update',
    failsOn: {
      nodeDown: 'Bring the node up again.',
      diskFailed: REPLACE_DISK,
      updateFails: 'Contact support.',
    },
  },
  { name: 'User passwords', category: 'Logical, PasswordExpiry' },
  { name: 'Azure consistent services health check', category: 'ACS', isApplicable: isActive },
  {
    name: 'Certificates',
    category: 'Certificates',
    failsOn: { certificateExpiring: 'Bring a new certificate to the device.' },
    breaks: ({ at, local }) => {
      const ended = local?.config.certificates?.find(({ expiresAt }) => expiresAt <= at);
      return ended === undefined
        ? undefined
        : `The certificate of type ${ended.type} has expired. Bring a new one.`;
    },
  },
  {
    name: 'Azure container read/write',
    category: 'Logical, Network, AzureConnectivity',
    failsOn: { uplinkDown: NO_WAY },
    isApplicable: ({ storageAccounts }) => storageAccounts.length > 0,
  },
  {
    name: 'Azure Edge compute runtime',
    category: 'Logical, AzureEdgeCompute',
    failsOn: { nodeDown: 'Bring the node up again.' },
    isApplicable: ({ cluster }) => cluster !== undefined,
  },
  {
    name: 'Compute acceleration',
    category: 'Hardware, Logical',
    failsOn: {
      gpuLost: 'Restart the device. If that does not help, contact support.',
      overTemperature: 'Check the fans of the device, and the temperature of the room.',
    },
    isApplicable: ({ spec }) => hardwareOf(spec.sku).gpu.type !== 'None',
  },
];

/** The results of all tests under `conditions`, in the documented order. */
export const diagnosticsOf = (
  state: ApplianceState,
  conditions: readonly Condition[],
): readonly DiagnosticResult[] =>
  TESTS.map(({ name, category, failsOn = {}, isApplicable, breaks }) => {
    const failing = conditions.find(({ kind }) => failsOn[kind] !== undefined);
    const action = failing === undefined ? breaks?.(state) : failsOn[failing.kind];
    const status =
      isApplicable?.(state) === false
        ? 'NotApplicable'
        : action === undefined
          ? 'Succeeded'
          : 'Failed';
    return {
      test: name,
      category,
      status,
      recommendedActions: status === 'Failed' ? (action ?? '') : '',
    };
  });
