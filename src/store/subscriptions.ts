/** The subscriptions that exist: one row each, keyed by the GUID in lower case. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Database, Reader, Writer } from './database.ts';

/** The subscription's life cycle as ARM tells it to providers [rpc]. */
export type SubscriptionState = 'Registered' | 'Unregistered' | 'Warned' | 'Suspended' | 'Deleted';

export interface SubscriptionRow {
  readonly id: string;
  readonly state: SubscriptionState;
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
  return (await subscriptionState(database, id)) !== undefined;
}

/** The state of a subscription; undefined where it does not exist. */
export async function subscriptionState(
  database: Database,
  id: string,
): Promise<SubscriptionState | undefined> {
  const key = id.toLowerCase();
  return await database.remembered(`subscription state ${key}`, async () => {
    const row = (await database.row('select state from subscriptions where id = ?', key)) as
      | { state: SubscriptionState }
      | undefined;
    return row?.state;
  });
}

export async function setSubscriptionState(
  writer: Writer,
  id: string,
  state: SubscriptionState,
): Promise<void> {
  await writer
    .updateTable('subscriptions')
    .set({ state })
    .where('id', '=', id.toLowerCase())
    .execute();
}

export async function listSubscriptions(reader: Reader): Promise<SubscriptionRow[]> {
  const rows = await reader.selectFrom('subscriptions').selectAll().orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id,
    state: row.state as SubscriptionState,
    createdAt: instant(Number(row.created_at)),
  }));
}
