/** Which subscription has registered which provider, and since when. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Database, Writer } from './database.ts';

const keyOf = (subscriptionId: string, namespace: string): string =>
  `${subscriptionId}/${namespace}`.toLowerCase();

/** When the registration is complete; undefined: never asked for. */
export async function registeredAt(
  database: Database,
  subscriptionId: string,
  namespace: string,
): Promise<Instant | undefined> {
  const key = keyOf(subscriptionId, namespace);
  return await database.remembered(`registration ${key}`, async () => {
    const row = (await database.row(
      'select registered_at from registrations where key = ?',
      key,
    )) as { registered_at: number } | undefined;
    return row === undefined ? undefined : instant(Number(row.registered_at));
  });
}

/** Keeps the moment of the first call. */
export async function addRegistration(
  writer: Writer,
  registration: { subscriptionId: string; namespace: string; completeAt: Instant },
): Promise<void> {
  await writer
    .insertInto('registrations')
    .values({
      key: keyOf(registration.subscriptionId, registration.namespace),
      subscription_id: registration.subscriptionId,
      namespace: registration.namespace,
      registered_at: registration.completeAt,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

export async function removeRegistration(
  writer: Writer,
  subscriptionId: string,
  namespace: string,
): Promise<void> {
  await writer
    .deleteFrom('registrations')
    .where('key', '=', keyOf(subscriptionId, namespace))
    .execute();
}
