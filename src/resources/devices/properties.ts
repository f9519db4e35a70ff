/** The device's `properties`: what they can hold in which api-version, and how they follow from what the machine shows. */
import { Type } from 'typebox';
import { objectIn } from '#arm/resource-type.ts';
import { object, oneOf, readOnly, since } from '#arm/schema.ts';
import type { Observation } from '#fleet/fleet.ts';
import type { JsonObject } from '#shared/json.ts';

const text = (...marks: object[]) =>
  Type.Optional(Type.String(Object.assign({}, readOnly, ...marks)));
const open = (...marks: object[]) =>
  Type.Optional(Type.Object({}, Object.assign({}, readOnly, ...marks)));

export const deviceProperties = object({
  systemData: open(since('2021-02-01')),
  dataBoxEdgeDeviceStatus: text(),
  serialNumber: text(),
  description: text(),
  modelDescription: text(),
  deviceType: text(),
  friendlyName: text(),
  culture: text(),
  deviceModel: text(),
  deviceSoftwareVersion: text(),
  deviceLocalCapacity: Type.Optional(Type.Integer({ ...readOnly })),
  timeZone: text(),
  deviceHcsVersion: text(),
  configuredRoleTypes: Type.Optional(Type.Array(Type.String(), { ...readOnly })),
  nodeCount: Type.Optional(Type.Integer({ ...readOnly })),
  resourceMoveDetails: open(since('2020-09-01')),
  edgeProfile: open(since('2020-09-01')),
  dataResidency: Type.Optional(
    object(
      { type: Type.Optional(oneOf(['GeoZoneReplication', 'ZoneReplication'])) },
      { ...since('2021-02-01') },
    ),
  ),
  kubernetesWorkloadProfile: text(since('2023-07-01')),
});

/** `properties` of a GET, in the order recorded [rec 2, 4]. */
export function propertiesView(body: JsonObject, seen: Observation): JsonObject {
  const { hardware } = seen;
  const residency = objectIn(objectIn(body, 'properties'), 'dataResidency');
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
    view.configuredRoleTypes =
      seen.cluster === undefined ? ['CloudEdgeManagement'] : ['CloudEdgeManagement', 'Kubernetes'];
  }
  view.nodeCount = hardware?.nodes.length ?? 0;
  view.edgeProfile = { subscription: { state: 'Registered' } };
  if (Object.keys(residency).length > 0) view.dataResidency = residency;
  else if (hardware !== undefined) view.dataResidency = { type: 'GeoZoneReplication' };
  return view;
}
