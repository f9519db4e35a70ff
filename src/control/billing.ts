/** The bill over the control door: usage, offers and invoices, derived at each look from the facts that cost money. */
import { invoicesOf } from '#billing/invoices.ts';
import { usageOf } from '#billing/meters.ts';
import { offersOf } from '#billing/offers.ts';
import type { Prices } from '#billing/prices.ts';
import type { Clock } from '#schedule/clock.ts';
import { BILLED_KINDS, DELETED_KIND, MOVED_KIND, OFFER_KINDS } from '#billing/billing-state.ts';
import { formatInstant, instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database, Reader } from '#store/database.ts';
import { eachFactOfKinds, factsAbout, type JournalEntry } from '#store/journal.ts';
import { limitIn, nextLinkOf } from './requests.ts';

/** What the bill is made from. */
export interface BillingParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly prices: Prices;
  /** Ids of the devices of a subscription, as written, in the order of their keys: from after a key on, at most `limit`. */
  deviceIds(
    subscriptionId: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly string[]>;
}

/** Usage records, or the invoices that they add up to. */
export async function billingOf(
  { database, clock, prices }: BillingParts,
  subscriptionId: string,
  what: 'usage' | 'invoices',
): Promise<JsonObject> {
  const { reader } = database;
  const billed = await allOf(eachFactOfKinds(reader, subscriptionId, BILLED_KINDS));
  const keys = billed.map(({ resourceKey }) => resourceKey);
  const facts = [...billed, ...(await endsOf(reader, subscriptionId, keys))];
  const usage = usageOf(facts, clock.now(), prices);
  if (what === 'usage') return { value: usage.map((record) => jsonOf({ ...record })) };
  return { value: invoicesOf(usage, clock.now()).map((invoice) => jsonOf({ ...invoice })) };
}

/** The offers of a page of devices; `after` is the id of the last one before it. */
export async function offersPage(
  parts: BillingParts,
  asked: { readonly subscriptionId: string; readonly query: unknown; readonly url: string },
): Promise<JsonObject> {
  const { subscriptionId, query, url } = asked;
  const limit = limitIn(query);
  const after = isJsonObject(query) && typeof query.after === 'string' ? query.after : undefined;
  const ids = await parts.deviceIds(subscriptionId, {
    limit: limit + 1,
    ...(after === undefined ? {} : { after: after.toLowerCase() }),
  });
  const page = ids.slice(0, limit);
  const { reader } = parts.database;
  const ends = await endsOf(
    reader,
    subscriptionId,
    page.map((id) => id.toLowerCase()),
  );
  const keys = new Set([...page, ...ends.flatMap(idsIn)].map((id) => id.toLowerCase()));
  const facts = [...ends, ...(await factsAbout(reader, [...keys], OFFER_KINDS))];
  const last = ids.length > limit ? page.at(-1) : undefined;
  return {
    value: offersOf(facts, page).map((offer) => jsonOf({ ...offer })),
    ...(last === undefined ? {} : { nextLink: nextLinkOf(url, last) }),
  };
}

/**
 * The deletions of the devices of `keys`, and of those that were moved, with the moves of the subscription: nothing else is read of
 * the deletions, most of which are of shares and the like.
 */
async function endsOf(
  reader: Reader,
  subscriptionId: string,
  keys: readonly string[],
): Promise<JournalEntry[]> {
  const moves = await allOf(eachFactOfKinds(reader, subscriptionId, [MOVED_KIND]));
  const moved = moves.flatMap(idsIn).map((id) => id.toLowerCase());
  const deletions = await factsAbout(reader, [...new Set([...keys, ...moved])], [DELETED_KIND]);
  return [...moves, ...deletions];
}

/** The ids that a move names: the device's present one and its former one. */
const idsIn = ({ resourceId, data: { from } }: JournalEntry): string[] =>
  typeof from === 'string' ? [resourceId, from] : [resourceId];

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Members of billing records that are instants. */
const INSTANTS = new Set(['from', 'to', 'since']);

/** A billing record as JSON: instants as texts. */
function jsonOf(record: Readonly<Record<string, unknown>>): JsonObject {
  const copy: JsonObject = {};
  for (const [name, value] of Object.entries(record)) {
    if (INSTANTS.has(name) && typeof value === 'number') {
      copy[name] = formatInstant(instant(value));
    } else if (Array.isArray(value)) {
      copy[name] = value.map((item) => (isJsonObject(item) ? jsonOf(item) : (item as Json)));
    } else if (isJsonObject(value)) {
      copy[name] = jsonOf(value);
    } else if (value !== undefined) {
      copy[name] = value as Json;
    }
  }
  return copy;
}
