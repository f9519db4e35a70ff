/**
 * The Kubernetes cluster of the machine: created, configured, deleted. What a finished cluster looks like is described by
 * `#kubernetes/cluster.ts`; what runs inside one is unknown here.
 * Sources: compute, compinc, net, clus, iotapi, rn2301 (appliance.md §4.1–4.2).
 */
import type { Failure } from '#shared/failure.ts';
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { VmSize } from '#kubernetes/nodes.ts';
import { recounted } from './arc.ts';
import { andThen, type Change, unchanged, withFact } from './change.ts';
import { clusterAddressesOf } from './local-config.ts';
import { hardwareOf } from './models.ts';
import { mountingOf } from './mounting.ts';
import { needsOfMounts, refuseMissing, refuseNeeded } from './needs.ts';
import { descriptionOf } from './observe-cluster.ts';
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
import { type ApplianceState, isRunning, named, without, withoutMonitoringOf } from './state.ts';

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
/** The worker VMs get another size: each is stopped and started again. */
const RESIZING: readonly Stage[] = [
  { name: 'resizeWorkerVms', lasts: [minutes(3), minutes(6)], source: 'ps; [ours] some minutes' },
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

/** A cluster needs a switch that is enabled for compute, one node IP for each of its VMs, and a service IP (net). */
function refuseWithoutAddresses(state: ApplianceState): Failure | undefined {
  if (state.cluster !== undefined) return undefined;
  const addresses = clusterAddressesOf(state);
  if (addresses === undefined) {
    return wrongState(
      'No virtual switch of the device is enabled for compute with pools of Kubernetes node IPs and service IPs. Configure the network in the local web UI and retry the operation.',
    );
  }
  const count = state.spec.nodeCount + 1;
  return addresses.nodeIps.length < count
    ? wrongState(
        `Kubernetes needs ${count} contiguous static node IPs on this device; the pool has ${addresses.nodeIps.length}. Make the pool larger and retry the operation.`,
      )
    : undefined;
}

/** `state` with exactly those shares mounted into the cluster. */
const withMounts = (state: ApplianceState, mounts: readonly string[]): ApplianceState =>
  state.cluster === undefined ? state : { ...state, cluster: { ...state.cluster, mounts } };

export const createCluster: Process<CommandOf<'createCluster'>> = {
  subject: () => '',
  encrypts: true,
  fills: ({ cluster }) => cluster === undefined,
  refuse: (state, { role, mounts }) => {
    const refused =
      refuseUnable(state) ??
      refuseProvisioning(state) ??
      refuseBusy(state) ??
      refuseWithoutAddresses(state);
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
  begin: (state, { command: { role, worker } }) => {
    if (state.cluster !== undefined) return unchanged(state);
    // What is set for compute is fixed with the cluster (net).
    const addresses =
      state.local?.config.vSwitches === undefined ? undefined : clusterAddressesOf(state);
    const cluster = {
      ...(addresses === undefined ? {} : { addresses }),
      ...(worker === undefined ? {} : { worker }),
      role,
      kubernetesVersion: kubernetesVersionOf(state.release),
      createdAt: state.at,
    };
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
  table: (state, { mounts, worker }) => [
    ...CLUSTER_CONFIGURATION,
    ...(isSameSize(state.cluster?.worker, worker) ? [] : RESIZING),
    ...mountingOf(state.cluster?.mounts, mounts),
  ],
  begin: (state, { command: { role, worker } }) =>
    isSameSize(state.cluster?.worker, worker)
      ? unchanged(state)
      : withFact(state, 'cluster.resizing', { role }),
  finish: (state, { command: { role, mounts = [], worker } }) => {
    const configured = withFact(withMounts(state, mounts), 'cluster.configured', { role });
    return isSameSize(state.cluster?.worker, worker)
      ? configured
      : andThen(configured, (next) => resized(next, worker));
  },
};

const isSameSize = (one: VmSize | undefined, other: VmSize | undefined): boolean =>
  one?.processorCount === other?.processorCount && one?.memoryBytes === other?.memoryBytes;

/** `state` whose worker VMs have that size; Arc charges by their vCPUs from then on. */
function resized(state: ApplianceState, worker: VmSize | undefined): Change {
  if (state.cluster === undefined) return unchanged(state);
  const { worker: _former, ...rest } = state.cluster;
  const sized = { ...rest, resizedAt: state.at };
  const cluster = worker === undefined ? sized : { ...sized, worker };
  const { role } = cluster;
  const { workerSize } = descriptionOf(state, cluster);
  return andThen(
    withFact({ ...state, cluster }, 'cluster.resized', {
      role,
      processorCount: workerSize.processorCount,
      memoryBytes: workerSize.memoryBytes,
    }),
    recounted,
  );
}

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
