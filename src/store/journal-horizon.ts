/**
 * The horizon of the journal: what happened longer ago is dropped, except what the bill is made from, and the newest entry of each kind
 * about a resource that is there, from which its present state is told and explained. Removed in pieces of bounded size, in the
 * order of the journal; where the last piece ended is kept in the world. Used by `operations/retention.ts`.
 */
import { days, type Instant, plus } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { findWorldValue, setWorldValue } from './world.ts';

/** How long entries are kept `[ours]`: somewhat more than a year. */
const KEPT_FOR = days(-400);

/** Name in the table of the world: the sequence up to which the journal has been looked at. */
const LOOKED_AT = 'journal-looked-at';

export interface JournalRules {
  /** Kinds that are never dropped. */
  readonly kept: readonly string[];
  /** How kinds begin that tell what passes and leaves nothing: they are dropped, newest or not. */
  readonly passing: string;
  /** The kind that tells the end of a resource: everything else about it goes with it. */
  readonly ends: string;
}

interface Row {
  readonly sequence: number | string | bigint;
  readonly resource_key: string;
  readonly kind: string;
}

/** Drops a piece of what lies beyond the horizon; whether there may be more. */
export async function foldJournal(
  writer: Writer,
  { kept, passing, ends }: JournalRules,
  { now, limit }: { readonly now: Instant; readonly limit: number },
): Promise<boolean> {
  const after = Number((await findWorldValue(writer, LOOKED_AT)) ?? 0);
  const read = await writer
    .selectFrom('journal')
    .select(['sequence', 'at', 'resource_key', 'kind'])
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  const horizon = plus(now, KEPT_FOR);
  // The first one that is young ends the piece: what follows it is no older, but for what one transaction told.
  const end = read.findIndex(({ at }) => Number(at) >= horizon);
  const rows: readonly Row[] = end === -1 ? read : read.slice(0, end);
  const last = rows.at(-1);
  if (last === undefined) return false;
  const dropped: number[] = [];
  for (const row of rows) {
    if (kept.includes(row.kind) || row.kind === ends) continue;
    if (row.kind.startsWith(passing)) {
      dropped.push(Number(row.sequence));
      continue;
    }
    const { isLatest, older } = await neighboursOf(writer, row, ends);
    dropped.push(...older, ...(isLatest ? [] : [Number(row.sequence)]));
  }
  if (dropped.length > 0) {
    await writer
      .deleteFrom('journal')
      .where('sequence', 'in', [...new Set(dropped)])
      .execute();
  }
  await setWorldValue(writer, LOOKED_AT, String(last.sequence));
  return rows.length >= limit;
}

/** Whether no newer entry tells what became of it, and the older ones of its kind that were kept until now for want of a newer one. */
async function neighboursOf(
  reader: Reader,
  { sequence, resource_key, kind }: Row,
  ends: string,
): Promise<{ readonly isLatest: boolean; readonly older: readonly number[] }> {
  const about = reader
    .selectFrom('journal')
    .select('sequence')
    .where('resource_key', '=', resource_key);
  const newer = await about
    .where('kind', 'in', [kind, ends])
    .where('sequence', '>', Number(sequence))
    .limit(1)
    .executeTakeFirst();
  const older = await about
    .where('kind', '=', kind)
    .where('sequence', '<', Number(sequence))
    .execute();
  return { isLatest: newer === undefined, older: older.map((row) => Number(row.sequence)) };
}
