/** The device's `properties`: what they can hold in which api-version, and how they follow from what the machine shows. */
import {
  named,
  object,
  oneOf,
  onlyIn,
  readOnlyIn,
  shownInteger,
  shownText,
  since,
  valuesIn,
} from '#arm/schema.ts';
import {
  dateTime,
  int32,
  int64,
  mayBe,
  mayEnum,
  mayText,
  shownAs,
  shownEnum,
  shownList,
} from '#arm/shapes.ts';
import type { Observation } from '#fleet/fleet.ts';
import { type JsonObject, objectIn } from '#shared/json.ts';
import { edgeProfile } from '../base/edge-profile.ts';
import { systemDataSince } from '../base/envelope.ts';

const STATUSES = [
  'ReadyToSetup',
  'Online',
  'Offline',
  'NeedsAttention',
  'Disconnected',
  'PartiallyDisconnected',
  'Maintenance',
] as const;

const ROLE_TYPES = [
  'IOT',
  'ASA',
  'Functions',
  'Cognitive',
  'MEC',
  'CloudEdgeManagement',
  'Kubernetes',
] as const;
const NEWER_ROLES = '2020-09-01..';

/** Members that never reached a stable version. */
const PREVIEWS = '2022-04-01-preview 2022-12-01-preview 2023-01-01-preview';

const resourceMoveDetails = object(
  {
    operationInProgress: mayEnum(
      ['None', 'ResourceMoveInProgress', 'ResourceMoveFailed'],
      named('ResourceMoveStatus'),
    ),
    operationInProgressLockTimeoutInUTC: mayText(dateTime),
  },
  named('ResourceMoveDetails'),
);

const computeVersions = object(
  { kubernetesVersion: mayText(), iotEdgeVersion: mayText(), azureArcVersion: mayText() },
  named('ComputeVersionInformation'),
);

const dataResidency = object(
  {
    type: mayBe(oneOf(['GeoZoneReplication', 'ZoneReplication'], named('DataResidencyType'))),
  },
  named('DataResidency'),
);

export const deviceProperties = object(
  {
    systemData: systemDataSince('2021-02-01'),
    dataBoxEdgeDeviceStatus: mayEnum(
      STATUSES,
      named('DataBoxEdgeDeviceStatus'),
      readOnlyIn('2021-06-01..'),
    ),
    serialNumber: shownText(),
    // Writable in the oldest version; what is sent there is not looked at [ours].
    description: mayText(readOnlyIn('2020-09-01..')),
    modelDescription: mayText(readOnlyIn('2020-09-01..')),
    deviceType: shownEnum(['DataBoxEdgeDevice'], named('DeviceType')),
    friendlyName: mayText(readOnlyIn('2020-09-01..')),
    culture: shownText(),
    deviceModel: shownText(),
    deviceSoftwareVersion: shownText(),
    deviceLocalCapacity: shownInteger(int64),
    timeZone: shownText(),
    deviceHcsVersion: shownText(),
    configuredRoleTypes: shownList(
      mayEnum(
        ROLE_TYPES,
        named('RoleTypes'),
        valuesIn({
          MEC: NEWER_ROLES,
          CloudEdgeManagement: NEWER_ROLES,
          Kubernetes: NEWER_ROLES,
        }),
      ),
    ),
    nodeCount: shownInteger(int32),
    resourceMoveDetails: shownAs(resourceMoveDetails, since('2020-09-01')),
    edgeProfile: shownAs(edgeProfile, since('2020-09-01')),
    dataResidency: mayBe(dataResidency, since('2021-02-01')),
    kubernetesWorkloadProfile: shownText(since('2023-07-01')),
    computeVersionInformation: shownAs(computeVersions, onlyIn(PREVIEWS)),
    kubernetesPlatform: shownText(onlyIn(PREVIEWS)),
  },
  named('DataBoxEdgeDeviceProperties'),
);

/** `properties` of a GET, in the order recorded [rec 2, 4]. */
export function propertiesView(body: JsonObject, seen: Observation): JsonObject {
  const { hardware } = seen;
  const asked = objectIn(body, 'properties');
  const residency = objectIn(asked, 'dataResidency');
  const view: JsonObject = { dataBoxEdgeDeviceStatus: seen.status };
  if (hardware !== undefined) {
    view.serialNumber = hardware.serialNumber;
    view.friendlyName = hardware.friendlyName;
  }
  view.deviceType = 'DataBoxEdgeDevice';
  if (hardware !== undefined) {
    view.deviceModel = hardware.model;
    view.deviceSoftwareVersion = hardware.softwareVersion;
  }
  view.deviceLocalCapacity = hardware?.localCapacityMb ?? 0;
  if (hardware !== undefined) {
    view.timeZone = hardware.timeZone;
    view.deviceHcsVersion = hardware.hcsVersion;
    view.configuredRoleTypes = roleTypesOf(seen);
  }
  view.nodeCount = hardware?.nodes.length ?? 0;
  // The id is what a PATCH has put there; the rest is the service's own.
  const { id } = objectIn(objectIn(asked, 'edgeProfile'), 'subscription');
  view.edgeProfile = {
    subscription: { ...(id === undefined ? {} : { id }), state: 'Registered' },
  };
  if (Object.keys(residency).length > 0) view.dataResidency = residency;
  else if (hardware !== undefined) view.dataResidency = { type: 'GeoZoneReplication' };
  return { ...view, ...computeOf(seen) };
}

/** The built-in role always, the others as they are configured, each kind once [rec 4]. */
function roleTypesOf(seen: Observation): string[] {
  const kinds = Object.values(seen.roles).map((role) => role.kind);
  const cluster = seen.cluster === undefined ? [] : ['Kubernetes'];
  return [...new Set(['CloudEdgeManagement', ...cluster, ...kinds])];
}

/** What runs on the machine. Platform and profile of a cluster that is neither for SAP nor for mobile networks are `[ours]`. */
function computeOf({ cluster, iotEdge, arc }: Observation): JsonObject {
  if (cluster === undefined) return {};
  return {
    kubernetesWorkloadProfile: 'Other',
    computeVersionInformation: {
      kubernetesVersion: cluster.version,
      ...(iotEdge === undefined ? {} : { iotEdgeVersion: iotEdge.version }),
      ...(arc === undefined ? {} : { azureArcVersion: arc.agentVersion }),
    },
    kubernetesPlatform: 'Kubernetes',
  };
}
