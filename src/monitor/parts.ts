/** What the monitor is made of, bound by `app.ts`, and the device of a call. */
import { errors } from '#arm/errors.ts';
import type { PlatformCall } from '#arm/platform-route.ts';
import type { Fleet, MachineHandle } from '#fleet/fleet.ts';
import type { Clock } from '#schedule/clock.ts';
import type { Database } from '#store/database.ts';

/** A device as the monitor knows it. */
export interface MonitoredDevice {
  /** As written. */
  readonly resourceId: string;
  readonly machine: MachineHandle;
}

export interface MonitorParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** The device of an ARM id, compared without case. */
  findDevice(resourceId: string): Promise<MonitoredDevice | undefined>;
  /** Ids of the devices of a subscription, as written, in the order of their keys: from after a key on, at most `limit`. */
  deviceIds(
    subscriptionId: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly string[]>;
}

export const DEVICE_PATH =
  '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/:deviceName';

/** The device that a call is about; throws ARM's 404 where there is none. */
export async function deviceIn(
  { findDevice }: Pick<MonitorParts, 'findDevice'>,
  { parameters }: PlatformCall,
): Promise<MonitoredDevice> {
  const { subscriptionId = '', resourceGroupName = '', deviceName = '' } = parameters;
  const type = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/${type}/${deviceName}`;
  const device = await findDevice(id);
  if (device === undefined) throw errors.resourceNotFound(type, deviceName, resourceGroupName);
  return device;
}
