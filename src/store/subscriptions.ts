/** The subscriptions that exist: one row each, keyed by the GUID in lower case. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Database, Reader, Writer } from './database.ts';

export interface SubscriptionRow {
  readonly id: string;
  readonly createdAt: Instant;
}

/** Makes the subscription where it is missing. */
export async function addSubscription(writer: Writer, id: string, now: Instant): Promise<void> {
  await writer
    .insertInto('subscriptions')
    .values({ id: id.toLowerCase(), created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export async function hasSubscription(database: Database, id: string): Promise<boolean> {
  const key = id.toLowerCase();
  return await database.remembered(
    `subscription ${key}`,
    async () =>
      (await database.row('select 1 as one from subscriptions where id = ?', key)) !== undefined,
  );
}

export async function listSubscriptions(reader: Reader): Promise<SubscriptionRow[]> {
  const rows = await reader.selectFrom('subscriptions').selectAll().orderBy('id').execute();
  return rows.map((row) => ({ id: row.id, createdAt: instant(Number(row.created_at)) }));
}
