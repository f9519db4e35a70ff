/**
 * The journal: every fact with its cause, in order, never changed. Written in the transaction of what it tells about;
 * read by billing, alerts and the timeline.
 */
import type { Fact } from '#shared/facts.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Reader, Writer } from './database.ts';

export interface JournalSubject {
  readonly subscriptionId: string;
  /** The resource's id in lower case. */
  readonly resourceKey: string;
  readonly resourceId: string;
  /** What brought it about: `operation/{id}`, `request/{correlation id}`, `clock`. */
  readonly cause: string;
}

export interface JournalEntry extends JournalSubject {
  readonly sequence: number;
  readonly at: Instant;
  readonly kind: string;
  readonly data: JsonObject;
}

/** Appends the facts in their order. */
export async function appendFacts(
  writer: Writer,
  subject: JournalSubject,
  facts: readonly Fact[],
): Promise<void> {
  if (facts.length === 0) return;
  await writer
    .insertInto('journal')
    .values(
      facts.map((fact) => ({
        at: fact.at,
        subscription_id: subject.subscriptionId.toLowerCase(),
        resource_key: subject.resourceKey,
        resource_id: subject.resourceId,
        kind: fact.kind,
        data: JSON.stringify(fact.data),
        cause: subject.cause,
      })),
    )
    .execute();
}

/** Entries in order; of one subscription or one resource where named. */
export async function readJournal(
  reader: Reader,
  of: { readonly subscriptionId?: string; readonly resourceKey?: string } = {},
): Promise<JournalEntry[]> {
  let query = reader.selectFrom('journal').selectAll().orderBy('sequence');
  if (of.subscriptionId !== undefined) {
    query = query.where('subscription_id', '=', of.subscriptionId.toLowerCase());
  }
  if (of.resourceKey !== undefined) query = query.where('resource_key', '=', of.resourceKey);
  const rows = await query.execute();
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    at: instant(Number(row.at)),
    subscriptionId: row.subscription_id,
    resourceKey: row.resource_key,
    resourceId: row.resource_id,
    kind: row.kind,
    data: JSON.parse(row.data) as JsonObject,
    cause: row.cause,
  }));
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
