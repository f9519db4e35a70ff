/** The device's `properties`: what they can hold in which api-version, and how they follow from what the machine shows. */
import { Type } from 'typebox';
import { objectIn } from '#arm/resource-type.ts';
import {
  object,
  oneOf,
  shownInteger,
  shownObject,
  shownText,
  shownTexts,
  since,
} from '#arm/schema.ts';
import type { Observation } from '#fleet/fleet.ts';
import type { JsonObject } from '#shared/json.ts';

export const deviceProperties = object({
  systemData: shownObject(since('2021-02-01')),
  dataBoxEdgeDeviceStatus: shownText(),
  serialNumber: shownText(),
  description: shownText(),
  modelDescription: shownText(),
  deviceType: shownText(),
  friendlyName: shownText(),
  culture: shownText(),
  deviceModel: shownText(),
  deviceSoftwareVersion: shownText(),
  deviceLocalCapacity: shownInteger(),
  timeZone: shownText(),
  deviceHcsVersion: shownText(),
  configuredRoleTypes: shownTexts(),
  nodeCount: shownInteger(),
  resourceMoveDetails: shownObject(since('2020-09-01')),
  edgeProfile: shownObject(since('2020-09-01')),
  dataResidency: Type.Optional(
    object(
      { type: Type.Optional(oneOf(['GeoZoneReplication', 'ZoneReplication'])) },
      { ...since('2021-02-01') },
    ),
  ),
  kubernetesWorkloadProfile: shownText(since('2023-07-01')),
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
