/** The subscriptions that exist: one row each, keyed by the GUID in lower case. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Source, Writer } from './database.ts';
import { lookUp } from './look-up.ts';
import { signalsOf } from './signals.ts';

/** The subscription's life cycle as ARM tells it to providers [rpc]. */
export type SubscriptionState = 'Registered' | 'Unregistered' | 'Warned' | 'Suspended' | 'Deleted';

export interface SubscriptionRow {
  readonly id: string;
  readonly state: SubscriptionState;
  readonly createdAt: Instant;
}

const cacheKey = (id: string): string => `subscription ${id.toLowerCase()}`;

/** Makes the subscription where it is missing. */
export async function addSubscription(writer: Writer, id: string, now: Instant): Promise<void> {
  await writer
    .insertInto('subscriptions')
    .values({ id: id.toLowerCase(), created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  signalsOf(writer).touch(cacheKey(id));
}

export async function hasSubscription(source: Source, id: string): Promise<boolean> {
  return (await subscriptionState(source, id)) !== undefined;
}

/** The state of a subscription; undefined where it does not exist. */
export async function subscriptionState(
  source: Source,
  id: string,
): Promise<SubscriptionState | undefined> {
  return await lookUp(source, cacheKey(id), async (reader) => {
    const row = await reader
      .selectFrom('subscriptions')
      .select('state')
      .where('id', '=', id.toLowerCase())
      .executeTakeFirst();
    return row?.state as SubscriptionState | undefined;
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
  signalsOf(writer).touch(cacheKey(id));
}

/** Which subscriptions a page is read of. */
export interface SubscriptionPage {
  /** Only those in which this principal has a role assignment. */
  readonly principalId?: string;
  /** The id of the last one of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** What stands before the id in a scope, and how long an id is. */
const PREFIX_LENGTH = '/subscriptions/'.length;
const ID_LENGTH = 36;

/** A page of the subscriptions in the order of their ids. */
export async function listSubscriptions(
  reader: Reader,
  { principalId, after, limit }: SubscriptionPage,
): Promise<SubscriptionRow[]> {
  let query = reader.selectFrom('subscriptions').selectAll().orderBy('id').limit(limit);
  if (after !== undefined) query = query.where('id', '>', after);
  if (principalId !== undefined) {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('role_assignments')
        .select((own) =>
          own
            .fn<string>('substr', ['scope', own.val(PREFIX_LENGTH + 1), own.val(ID_LENGTH)])
            .as('id'),
        )
        .where('principal_id', '=', principalId),
    );
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    state: row.state as SubscriptionState,
    createdAt: instant(Number(row.created_at)),
  }));
}
