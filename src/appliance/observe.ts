/**
 * Makes the observation of a machine at `state.at`. Each part is made by the file that owns it; nothing is changed or
 * stored.
 */
import { adaptersIn } from './local-config.ts';
import { alertsOf } from './alerts.ts';
import { observedArcOf } from './arc.ts';
import { localCapacityMb } from './capacity.ts';
import { conditionsOf, isVaultGone } from './conditions.ts';
import { observedClusterOf } from './observe-cluster.ts';
import { friendlyNameOf, nodeIdOf, serialNumbersOf } from './identity.ts';
import { observedIotEdgeOf } from './iot-edge.ts';
import { FACTORY_TIME_ZONE } from './local-config.ts';
import { hardwareOf } from './models.ts';
import type { Observation, ObservedHardware, ObservedNode, Overview } from './observation.ts';
import { observedJobOf, observedUpdatesOf } from './observe-updates.ts';
import { capacityOf } from './occupancy.ts';
import { releaseOf } from './releases.ts';
import { observedOrderOf } from './shipping.ts';
import { observedRolesOf } from './roles.ts';
import { type ApplianceState, recordOf } from './state.ts';
import { shownNodeState, statusOf } from './status.ts';
import { observedStorageAccountOf } from './storage-accounts.ts';
import { observedShareOf } from './storage.ts';
import { observedSupportOf } from './support.ts';
import { witnessOf } from './witness.ts';

/** The nodes of an active machine. */
function nodesOf(state: ApplianceState): readonly ObservedNode[] {
  const conditions = conditionsOf(state);
  return serialNumbersOf(state.spec).map((serialNumber, index) => ({
    // The name of a node is its serial number [S NodeGetAllInDevice].
    name: serialNumber,
    serialNumber,
    status: shownNodeState(conditions, index === 0 ? 1 : 2),
    id: nodeIdOf(state.spec, index),
    displayName: `Controller ${index + 1}`,
  }));
}

function observedHardwareOf(state: ApplianceState): ObservedHardware {
  const { spec, release } = state;
  const config = state.local?.config;
  const version = releaseOf(release)?.version ?? '';
  const nodes = nodesOf(state);
  return {
    serialNumber: nodes[0]?.serialNumber ?? '',
    friendlyName: config?.deviceEndpoint?.name ?? friendlyNameOf(spec),
    model: hardwareOf(spec.sku).name,
    softwareVersion: version,
    softwareVersionName: `Azure Stack Edge ${release}`,
    localCapacityMb: localCapacityMb(spec),
    timeZone: config?.time?.timeZone ?? FACTORY_TIME_ZONE,
    // The same number as that of the device software: 2.1.1361.23408 is release 2009 [S DataBoxEdgeDeviceGetByName].
    hcsVersion: version,
    nodes,
  };
}

/** The overview of the machine at `state.at`. */
export function overviewOf(state: ApplianceState): Overview {
  const { iotEdge, arc } = state;
  const cluster = observedClusterOf(state);
  return {
    status: statusOf(state),
    isActive: state.isActive,
    ...(state.isActive ? { hardware: observedHardwareOf(state) } : {}),
    ...(cluster === undefined ? {} : { cluster }),
    ...(iotEdge === undefined ? {} : { iotEdge: { version: iotEdge.version } }),
    ...(arc === undefined ? {} : { arc: { agentVersion: arc.agentVersion } }),
    roles: observedRolesOf(state),
  };
}

/** The observation of the machine at `state.at`. */
export function observe(state: ApplianceState): Observation {
  const { iotEdge: _iotEdge, arc: _arc, ...overview } = overviewOf(state);
  const order = observedOrderOf(state);
  const arc = observedArcOf(state);
  const iotEdge = observedIotEdgeOf(state);
  return {
    ...overview,
    at: state.at,
    ...(state.activatedAt === undefined ? {} : { activatedAt: state.activatedAt }),
    hasKubernetes: hardwareOf(state.spec.sku).hasKubernetes,
    ...(isVaultGone(conditionsOf(state)) ? { isVaultGone: true } : {}),
    ...(state.spec.nodeCount === 2 ? { witness: witnessOf(state) } : {}),
    ...(order === undefined ? {} : { order }),
    ...(arc === undefined ? {} : { arc }),
    ...(iotEdge === undefined ? {} : { iotEdge }),
    shares: recordOf(state.shares.map((share) => [share.name, observedShareOf(state, share)])),
    users: recordOf(state.users.map(({ name, userType }) => [name, { userType }])),
    bandwidthSchedules: state.bandwidthSchedules.map(({ name }) => name),
    credentials: state.credentials,
    storageAccounts: recordOf(
      state.storageAccounts.map((one) => [one.name, observedStorageAccountOf(state, one)]),
    ),
    triggers: state.triggers.map(({ name }) => name),
    support: observedSupportOf(state),
    // These three are read seldom, so they are computed on access.
    get alerts() {
      return alertsOf(state);
    },
    get adapters() {
      return state.isActive ? adaptersIn(state) : [];
    },
    get capacity() {
      return state.isActive ? capacityOf(state) : undefined;
    },
    updates: observedUpdatesOf(state),
    jobs: recordOf(state.jobs.map((job) => [job.name, observedJobOf(state, job)])),
  };
}
