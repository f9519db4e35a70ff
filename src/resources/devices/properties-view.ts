/** How the device's `properties` follow from what was asked for and from what the machine shows. */
import type { Shown } from '#arm/schema-types.ts';
import type { Overview } from '#fleet/fleet.ts';
import type { deviceProperties, ROLE_TYPES } from './properties.ts';
import type { StoredDevice } from './stored-device.ts';

/** `properties` of a GET, in the order recorded [rec 2, 4]. */
export function propertiesView(
  asked: StoredDevice['properties'],
  seen: Overview,
): Shown<typeof deviceProperties> {
  const { hardware } = seen;
  const residency = asked.dataResidency;
  return {
    dataBoxEdgeDeviceStatus: seen.status,
    serialNumber: hardware?.serialNumber,
    friendlyName: hardware?.friendlyName,
    deviceType: 'DataBoxEdgeDevice',
    deviceModel: hardware?.model,
    deviceSoftwareVersion: hardware?.softwareVersion,
    deviceLocalCapacity: hardware?.localCapacityMb ?? 0,
    timeZone: hardware?.timeZone,
    deviceHcsVersion: hardware?.hcsVersion,
    configuredRoleTypes: hardware && roleTypesOf(seen),
    nodeCount: hardware?.nodes.length ?? 0,
    // The id is what a PATCH has put there; the rest is the service's own.
    edgeProfile: {
      subscription: { id: asked.edgeProfile?.subscription?.id, state: 'Registered' },
    },
    dataResidency:
      residency?.type === undefined ? hardware && { type: 'GeoZoneReplication' } : residency,
    ...computeOf(seen),
  };
}

/** The built-in role always, the others as they are configured, each kind once [rec 4]. */
function roleTypesOf({ roles, cluster }: Overview): (typeof ROLE_TYPES)[number][] {
  const kinds = Object.values(roles).map((role) => role.kind);
  const ofCluster = cluster === undefined ? [] : (['Kubernetes'] as const);
  return [...new Set(['CloudEdgeManagement' as const, ...ofCluster, ...kinds])];
}

/** What runs on the machine. Platform and profile of a cluster that is neither for SAP nor for mobile networks are `[ours]`. */
function computeOf({ cluster, iotEdge, arc }: Overview): Partial<Shown<typeof deviceProperties>> {
  if (cluster === undefined) return {};
  return {
    kubernetesWorkloadProfile: 'Other',
    computeVersionInformation: {
      kubernetesVersion: cluster.version,
      iotEdgeVersion: iotEdge?.version,
      azureArcVersion: arc?.agentVersion,
    },
    kubernetesPlatform: 'Kubernetes',
  };
}
