/** The schema of the device's `properties`: what they can hold in which api-version [S]. */
import { named, object, oneOf, onlyIn, readOnlyIn, since, valuesIn } from '#arm/schema.ts';
import {
  dateTime,
  int32,
  int64,
  optional,
  optionalEnum,
  optionalString,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyString,
} from '#arm/shapes.ts';
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

export const ROLE_TYPES = [
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
    operationInProgress: optionalEnum(
      ['None', 'ResourceMoveInProgress', 'ResourceMoveFailed'],
      named('ResourceMoveStatus'),
    ),
    operationInProgressLockTimeoutInUTC: optionalString(dateTime),
  },
  named('ResourceMoveDetails'),
);

const computeVersions = object(
  {
    kubernetesVersion: optionalString(),
    iotEdgeVersion: optionalString(),
    azureArcVersion: optionalString(),
  },
  named('ComputeVersionInformation'),
);

export const dataResidency = object(
  {
    type: optional(oneOf(['GeoZoneReplication', 'ZoneReplication'], named('DataResidencyType'))),
  },
  named('DataResidency'),
);

export const deviceProperties = object(
  {
    systemData: systemDataSince('2021-02-01'),
    dataBoxEdgeDeviceStatus: optionalEnum(
      STATUSES,
      named('DataBoxEdgeDeviceStatus'),
      readOnlyIn('2021-06-01..'),
    ),
    serialNumber: readOnlyString(),
    // Writable in the oldest version; what is sent there is not looked at [ours].
    description: optionalString(readOnlyIn('2020-09-01..')),
    modelDescription: optionalString(readOnlyIn('2020-09-01..')),
    deviceType: readOnlyEnum(['DataBoxEdgeDevice'], named('DeviceType')),
    friendlyName: optionalString(readOnlyIn('2020-09-01..')),
    culture: readOnlyString(),
    deviceModel: readOnlyString(),
    deviceSoftwareVersion: readOnlyString(),
    deviceLocalCapacity: readOnlyInteger(int64),
    timeZone: readOnlyString(),
    deviceHcsVersion: readOnlyString(),
    configuredRoleTypes: readOnlyList(
      optionalEnum(
        ROLE_TYPES,
        named('RoleTypes'),
        valuesIn({
          MEC: NEWER_ROLES,
          CloudEdgeManagement: NEWER_ROLES,
          Kubernetes: NEWER_ROLES,
        }),
      ),
    ),
    nodeCount: readOnlyInteger(int32),
    resourceMoveDetails: readOnly(resourceMoveDetails, since('2020-09-01')),
    edgeProfile: readOnly(edgeProfile, since('2020-09-01')),
    dataResidency: optional(dataResidency, since('2021-02-01')),
    kubernetesWorkloadProfile: readOnlyString(since('2023-07-01')),
    computeVersionInformation: readOnly(computeVersions, onlyIn(PREVIEWS)),
    kubernetesPlatform: readOnlyString(onlyIn(PREVIEWS)),
  },
  named('DataBoxEdgeDeviceProperties'),
);
