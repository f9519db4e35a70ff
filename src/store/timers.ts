/**
 * Timers: what is due when, in simulated time. One a kind and target; whatever handles one clears or moves it in the
 * transaction of its own work, so that a timer is gone exactly when its work is done. Read by `schedule/pump.ts`.
 *
 * A timer may also wait: it is due as soon as one of the things that it waits for has ended, and not before.
 */
import type { InsertQueryBuilder, InsertResult } from 'kysely';
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { isSentAhead, meanwhile, send } from './sending.ts';
import { signalsOf } from './signals.ts';
import { command, statement } from './statement.ts';
import type { Tables } from './tables.ts';

export interface Timer {
  /** Which handler: `operation`, `appliance`. */
  readonly kind: string;
  /** What it is about: an operation's id, an appliance's id. */
  readonly target: string;
  readonly dueAt: Instant;
  /** Nobody waits for it: where there is much to do, what people wait for goes first. */
  readonly isBackground?: boolean;
}

export interface TimerRow extends Timer {
  /** Drawn anew each time the timer is set. Orders timers that are due together: set first, served first. */
  readonly sequence: number;
  /** How often its handler has thrown. */
  readonly attempts: number;
}

/** Timers that are woken by the same statements: an engine takes a limited number of parameters. */
const WOKEN_AT_ONCE = 100;

/** Due time of a timer that waits: later than any moment of a calendar, and exact in JavaScript's numbers. */
const NEVER = instant(9_000_000_000_000_000);

const idOf = (kind: string, target: string): string => `${kind}/${target}`;

/** The kind and the target in an id of `idOf`; a kind has no slash. */
function namedBy(id: string): Pick<Timer, 'kind' | 'target'> {
  const slash = id.indexOf('/');
  return { kind: id.slice(0, slash), target: id.slice(slash + 1) };
}

interface NewRow extends Omit<Tables['timers'], 'sequence' | 'is_background'> {
  readonly is_background: number;
}

const inserted = (on: Reader, row: NewRow) =>
  on.insertInto('timers').values({
    id: row.id,
    kind: row.kind,
    target: row.target,
    due_at: row.due_at,
    attempts: row.attempts,
    is_background: row.is_background,
  });

const insertTimer = command(inserted);

/** Takes the place of the timer of that id, if there is one. */
const replaceTimer = command((on, row: NewRow) => replacing(inserted(on, row)));

const replacing = (rows: InsertQueryBuilder<Tables, 'timers', InsertResult>) =>
  rows.onConflict((conflict) =>
    conflict.column('id').doUpdateSet((timer) => ({
      sequence: timer.ref('excluded.sequence'),
      due_at: timer.ref('excluded.due_at'),
      attempts: timer.ref('excluded.attempts'),
      is_background: timer.ref('excluded.is_background'),
    })),
  );

const deleteTimer = command((on, { id }: { id: string }) =>
  on.deleteFrom('timers').where('id', '=', id),
);

const deleteWaits = command((on, { id }: { id: string }) =>
  on.deleteFrom('waits').where('timer', '=', id),
);

const selectTimer = statement((on, { id }: { id: string }) =>
  on.selectFrom('timers').selectAll().where('id', '=', id),
);

interface LookValues {
  readonly now: number;
  readonly never: number;
  readonly limit: number;
}

/** The timers that are due, and the first one that is not. */
function dueAndNext(on: Reader, { now, never, limit }: LookValues) {
  const due = on
    .selectFrom('timers')
    .selectAll()
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .orderBy('sequence')
    .limit(limit);
  const next = on
    .selectFrom('timers')
    .selectAll()
    .where('due_at', '>', now)
    .where('due_at', '<', never)
    .orderBy('due_at')
    .limit(1);
  return on
    .selectFrom(due.as('due'))
    .selectAll()
    .unionAll(on.selectFrom(next.as('next')).selectAll());
}

const selectDueAndNext = statement((on, values: LookValues) => dueAndNext(on, values));

/** The same, and nothing where the lease has passed to another process. */
const selectUnderLease = statement(
  (on, values: LookValues & { readonly name: string; readonly fence: number }) =>
    on
      .selectFrom(dueAndNext(on, values).as('seen'))
      .selectAll()
      .where((seen) =>
        seen.exists(
          seen
            .selectFrom('leases')
            .select('leases.name')
            .where('leases.name', '=', values.name)
            .where('leases.fence', '=', values.fence),
        ),
      ),
);

const selectSetAside = statement((on, { kind, never }: { kind: string; never: number }) =>
  on
    .selectFrom('timers')
    .selectAll()
    .where('due_at', '=', never)
    .where('kind', '=', kind)
    .where((timer) =>
      timer.not(
        timer.exists(
          timer.selectFrom('waits').select('timer').whereRef('waits.timer', '=', 'timers.id'),
        ),
      ),
    ),
);

/**
 * Whether a timer is replaced by one statement. A deletion reads the page of the index on which its key stands, and is thereby in the way of
 * everyone who inserts a key of that page, while the look for a conflict is not such a read [PostgreSQL predicate.c]. SQLite, where
 * nothing runs beside a transaction, does not tell an update which sequence the row would have had.
 */
const canReplace = isSentAhead;

/** Sets the timer, or moves it. */
export async function setTimer(writer: Writer, timer: Timer, attempts = 0): Promise<void> {
  const row = newRow(timer, attempts);
  if (canReplace(writer)) {
    await replaceTimer(writer, row);
  } else {
    await deleteTimer(writer, row);
    await insertTimer(writer, row);
  }
  signalsOf(writer).wake(timer.dueAt);
}

/** Sets a timer that is not there yet. */
export async function addTimer(writer: Writer, timer: Timer, attempts = 0): Promise<void> {
  await insertTimer(writer, newRow(timer, attempts));
  signalsOf(writer).wake(timer.dueAt);
}

const newRow = ({ kind, target, dueAt, isBackground }: Timer, attempts: number): NewRow => ({
  id: idOf(kind, target),
  kind,
  target,
  due_at: dueAt,
  attempts,
  is_background: isBackground === true ? 1 : 0,
});

/**
 * Sets a timer that is not there yet, and waits for the end of any of `awaited`. The caller makes sure in the same transaction that
 * none of them has ended already.
 */
export async function addWaitingTimer(
  writer: Writer,
  { kind, target }: Omit<Timer, 'dueAt'>,
  awaited: readonly string[],
): Promise<void> {
  const id = idOf(kind, target);
  await insertTimer(writer, { id, kind, target, due_at: NEVER, attempts: 0, is_background: 0 });
  for (const one of awaited) await insertWait(writer, { awaited: one, timer: id });
}

const insertWait = command((on, { awaited, timer }: { awaited: string; timer: string }) =>
  on
    .insertInto('waits')
    .values({ awaited, timer })
    .onConflict((conflict) => conflict.doNothing()),
);

/** Makes every timer due that waits for one of `ended`. Part of the transaction that ends them. */
export async function wakeWaiting(
  writer: Writer,
  ended: readonly string[],
  now: Instant,
): Promise<void> {
  if (ended.length === 0) return;
  await meanwhile(writer, async () => {
    const waiting = await writer
      .selectFrom('waits')
      .select('timer')
      .distinct()
      .where('awaited', 'in', ended)
      .orderBy('timer')
      .execute();
    const ids = waiting.map(({ timer }) => timer);
    for (let from = 0; from < ids.length; from += WOKEN_AT_ONCE) {
      await wakeAll(writer, ids.slice(from, from + WOKEN_AT_ONCE), now);
    }
  });
}

/** Makes the timers of these ids due at `now`, in their order, in two or three statements however many they are. */
async function wakeAll(writer: Writer, ids: readonly string[], now: Instant): Promise<void> {
  await send(writer, writer.deleteFrom('waits').where('timer', 'in', ids).compile());
  const rows = writer.insertInto('timers').values(
    ids.map((id) => {
      const { kind, target } = namedBy(id);
      return { id, kind, target, due_at: now, attempts: 0, is_background: 0 };
    }),
  );
  if (canReplace(writer)) {
    await send(writer, replacing(rows).compile());
  } else {
    await send(writer, writer.deleteFrom('timers').where('id', 'in', ids).compile());
    await send(writer, rows.compile());
  }
  signalsOf(writer).wake(now);
}

export async function clearTimer(writer: Writer, kind: string, target: string): Promise<void> {
  const id = idOf(kind, target);
  await deleteTimer(writer, { id });
  await deleteWaits(writer, { id });
}

export async function readTimer(
  reader: Reader,
  kind: string,
  target: string,
): Promise<TimerRow | undefined> {
  const { rows } = await selectTimer(reader, { id: idOf(kind, target) });
  return rows[0] === undefined ? undefined : rowOf(rows[0]);
}

const selectTimerAndClock = statement((on, { id }: { id: string }) =>
  on
    .selectFrom('timers')
    .selectAll()
    .select((timer) => timer.selectFrom('clock').select('version').as('clockVersion'))
    .where('id', '=', id),
);

/** As `readTimer`, with the version that the clock had in the same snapshot. */
export async function readTimerAndClock(
  reader: Reader,
  kind: string,
  target: string,
): Promise<{ readonly timer: TimerRow; readonly clockVersion: number } | undefined> {
  const { rows } = await selectTimerAndClock(reader, { id: idOf(kind, target) });
  return rows[0] && { timer: rowOf(rows[0]), clockVersion: Number(rows[0].clockVersion) };
}

/** What one look at the timers shows. */
export interface TimersSeen {
  /** Those due at the moment of the look or before, earliest first, and first set first among equals. */
  readonly due: readonly TimerRow[];
  /** When the next one after that moment is due. */
  readonly nextAt: Instant | undefined;
}

/** At most `limit` of the timers that are due at `now`, and when the next one is; one query. */
export async function lookAtTimers(
  reader: Reader,
  now: Instant,
  limit: number,
): Promise<TimersSeen> {
  const { rows } = await selectDueAndNext(reader, { now, never: NEVER, limit });
  return seenIn(rows, now);
}

/**
 * As `lookAtTimers`, under a lease: shows nothing where the lease `name` has another fence by now, so that a process that was
 * paused, and has lost the lease meanwhile, does not go on.
 */
export async function lookAtTimersUnder(
  reader: Reader,
  { name, fence }: { readonly name: string; readonly fence: number },
  { now, limit }: { readonly now: Instant; readonly limit: number },
): Promise<TimersSeen> {
  const { rows } = await selectUnderLease(reader, { now, never: NEVER, limit, name, fence });
  return seenIn(rows, now);
}

function seenIn(rows: readonly StoredTimer[], now: Instant): TimersSeen {
  // A union has no order of its own.
  const timers = rows
    .map(rowOf)
    .sort((one, other) => one.dueAt - other.dueAt || one.sequence - other.sequence);
  const due = timers.filter(({ dueAt }) => dueAt <= now);
  return { due, nextAt: timers[due.length]?.dueAt };
}

/** How many timers are due at `now`. */
export async function countDueTimers(reader: Reader, now: Instant): Promise<number> {
  const row = await reader
    .selectFrom('timers')
    .select((timer) => timer.fn.countAll().as('count'))
    .where('due_at', '<=', now)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Puts away a timer that nobody can handle: it is not due any more, and waits for nothing. */
export async function setTimerAside(writer: Writer, timer: TimerRow): Promise<void> {
  const { kind, target, attempts } = timer;
  await clearTimer(writer, kind, target);
  const id = idOf(kind, target);
  await insertTimer(writer, { id, kind, target, due_at: NEVER, attempts, is_background: 0 });
}

/** Makes the timers of a kind due again that were put away because nobody could handle that kind. */
export async function bringBackTimers(writer: Writer, kind: string, now: Instant): Promise<void> {
  const { rows } = await selectSetAside(writer, { kind, never: NEVER });
  for (const { target } of rows) await setTimer(writer, { kind, target, dueAt: now });
}

type StoredTimer = { [Column in keyof Tables['timers']]: unknown };

function rowOf(row: StoredTimer): TimerRow {
  return {
    kind: row.kind as string,
    target: row.target as string,
    dueAt: instant(Number(row.due_at)),
    sequence: Number(row.sequence),
    attempts: Number(row.attempts),
    isBackground: Number(row.is_background) !== 0,
  };
}
