/**
 * The Kubernetes cluster of the machine: created, configured, deleted. What a finished cluster looks like is described by
 * `#kubernetes/cluster.ts`; what runs inside one is unknown here.
 * Sources: compute, compinc, net, clus, iotapi, rn2301 (appliance.md §4.1–4.2).
 */
import type { Failure } from '#shared/failure.ts';
import { minutes, seconds } from '#shared/instant.ts';
import { endedStages, type Stage } from '#shared/stages.ts';
import { type ClusterDescription, describeCluster } from '#kubernetes/cluster.ts';
import { memoryBytes } from './capacity.ts';
import { unchanged, withFact } from './change.ts';
import { serialNumbersOf } from './identity.ts';
import { hardwareOf } from './models.ts';
import { withoutMonitoringOf } from './monitoring.ts';
import { COMPUTE_PORT, nodeIpsOf, serviceIpRangeOf } from './network.ts';
import { needsOfMounts, refuseMissing, refuseNeeded } from './needs.ts';
import type { ObservedCluster, ObservedMount, ProvisioningState } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import {
  alreadyThere,
  busy,
  notFound,
  refuseProvisioning,
  refuseWhileInstalling,
  unsupported,
  wrongState,
} from './refusals.ts';
import { kubernetesVersionOf, mayCreateClusters } from './releases.ts';
import { mountingOf } from './roles.ts';
import {
  type ApplianceState,
  type ClusterRecord,
  isRunning,
  named,
  type Activity,
  without,
  activitiesOf,
} from './state.ts';

const WHOLE = 'compute, compinc: 20–30 min in all; [ours] division';

/** Twenty to thirty minutes in total. The worker VMs of two nodes are created at the same time, each on its own node [ours]. */
const CLUSTER_CREATION: readonly Stage[] = [
  { name: 'checkVirtualSwitch', lasts: seconds(45), source: `net; ${WHOLE}` },
  { name: 'createMasterVm', lasts: [minutes(4), minutes(6)], source: `seed; ${WHOLE}` },
  { name: 'createWorkerVms', lasts: [minutes(4), minutes(6)], source: `seed, clus; ${WHOLE}` },
  { name: 'startControlPlane', lasts: [minutes(4), minutes(6)], source: WHOLE },
  { name: 'installNetwork', lasts: [minutes(2), minutes(3)], source: `k8snet; ${WHOLE}` },
  { name: 'installLoadBalancer', lasts: [seconds(75), minutes(2)], source: `k8snet; ${WHOLE}` },
  { name: 'installStorageClass', lasts: [minutes(1), minutes(2)], source: `dynamic; ${WHOLE}` },
  { name: 'startSystemComponents', lasts: [minutes(3), minutes(4)], source: `dash; ${WHOLE}` },
];
const CLUSTER_CONFIGURATION: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(10), seconds(40)], source: '[ours] no VM is touched' },
];
const CLUSTER_REMOVAL: readonly Stage[] = [
  { name: 'stopWorkloads', lasts: [minutes(1), minutes(2)], source: '[ours] some minutes' },
  { name: 'removeVms', lasts: [minutes(2), minutes(4)], source: '[ours] some minutes' },
];

const OF_CLUSTER = ['createCluster', 'configureCluster', 'deleteCluster'] as const;

/** Why the cluster can't be changed now: another command is changing it. */
const refuseBusy = (state: ApplianceState): Failure | undefined =>
  isRunning(state, ...OF_CLUSTER)
    ? busy('The Kubernetes cluster of the device is being created, configured or removed.')
    : undefined;

/** Why this machine can never have a cluster, or can't on its present release. */
function refuseUnable(state: ApplianceState): Failure | undefined {
  const hardware = hardwareOf(state.spec.sku);
  if (!hardware.hasKubernetes) {
    return unsupported(`Kubernetes is not supported on this device (${hardware.name}).`);
  }
  if (!mayCreateClusters(state.release)) {
    return unsupported(
      `From March 2023 on, a Kubernetes cluster can be created on release 2301 or later only; the device runs ${state.release}. Update the device and retry the operation.`,
    );
  }
  return undefined;
}

/** `state` with exactly those shares mounted into the cluster. */
const withMounts = (state: ApplianceState, mounts: readonly string[]): ApplianceState =>
  state.cluster === undefined ? state : { ...state, cluster: { ...state.cluster, mounts } };

export const createCluster: Process<CommandOf<'createCluster'>> = {
  subject: () => '',
  refuse: (state, { role, mounts }) => {
    const refused = refuseUnable(state) ?? refuseProvisioning(state) ?? refuseBusy(state);
    if (refused !== undefined) return refused;
    if (state.cluster !== undefined && state.cluster.role !== role) {
      return alreadyThere(
        `The device has a Kubernetes cluster already, under the role ${state.cluster.role}.`,
      );
    }
    const other = named(state.roles, role);
    return other === undefined
      ? refuseMissing(state, needsOfMounts(mounts))
      : alreadyThere(`The device has a role ${role} of kind ${other.kind} already.`);
  },
  table: (state, { mounts }) =>
    state.cluster === undefined ? [...CLUSTER_CREATION, ...mountingOf([], mounts)] : [],
  begin: (state, { command: { role } }) => {
    if (state.cluster !== undefined) return unchanged(state);
    const cluster = { role, kubernetesVersion: kubernetesVersionOf(state.release) };
    return withFact({ ...state, cluster }, 'cluster.creating', {
      role,
      version: cluster.kubernetesVersion,
    });
  },
  finish: (state, { command: { mounts = [] }, stages }) => {
    const { cluster } = state;
    if (cluster === undefined || stages.length === 0) return unchanged(state);
    const { nodes } = descriptionOf(state, cluster);
    return withFact(withMounts(state, mounts), 'cluster.created', {
      role: cluster.role,
      version: cluster.kubernetesVersion,
      nodes: nodes.map((node) => node.name),
    });
  },
};

export const configureCluster: Process<CommandOf<'configureCluster'>> = {
  subject: () => '',
  refuse: (state, { role, mounts }) => {
    if (state.cluster?.role !== role) return notFound(role);
    return (
      refuseProvisioning(state) ?? refuseBusy(state) ?? refuseMissing(state, needsOfMounts(mounts))
    );
  },
  table: (state, { mounts }) => [
    ...CLUSTER_CONFIGURATION,
    ...mountingOf(state.cluster?.mounts, mounts),
  ],
  finish: (state, { command: { role, mounts = [] } }) =>
    withFact(withMounts(state, mounts), 'cluster.configured', { role }),
};

export const deleteCluster: Process<CommandOf<'deleteCluster'>> = {
  subject: () => '',
  refuse: (state, { role }) => {
    if (state.cluster?.role !== role) return undefined;
    const refused = refuseWhileInstalling(state) ?? refuseBusy(state);
    if (refused !== undefined) return refused;
    const addon = state.arc?.addon ?? state.iotEdge?.addon;
    return addon === undefined
      ? refuseNeeded(state, `role/${role}`)
      : wrongState(`The Kubernetes cluster has the addon ${addon}. Remove the addon first.`);
  },
  table: (state, { role }) => (state.cluster?.role === role ? CLUSTER_REMOVAL : []),
  begin: (state, { command: { role } }) =>
    state.cluster?.role === role ? withFact(state, 'cluster.deleting', { role }) : unchanged(state),
  finish: (state, { command: { role } }) =>
    state.cluster?.role === role
      ? withFact(withoutMonitoringOf(without(state, 'cluster'), role), 'cluster.deleted', { role })
      : unchanged(state),
};

/** The description of the finished cluster of this machine. */
export function descriptionOf(state: ApplianceState, cluster: ClusterRecord): ClusterDescription {
  const { spec } = state;
  return describeCluster({
    kubernetesVersion: cluster.kubernetesVersion,
    serialNumbers: serialNumbersOf(spec),
    usableVcpuCount: hardwareOf(spec.sku).usableVcpuCount,
    memoryBytes: memoryBytes(spec),
    nodeIps: nodeIpsOf(spec),
    port: COMPUTE_PORT,
    serviceIpRange: serviceIpRangeOf(spec),
  });
}

/** Whether the stage of that name in `activity` has ended by `state.at`. */
const hasEnded = (state: ApplianceState, activity: Activity, stage: string): boolean =>
  activity.stages.indexOf(stage) < endedStages(activity.schedule, state.at);

function provisioningStateOf(state: ApplianceState): ProvisioningState {
  if (isRunning(state, 'deleteCluster', 'reset')) return 'Deleting';
  if (isRunning(state, 'createCluster')) return 'Creating';
  if (isRunning(state, 'configureCluster')) return 'Reconfiguring';
  const update = activitiesOf(state, 'installUpdates')[0];
  const isUpdating =
    update !== undefined &&
    hasEnded(state, update, 'handOver') &&
    !hasEnded(state, update, 'kubernetes');
  return isUpdating ? 'Updating' : 'Created';
}

/** A mounted share is a PersistentVolume with the name of the share (static). */
const volumeOf = (share: string): ObservedMount => ({ share, mountPoint: share, type: 'Volume' });

/**
 * The observation of the cluster; undefined without one. While a cluster is being created it has the nodes that exist
 * already.
 */
export function observedClusterOf(state: ApplianceState): ObservedCluster | undefined {
  const { cluster } = state;
  if (cluster === undefined) return undefined;
  const description = descriptionOf(state, cluster);
  const creation = activitiesOf(state, 'createCluster').find(
    (activity) => activity.stages.length > 0,
  );
  const nodes = description.nodes.filter(
    (node) =>
      creation === undefined ||
      hasEnded(state, creation, node.type === 'Master' ? 'createMasterVm' : 'createWorkerVms'),
  );
  return {
    role: cluster.role,
    state: provisioningStateOf(state),
    version: cluster.kubernetesVersion,
    etcdVersion: description.etcdVersion,
    nodes: nodes.map(({ name, type, port, ipAddress }) => ({
      name,
      type,
      ipAddresses: [{ port, ipAddress }],
    })),
    worker: description.workerSize,
    cni: description.cni,
    loadBalancer: description.loadBalancer,
    storageClasses: description.storageClasses,
    mounts: (cluster.mounts ?? []).map(volumeOf),
  };
}
