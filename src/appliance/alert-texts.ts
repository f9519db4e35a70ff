/**
 * What the alerts about conditions say. The heartbeat's is not among them: it follows from several (`alerts.ts`).
 * Sources: alerts (appliance.md §14), whose groups and severities these are; types and texts are `[ours]`.
 */
import { days, plus } from '#shared/instant.ts';
import type { NodeNumber } from './commands.ts';
import { type Condition, has, isOut, conditionsOf, nodesOf } from './conditions.ts';
import { serialNumbersOf } from './identity.ts';
import type { ObservedAlert } from './inspection.ts';
import type { ApplianceState } from './state.ts';

/** Type, texts and severity of an alert. */
export type AlertText = Pick<ObservedAlert, 'type' | 'title' | 'recommendation' | 'severity'> &
  Partial<Pick<ObservedAlert, 'details'>>;

/** How long a certificate that is about to expire is still valid [ours]. */
const CERTIFICATE_LASTS_DAYS = 30;
/** From so many days before its end on, a certificate is critical [ours]; before that it is a warning (alerts). */
const CRITICAL_DAYS = 7;

/** What is said about `condition`; undefined where no alert is raised about it. */
export function textOf(state: ApplianceState, condition: Condition): AlertText | undefined {
  const { kind } = condition;
  const node = serialNumbersOf(state.spec)[(condition.node ?? 1) - 1] ?? '';
  switch (kind) {
    case 'nodeDown':
    case 'nodeRebooting':
      return isAlone(state) ? undefined : nodeDown(node);
    case 'diskFailing':
    case 'diskFailed':
      return disk(kind, { node, disk: String(condition.disk ?? 1) });
    case 'supplyOff':
      return supplyOff({ node, supply: String(condition.supply ?? 1) });
    case 'gpuLost':
    case 'overTemperature':
      return accelerator(kind, node);
    case 'witnessOffline':
      return witness(state);
    case 'certificateExpiring':
      return certificate(state, condition);
    default:
      return TEXTS[kind];
  }
}

/** Of conditions about which there is the same to say on every machine. */
const TEXTS: Readonly<Partial<Record<Condition['kind'], AlertText>>> = {
  uplinkSlow: {
    type: 'LowThroughputToAzureCondition',
    title: 'The throughput to Azure is low.',
    recommendation:
      'Check the bandwidth of the internet connection and the bandwidth schedules of the device.',
    severity: 'Warning',
  },
  vaultDeleted: {
    type: 'KeyVaultDeletedCondition',
    title: 'The key vault of the device was deleted.',
    recommendation:
      'Recover the key vault. Until then users and shares cannot be added, and compute cannot be configured.',
    severity: 'Critical',
  },
  vaultSecretDeleted: {
    type: 'KeyVaultSecretsUnreadableCondition',
    title: 'The secrets in the key vault of the device cannot be read.',
    recommendation:
      'Recover the channel integrity key in the key vault. Until then users and shares cannot be added, and compute cannot be configured.',
    severity: 'Critical',
  },
  clockSkew: {
    type: 'TimeNotSynchronizedCondition',
    title: 'The clock of the device differs from that of its time server.',
    recommendation: 'Check the time server in the settings of the device, and the way to it.',
    severity: 'Warning',
  },
  storageFull: {
    type: 'DataVolumeFullCondition',
    title: 'The data volume is 100% full. Writes to the device are throttled.',
    recommendation: 'Delete data that is not needed, or wait until it has been uploaded.',
    severity: 'Critical',
  },
  storageLost: {
    type: 'VolumeInaccessibleCondition',
    title: 'The data volume cannot be accessed.',
    recommendation: 'More disks have failed than the storage can do without. Replace them.',
    severity: 'Critical',
  },
};

/** A device that is cut off, or off, tells nobody of its witness. */
const witness = (state: ApplianceState): AlertText | undefined =>
  has(conditionsOf(state), 'uplinkDown', 'quorumLost')
    ? undefined
    : {
        type: 'ClusterWitnessOfflineCondition',
        title: 'The cluster witness of the device is offline.',
        recommendation:
          'Check the storage account or the file share of the witness, and the way to it from both nodes. Until it is back, the loss of one node may take the device offline.',
        severity: 'Critical',
      };

const supplyOff = (details: { readonly node: string; readonly supply: string }): AlertText => ({
  type: 'PowerSupplyFailedCondition',
  title: `Power supply ${details.supply} of the node ${details.node} has no power.`,
  recommendation: 'Check the cable and the power supply, and replace the supply if it is faulty.',
  severity: 'Critical',
  details,
});

/** Whether no node runs that could tell of another one, or the cluster of the nodes has stopped. */
const isAlone = (state: ApplianceState): boolean => {
  const conditions = conditionsOf(state);
  if (has(conditions, 'quorumLost')) return true;
  return nodesOf(state).every((node: NodeNumber) => isOut(conditions, node));
};

const nodeDown = (node: string): AlertText => ({
  type: 'ClusterNodeDownCondition',
  title: `The node ${node} of the device is down.`,
  recommendation:
    'The node is off, has no connection to its neighbour, or restarts for an update. If it does not come back, check its power and its network.',
  severity: 'Critical',
  details: { node },
});

const disk = (
  kind: 'diskFailing' | 'diskFailed',
  details: { readonly node: string; readonly disk: string },
): AlertText =>
  kind === 'diskFailing'
    ? {
        type: 'DiskFailingSoonCondition',
        title: `The disk ${details.disk} of the node ${details.node} is failing soon.`,
        recommendation: 'Have the disk replaced before it fails.',
        severity: 'Warning',
        details,
      }
    : {
        type: 'DiskFailedCondition',
        title: `The disk ${details.disk} of the node ${details.node} has failed. The storage is degraded.`,
        recommendation: 'Replace the disk. If another one fails, the device becomes unhealthy.',
        severity: 'Critical',
        details,
      };

const accelerator = (kind: 'gpuLost' | 'overTemperature', node: string): AlertText =>
  kind === 'gpuLost'
    ? {
        type: 'AcceleratorUnhealthyCondition',
        title: `The compute acceleration of the node ${node} is unhealthy.`,
        recommendation: 'Restart the device. If that does not help, contact support.',
        severity: 'Critical',
        details: { node },
      }
    : {
        type: 'AcceleratorShutDownCondition',
        title: `The compute acceleration of the node ${node} has shut down, because it is too hot.`,
        recommendation: 'Check the fans of the device, and the temperature of the room.',
        severity: 'Critical',
        details: { node },
      };

/** Counts the days that are left. */
function certificate(state: ApplianceState, { since }: Condition): AlertText {
  const left = plus(since, days(CERTIFICATE_LASTS_DAYS)) - state.at;
  const count = Math.max(0, Math.ceil(left / days(1)));
  return {
    type: 'CertificateExpiringCondition',
    title: `A certificate of the device expires in ${count} days.`,
    recommendation: 'Bring a new certificate to the device before this one expires.',
    severity: count <= CRITICAL_DAYS ? 'Critical' : 'Warning',
    details: { days: String(count) },
  };
}
