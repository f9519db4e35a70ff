/**
 * Microsoft.ResourceHealth: whether a device is available, since when and why, from its status and the fact that gave it. How a status
 * of a device is shown as an availability is `[ours]`: no document says so. The shape is that of the public contract `[doc]`.
 */
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { MachineStatus } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { newestFacts } from '#store/journal.ts';
import { DEVICE_PATH, deviceIn, type MonitoredDevice, type MonitorParts } from './parts.ts';

const TYPE = 'Microsoft.ResourceHealth/availabilityStatuses';

interface Availability {
  readonly state: 'Available' | 'Unavailable' | 'Degraded' | 'Unknown';
  readonly summary: string;
}

const AVAILABILITIES: Readonly<Record<MachineStatus, Availability>> = {
  ReadyToSetup: { state: 'Unknown', summary: 'The device has not been activated.' },
  Online: { state: 'Available', summary: 'There are no known problems with this device.' },
  NeedsAttention: {
    state: 'Degraded',
    summary: 'The device works, and has a problem that needs attention. Its alerts say which.',
  },
  PartiallyDisconnected: {
    state: 'Degraded',
    summary: 'The device is managed from Azure, but its shares are not connected to Azure.',
  },
  Maintenance: {
    state: 'Unavailable',
    summary: 'The device is being maintained, for an update or a reset.',
  },
  Disconnected: { state: 'Unavailable', summary: 'The device has no connection to Azure.' },
  Offline: { state: 'Unavailable', summary: 'The device is off, or none of its nodes runs.' },
};

export function resourceHealthRoutes(parts: MonitorParts): PlatformRoute[] {
  const path = `${DEVICE_PATH}/providers/${TYPE}`;
  const route = { method: 'GET', type: TYPE, permission: 'read' } as const;
  return [
    {
      ...route,
      path: `${path}/current`,
      summary: 'Shows the health of a device.',
      carryOut: async (call) => ({
        status: 200,
        body: await healthOf(parts, await deviceIn(parts, call)),
      }),
    },
    {
      ...route,
      path,
      summary: 'Lists the health of a device: the current one.',
      carryOut: async (call) => ({
        status: 200,
        body: { value: [await healthOf(parts, await deviceIn(parts, call))] },
      }),
    },
    {
      ...route,
      path: `/subscriptions/:subscriptionId/providers/${TYPE}`,
      summary: 'Lists the health of the devices of a subscription.',
      carryOut: async (call) => await healthPage(parts, call),
    },
  ];
}

async function healthPage(parts: MonitorParts, call: PlatformCall): Promise<Answer> {
  const page = pageOf(call.query);
  const ids = await parts.deviceIds(call.subscriptionId, { ...page, limit: page.limit + 1 });
  const { shown, next } = cutToPage(ids, { limit: page.limit, url: call.url }, (id) =>
    id.toLowerCase(),
  );
  const value: JsonObject[] = [];
  for (const id of shown) {
    const device = await parts.findDevice(id);
    if (device !== undefined) value.push(await healthOf(parts, device));
  }
  return { status: 200, body: { value, ...next } };
}

async function healthOf(
  { fleet, database, clock }: MonitorParts,
  { resourceId, machine }: MonitoredDevice,
): Promise<JsonObject> {
  const { status } = await fleet.observe(machine);
  const { state, summary } = AVAILABILITIES[status];
  const { resourceKey } = machine.owner;
  let since = machine.spec.createdAt;
  for await (const { at } of newestFacts(database.reader, {
    resourceKey,
    kinds: ['machine.statusChanged'],
  })) {
    since = at;
    break;
  }
  const isPlanned = status === 'Maintenance' || status === 'ReadyToSetup';
  return {
    id: `${resourceId}/providers/${TYPE}/current`,
    name: 'current',
    type: TYPE,
    properties: {
      availabilityState: state,
      title: state,
      summary,
      reasonType: state === 'Available' ? '' : isPlanned ? 'Planned' : 'Unplanned',
      reasonChronicity: 'Persistent',
      occuredTime: formatInstant(since),
      reportedTime: formatInstant(clock.now()),
    },
  };
}
