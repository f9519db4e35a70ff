/**
 * Timers: what is due when, in simulated time. One a kind and target; whoever handles one clears or moves it in the
 * transaction of its own work, so that a timer is gone exactly when its work is done. Read by `schedule/pump.ts`.
 */
import { instant, type Instant } from '#shared/instant.ts';
import { nextNumbers } from './counters.ts';
import type { Reader, Writer } from './database.ts';
import type { Tables } from './tables.ts';

export interface Timer {
  /** Which handler: `operation`, `appliance`. */
  readonly kind: string;
  /** What it is about: an operation's id, an appliance's id. */
  readonly target: string;
  readonly dueAt: Instant;
}

export interface TimerRow extends Timer {
  /** Orders timers that are due together: earlier set, earlier served. */
  readonly sequence: number;
  /** How often its handler has thrown. */
  readonly attempts: number;
}

const idOf = (kind: string, target: string): string => `${kind}/${target}`;

/** Sets the timer, or moves it. */
export async function setTimer(writer: Writer, timer: Timer, attempts = 0): Promise<void> {
  const sequence = await nextNumbers(writer, 'timers');
  const changing = { due_at: timer.dueAt, sequence, attempts };
  await writer
    .insertInto('timers')
    .values({
      id: idOf(timer.kind, timer.target),
      kind: timer.kind,
      target: timer.target,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
    .execute();
}

export async function clearTimer(writer: Writer, kind: string, target: string): Promise<void> {
  await writer.deleteFrom('timers').where('id', '=', idOf(kind, target)).execute();
}

export async function readTimer(
  reader: Reader,
  kind: string,
  target: string,
): Promise<TimerRow | undefined> {
  const row = await reader
    .selectFrom('timers')
    .selectAll()
    .where('id', '=', idOf(kind, target))
    .executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

/** The timers due at `now` or before, earliest first, at most `limit`. */
export async function dueTimers(reader: Reader, now: Instant, limit: number): Promise<TimerRow[]> {
  const rows = await reader
    .selectFrom('timers')
    .selectAll()
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map(rowOf);
}

/** When the next timer after `now` is due. */
export async function nextTimerAt(reader: Reader, now: Instant): Promise<Instant | undefined> {
  const row = await reader
    .selectFrom('timers')
    .select('due_at')
    .where('due_at', '>', now)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : instant(Number(row.due_at));
}

function rowOf(row: Tables['timers']): TimerRow {
  return {
    kind: row.kind,
    target: row.target,
    dueAt: instant(Number(row.due_at)),
    sequence: Number(row.sequence),
    attempts: row.attempts,
  };
}
