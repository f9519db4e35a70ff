/** The last chapter: everything is removed. Also the cleanup after a tour that failed. */
import { type Duration, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, textOf } from '../arm-client.ts';
import { byTime, type Guide } from '../guide.ts';
import type { Place } from '../place.ts';

export async function removeAll(guide: Guide, place: Place): Promise<void> {
  const { addon, connectedCluster, device, group, role } = place;
  await guide.chapter('Removal');
  guide.screen.say(
    'From the inside out: the addon, the role, the device. The deletion of a device that is being billed is refused until its return has started.',
  );
  await remove(guide, addon, minutes(2));
  await guide.call('GET', connectedCluster, { status: 404 });
  await remove(guide, role, minutes(6));
  const { body } = await guide.call('DELETE', device, { status: 409 });
  guide.screen.say(textOf((body.error as JsonObject).message), 'dim');
  await guide.call('POST', '/_edgetwin/orders/return', { body: { resource: device } });
  await remove(guide, device, minutes(5));
  await guide.call('GET', device, { status: 404 });
  await remove(guide, group, minutes(1));
  await guide.call('GET', group, { status: 404 });
}

async function remove(guide: Guide, path: string, maximum: Duration): Promise<void> {
  const operation = await guide.begin('DELETE', path);
  await guide.follow(operation, async (passed) => ({
    label: `Deleting ${path.split('/').at(-1) ?? ''}`,
    percent: byTime(passed, maximum),
  }));
}

/** Removes what an interrupted tour has created; what does not exist is skipped. */
export async function removeRemains(client: ArmClient, place: Place): Promise<void> {
  const advance = async (duration: string): Promise<void> => {
    await client.call('POST', '/_edgetwin/clock/advance', { duration });
  };
  // Running orders and updates end first.
  await advance('P14D');
  for (const path of [place.addon, place.role]) {
    await client.call('DELETE', path);
    await advance('PT15M');
  }
  await client.call('POST', '/_edgetwin/orders/return', { resource: place.device });
  await client.call('DELETE', place.device);
  await advance('PT15M');
  await client.call('DELETE', place.group);
  await advance('PT15M');
}
