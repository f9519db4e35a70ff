/**
 * The journal: every fact with its cause, in order, never changed. Written in the transaction of what it tells about;
 * read by billing, alerts and the timeline.
 */
import { rangeBelow } from '#shared/arm-id.ts';
import type { Fact } from '#shared/facts.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Selectable } from 'kysely';
import type { Reader, Writer } from './database.ts';
import { inParts } from './ranges.ts';
import { send } from './sending.ts';
import type { Tables } from './tables.ts';

export interface JournalSubject {
  readonly subscriptionId: string;
  /** The resource's id in lower case. */
  readonly resourceKey: string;
  readonly resourceId: string;
  /** What brought it about: `operation/{id}`, `request/{correlation id}`, `command/{id}`, `fault/{id}`, `clock`. */
  readonly cause: string;
}

export interface JournalEntry extends JournalSubject {
  readonly sequence: number;
  readonly at: Instant;
  readonly kind: string;
  readonly data: JsonObject;
}

/** Appends the facts in their order; the subject's cause is that of those that have none of their own. */
export async function appendFacts(
  writer: Writer,
  subject: JournalSubject,
  facts: readonly Fact[],
): Promise<void> {
  if (facts.length === 0) return;
  const query = writer
    .insertInto('journal')
    .values(
      facts.map((fact) => ({
        at: fact.at,
        subscription_id: subject.subscriptionId.toLowerCase(),
        resource_key: subject.resourceKey,
        resource_id: subject.resourceId,
        kind: fact.kind,
        data: JSON.stringify(fact.data),
        cause: fact.cause ?? subject.cause,
      })),
    )
    .compile();
  await send(writer, query);
}

/** How many of the newest entries are looked at for the latest moment: they are in order but for those of one transaction. */
const NEWEST = 256;

/** The latest moment of what has happened; undefined in a world in which nothing has. */
export async function latestMoment(reader: Reader): Promise<Instant | undefined> {
  const rows = await reader
    .selectFrom('journal')
    .select('at')
    .orderBy('sequence', 'desc')
    .limit(NEWEST)
    .execute();
  return rows.length === 0 ? undefined : instant(Math.max(...rows.map(({ at }) => Number(at))));
}

/** Which entries: those that meet all conditions that are named. */
export interface JournalFilter {
  readonly resourceKey?: string;
  readonly subscriptionId?: string;
  readonly kinds?: readonly string[];
  /** The earliest moment. */
  readonly from?: Instant;
  /** The first moment after them. */
  readonly to?: Instant;
}

export interface JournalPage extends JournalFilter {
  /** The sequence of the entry after which the page begins. */
  readonly after?: number;
  readonly limit: number;
}

/** A page of entries in the order in which they were told. */
export async function readJournal(reader: Reader, page: JournalPage): Promise<JournalEntry[]> {
  let query = reader.selectFrom('journal').selectAll().orderBy('sequence').limit(page.limit);
  if (page.subscriptionId !== undefined) {
    query = query.where('subscription_id', '=', page.subscriptionId.toLowerCase());
  }
  if (page.resourceKey !== undefined) query = query.where('resource_key', '=', page.resourceKey);
  if (page.kinds !== undefined) query = query.where('kind', 'in', [...page.kinds]);
  if (page.from !== undefined) query = query.where('at', '>=', page.from);
  if (page.to !== undefined) query = query.where('at', '<', page.to);
  if (page.after !== undefined) query = query.where('sequence', '>', page.after);
  return (await query.execute()).map(rowOf);
}

/** Of which facts the newest come first: those about a resource, of these kinds, up to a moment. */
export interface NewestFacts {
  readonly resourceKey: string;
  readonly kinds: readonly string[];
  /** The latest moment. */
  readonly to?: Instant;
  /** The sequence of the entry after the first one. */
  readonly before?: number;
}

const PAGE_OF_NEWEST = 50;

/** Entries from the newest one on backwards, read in pages as they are looked at. */
export async function* newestFacts(
  reader: Reader,
  { resourceKey, kinds, to, before }: NewestFacts,
): AsyncGenerator<JournalEntry> {
  let end = before;
  for (;;) {
    let query = reader
      .selectFrom('journal')
      .selectAll()
      .where('resource_key', '=', resourceKey)
      .where('kind', 'in', [...kinds])
      .orderBy('sequence', 'desc')
      .limit(PAGE_OF_NEWEST);
    if (to !== undefined) query = query.where('at', '<=', to);
    if (end !== undefined) query = query.where('sequence', '<', end);
    const page = (await query.execute()).map(rowOf);
    yield* page;
    if (page.length < PAGE_OF_NEWEST) return;
    end = page.at(-1)?.sequence;
  }
}

/** Which of the newest facts in a subscription: those that meet all conditions that are named. */
export interface NewestOfSubscription {
  readonly subscriptionId: string;
  readonly kinds: readonly string[];
  readonly resourceKey?: string;
  /** The key of a resource group: facts about what is in it. */
  readonly groupKey?: string;
  readonly cause?: string;
  /** The earliest moment and the latest. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** The sequence of the entry after the first one. */
  readonly before?: number;
  readonly limit: number;
}

/** A page of entries, the newest first. */
export async function newestOfSubscription(
  reader: Reader,
  page: NewestOfSubscription,
): Promise<JournalEntry[]> {
  let query = reader
    .selectFrom('journal')
    .selectAll()
    .where('subscription_id', '=', page.subscriptionId.toLowerCase())
    .where('kind', 'in', [...page.kinds])
    .orderBy('sequence', 'desc')
    .limit(page.limit);
  if (page.resourceKey !== undefined) query = query.where('resource_key', '=', page.resourceKey);
  if (page.groupKey !== undefined) {
    const { after, before } = rangeBelow(page.groupKey);
    query = query.where('resource_key', '>', after).where('resource_key', '<', before);
  }
  if (page.cause !== undefined) query = query.where('cause', '=', page.cause);
  if (page.from !== undefined) query = query.where('at', '>=', page.from);
  if (page.to !== undefined) query = query.where('at', '<=', page.to);
  if (page.before !== undefined) query = query.where('sequence', '<', page.before);
  return (await query.execute()).map(rowOf);
}

const PAGE_OF_ALL = 1000;

/** All entries of these kinds in a subscription: one kind after the other, each in the order in which they were told. */
export async function* eachFactOfKinds(
  reader: Reader,
  subscriptionId: string,
  kinds: readonly string[],
): AsyncGenerator<JournalEntry> {
  for (const kind of kinds) {
    let after: number | undefined;
    for (;;) {
      const page = await readJournal(reader, {
        ...{ subscriptionId, kinds: [kind], limit: PAGE_OF_ALL },
        ...(after === undefined ? {} : { after }),
      });
      yield* page;
      if (page.length < PAGE_OF_ALL) break;
      after = page.at(-1)?.sequence;
    }
  }
}

/** All entries of these kinds about these resources, in the order in which they were told. */
export async function factsAbout(
  reader: Reader,
  resourceKeys: readonly string[],
  kinds: readonly string[],
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (const part of inParts(resourceKeys)) {
    const rows = await reader
      .selectFrom('journal')
      .selectAll()
      .where('resource_key', 'in', part)
      .where('kind', 'in', [...kinds])
      .execute();
    entries.push(...rows.map(rowOf));
  }
  return entries.sort((a, b) => a.sequence - b.sequence);
}

/** How many facts of a kind there are about a resource. */
export async function countFacts(
  reader: Reader,
  resourceKey: string,
  kind: string,
): Promise<number> {
  const { count } = await reader
    .selectFrom('journal')
    .select((select) => select.fn.countAll().as('count'))
    .where('resource_key', '=', resourceKey)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();
  return Number(count);
}

const rowOf = (row: Selectable<Tables['journal']>): JournalEntry => ({
  sequence: Number(row.sequence),
  at: instant(Number(row.at)),
  subscriptionId: row.subscription_id,
  resourceKey: row.resource_key,
  resourceId: row.resource_id,
  kind: row.kind,
  data: JSON.parse(row.data) as JsonObject,
  cause: row.cause,
});
