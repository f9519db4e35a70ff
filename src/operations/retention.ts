/**
 * What has ended is kept for a while (`store/expiry.ts`) and then removed: ended operations with what is left of their timers, and the
 * tasks and jobs of machines; and entries of the journal beyond its horizon (`store/journal-horizon.ts`). A timer wakes this when something has expired, and again at once as long as there is more: each piece is
 * a transaction of bounded size.
 */
import type { Clock } from '#schedule/clock.ts';
import { hours, type Instant, later, plus } from '#shared/instant.ts';
import type { Database, Writer } from '#store/database.ts';
import { KEPT_FOR } from '#store/expiry.ts';
import { foldJournal, type JournalRules } from '#store/journal-horizon.ts';
import { nextExpiry, removeExpired } from '#store/retention.ts';
import { readTimer, setTimer, type TimerRow } from '#store/timers.ts';

/** The kind of the timer; there is one, for the whole world. */
export const RETENTION_TIMER = 'retention';
const TIMER = { kind: RETENTION_TIMER, target: 'world', isBackground: true } as const;

/** Rows of each kind in one transaction `[ours]`. */
const PIECE = 200;
/** The shortest time between two looks, so that what expires at about the same time goes together `[ours]`. */
const PAUSE = hours(6);

/** Sets the timer of a world that has none yet. Part of the transaction that makes or opens the world. */
export async function beginRetention(writer: Writer, now: Instant): Promise<void> {
  if ((await readTimer(writer, TIMER.kind, TIMER.target)) !== undefined) return;
  await setTimer(writer, { ...TIMER, dueAt: plus(now, PAUSE) });
}

/** Removes a piece of what has expired, and sets the timer anew. The handler of `RETENTION_TIMER`, when `due` fell due. */
export async function retain(
  database: Database,
  clock: Clock,
  { due, journal }: { readonly due: Pick<TimerRow, 'sequence'>; readonly journal: JournalRules },
): Promise<void> {
  await database.write(async (writer) => {
    const timer = await readTimer(writer, TIMER.kind, TIMER.target);
    // Another process has done it; or the world began anew, and the moment that is told here may still be one of the former world.
    if (timer?.sequence !== due.sequence) return;
    const now = clock.now();
    const piece = { now, nextLook: plus(now, KEPT_FOR), limit: PIECE };
    const hasExpired = await removeExpired(writer, piece);
    const hasMore = (await foldJournal(writer, journal, { now, limit: PIECE })) || hasExpired;
    const dueAt = hasMore ? now : await nextLook(writer, now);
    await setTimer(writer, { ...TIMER, dueAt });
  });
}

/** Whatever ends from now on expires no sooner than in `KEPT_FOR`. */
async function nextLook(writer: Writer, now: Instant): Promise<Instant> {
  const next = (await nextExpiry(writer, now)) ?? plus(now, KEPT_FOR);
  return later(next, plus(now, PAUSE));
}
