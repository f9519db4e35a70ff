/**
 * The Kubernetes cluster as it is observed, and the description on which that is based. Which nodes exist while a cluster is
 * being created follows from the stages of the activity and the clock.
 * Sources: seed, ps, static (appliance.md §4.2, §6).
 */
import { type ClusterDescription, describeCluster } from '#kubernetes/cluster.ts';
import type { ClusterPart } from '#kubernetes/foundation.ts';
import { memoryBytes } from './capacity.ts';
import { clusterSubnetsOf } from './cluster-network.ts';
import { serialNumbersOf } from './identity.ts';
import { conditionsOf, hasLostGpu, isOut } from './conditions.ts';
import { hardwareOf } from './models.ts';
import { COMPUTE_PORT, nodeIpsOf, serviceIpRangeOf } from './network.ts';
import type { ObservedCluster, ObservedMount, ProvisioningState } from './observation.ts';
import { hasEnded } from './progress.ts';
import { activitiesOf, type ApplianceState, type ClusterRecord, isRunning } from './state.ts';
import { isDataGone, isMasterUp } from './status.ts';

/** The description of the finished cluster of this machine. */
export function descriptionOf(state: ApplianceState, cluster: ClusterRecord): ClusterDescription {
  const { spec } = state;
  const { addresses } = cluster;
  return describeCluster({
    kubernetesVersion: cluster.kubernetesVersion,
    serialNumbers: serialNumbersOf(spec),
    usableVcpuCount: hardwareOf(spec.sku).usableVcpuCount,
    memoryBytes: memoryBytes(spec),
    nodeIps: addresses?.nodeIps ?? nodeIpsOf(spec),
    port: addresses?.port ?? COMPUTE_PORT,
    ...(cluster.worker === undefined ? {} : { workerSize: cluster.worker }),
    serviceIpRange: addresses?.serviceIpRange ?? serviceIpRangeOf(spec),
    ...clusterSubnetsOf(state),
  });
}

/** Which part stands after which stage of the creation (compute.ts). */
const PARTS: readonly (readonly [part: ClusterPart, stage: string])[] = [
  ['controlPlane', 'startControlPlane'],
  ['network', 'installNetwork'],
  ['loadBalancer', 'installLoadBalancer'],
  ['storageClass', 'installStorageClass'],
  ['systemComponents', 'startSystemComponents'],
];

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
  const { gpu } = hardwareOf(state.spec.sku);
  const conditions = conditionsOf(state);
  const gpuCount = gpu.type === 'NvidiaTeslaT4' || gpu.type === 'NvidiaA2' ? gpu.count : 0;
  let worker = 0;
  const vmOf = (type: 'Master' | 'Worker'): { isUp: boolean; gpuCount: number } => {
    if (type === 'Master') return { isUp: isMasterUp(state, conditions), gpuCount: 0 };
    const node = ++worker === 2 ? 2 : 1;
    return {
      isUp: !isOut(conditions, node) && !isDataGone(conditions),
      gpuCount: hasLostGpu(conditions, node) ? 0 : gpuCount,
    };
  };
  return {
    role: cluster.role,
    createdAt: cluster.createdAt ?? state.spec.createdAt,
    parts: PARTS.filter(
      ([, stage]) => creation === undefined || hasEnded(state, creation, stage),
    ).map(([part]) => part),
    gpuCount,
    state: provisioningStateOf(state),
    version: cluster.kubernetesVersion,
    etcdVersion: description.etcdVersion,
    nodes: nodes.map(({ name, type, port, ipAddress }) => ({
      name,
      type,
      ipAddresses: [{ port, ipAddress }],
      ...vmOf(type),
    })),
    worker: description.workerSize,
    cni: description.cni,
    loadBalancer: description.loadBalancer,
    storageClasses: description.storageClasses,
    mounts: (cluster.mounts ?? []).map(volumeOf),
  };
}
