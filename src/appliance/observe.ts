/**
 * A look at a machine: everything that can be seen of it at `state.at`. Called by `appliance.ts`. Changes nothing and
 * stores nothing; each part is shown by the file that owns it.
 */
import { adaptersOf } from './adapters.ts';
import { alertsOf } from './alerts.ts';
import { observedArcOf } from './arc.ts';
import { localCapacityMb } from './capacity.ts';
import { observedClusterOf } from './compute.ts';
import { friendlyNameOf, nodeIdOf, serialNumbersOf } from './identity.ts';
import { observedIotEdgeOf } from './iot-edge.ts';
import { hardwareOf } from './models.ts';
import type { Observation, ObservedHardware, ObservedNode } from './observation.ts';
import { observedJobOf, observedUpdatesOf, stageOf } from './observe-updates.ts';
import { capacityOf } from './occupancy.ts';
import { releaseOf } from './releases.ts';
import { observedOrderOf } from './shipping.ts';
import { observedRolesOf } from './roles.ts';
import { type ApplianceState, recordOf, activitiesOf } from './state.ts';
import { observedStorageAccountOf } from './storage-accounts.ts';
import { observedShareOf } from './storage.ts';
import { observedSupportOf } from './support.ts';

/** The default (info, devset). */
const TIME_ZONE = 'Pacific Standard Time';

/** The nodes of an active machine; one restarts while its update says so (upd). */
function nodesOf(state: ApplianceState): readonly ObservedNode[] {
  const update = activitiesOf(state, 'installUpdates')[0];
  const stage = update === undefined ? undefined : stageOf(state, update);
  return serialNumbersOf(state.spec).map((serialNumber, index) => ({
    // Nodes go by their serial numbers [S NodeGetAllInDevice].
    name: serialNumber,
    serialNumber,
    status: stage === `rebootNode${index + 1}` ? 'Rebooting' : 'Up',
    id: nodeIdOf(state.spec, index),
    displayName: `Controller ${index + 1}`,
  }));
}

function hardwareSeenOf(state: ApplianceState): ObservedHardware {
  const { spec, release } = state;
  const version = releaseOf(release)?.version ?? '';
  const nodes = nodesOf(state);
  return {
    serialNumber: nodes[0]?.serialNumber ?? '',
    friendlyName: friendlyNameOf(spec),
    model: hardwareOf(spec.sku).name,
    softwareVersion: version,
    softwareVersionName: `Azure Stack Edge ${release}`,
    localCapacityMb: localCapacityMb(spec),
    timeZone: TIME_ZONE,
    // The same number as the device software's: 2.1.1361.23408 is release 2009 [S DataBoxEdgeDeviceGetByName].
    hcsVersion: version,
    nodes,
  };
}

/** What can be seen of the machine at `state.at`. */
export function observe(state: ApplianceState): Observation {
  const order = observedOrderOf(state);
  const cluster = observedClusterOf(state);
  const arc = observedArcOf(state);
  const iotEdge = observedIotEdgeOf(state);
  return {
    at: state.at,
    status: state.status,
    isActive: state.isActive,
    hasKubernetes: hardwareOf(state.spec.sku).hasKubernetes,
    ...(state.isActive ? { hardware: hardwareSeenOf(state) } : {}),
    ...(order === undefined ? {} : { order }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(arc === undefined ? {} : { arc }),
    ...(iotEdge === undefined ? {} : { iotEdge }),
    shares: recordOf(state.shares.map((share) => [share.name, observedShareOf(state, share)])),
    users: recordOf(state.users.map(({ name, userType }) => [name, { userType }])),
    bandwidthSchedules: state.bandwidthSchedules,
    credentials: state.credentials,
    storageAccounts: recordOf(
      state.storageAccounts.map((one) => [one.name, observedStorageAccountOf(state, one)]),
    ),
    triggers: state.triggers.map(({ name }) => name),
    roles: observedRolesOf(state),
    support: observedSupportOf(state),
    // These three are asked for seldom: made when they are looked at.
    get alerts() {
      return alertsOf(state);
    },
    get adapters() {
      return state.isActive ? adaptersOf(state.spec) : [];
    },
    get capacity() {
      return state.isActive ? capacityOf(state) : undefined;
    },
    updates: observedUpdatesOf(state),
    jobs: recordOf(state.jobs.map((job) => [job.name, observedJobOf(state, job)])),
  };
}
