/** Which subscription has registered which provider, and since when. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Source, Writer } from './database.ts';
import { lookUp } from './look-up.ts';
import { isBelow } from './ranges.ts';
import { signalsOf } from './signals.ts';

const keyOf = (subscriptionId: string, namespace: string): string =>
  `${subscriptionId}/${namespace}`.toLowerCase();

const cacheKey = (key: string): string => `registration ${key}`;

/** When the registration is complete; undefined: never asked for. */
export async function registeredAt(
  source: Source,
  subscriptionId: string,
  namespace: string,
): Promise<Instant | undefined> {
  const key = keyOf(subscriptionId, namespace);
  return await lookUp(source, cacheKey(key), async (reader) => {
    const row = await reader
      .selectFrom('registrations')
      .select('registered_at')
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined ? undefined : instant(Number(row.registered_at));
  });
}

/** Keeps the moment of the first call. */
export async function addRegistration(
  writer: Writer,
  registration: { subscriptionId: string; namespace: string; completeAt: Instant },
): Promise<void> {
  const key = keyOf(registration.subscriptionId, registration.namespace);
  await writer
    .insertInto('registrations')
    .values({
      key,
      subscription_id: registration.subscriptionId,
      namespace: registration.namespace,
      registered_at: registration.completeAt,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  signalsOf(writer).touch(cacheKey(key));
}

/** Removes all of a subscription. */
export async function removeRegistrationsOf(writer: Writer, subscriptionId: string): Promise<void> {
  await writer
    .deleteFrom('registrations')
    .where((eb) => isBelow(eb, 'key', subscriptionId))
    .execute();
  signalsOf(writer).touchPrefix(cacheKey(`${subscriptionId}/`));
}

export async function removeRegistration(
  writer: Writer,
  subscriptionId: string,
  namespace: string,
): Promise<void> {
  const key = keyOf(subscriptionId, namespace);
  await writer.deleteFrom('registrations').where('key', '=', key).execute();
  signalsOf(writer).touch(cacheKey(key));
}
