/**
 * Stage tables: what takes time is data. A table is a list of stages with a length (exact or a range) and the source
 * of that number; starting it fixes the moments at which each stage ends, drawn once from the seed. Nothing here ticks:
 * which stage is on is computed from the clock when someone looks.
 */
import { type Duration, type Instant, plus } from './instant.ts';
import { wholeNumber } from './random.ts';

export interface Stage<Name extends string = string> {
  readonly name: Name;
  /** How long it lasts: exact, or drawn evenly from [shortest, longest]. */
  readonly lasts: Duration | readonly [shortest: Duration, longest: Duration];
  /** The tag of the document that says so, or `[ours]` with the reason. */
  readonly source: string;
}

/** A table in play. Plain data: it is stored inside an appliance's state. */
export interface Schedule {
  readonly startedAt: Instant;
  /** The moment at which each stage ends, in the table's order. */
  readonly endsAt: readonly Instant[];
}

/** Starts `table` at `now`; `words` (seed first) say what the drawn lengths are for. */
export function startStages(
  table: readonly Stage[],
  now: Instant,
  ...words: readonly (string | number)[]
): Schedule {
  let at = now;
  const endsAt = table.map((stage) => {
    const lasts = stage.lasts;
    const length =
      typeof lasts === 'number'
        ? lasts
        : (wholeNumber(lasts[0], lasts[1], ...words, stage.name) as Duration);
    at = plus(at, length);
    return at;
  });
  return { startedAt: now, endsAt };
}

/** How many stages have ended by `now`. */
export function endedStages(schedule: Schedule, now: Instant): number {
  let ended = 0;
  while (ended < schedule.endsAt.length && (schedule.endsAt[ended] as Instant) <= now) ended++;
  return ended;
}

/** When the whole table has ended. */
export function endOf(schedule: Schedule): Instant {
  return schedule.endsAt.at(-1) ?? schedule.startedAt;
}

/** Whole percent of the table's length that has passed at `now`, 0–100. */
export function percentOf(schedule: Schedule, now: Instant): number {
  const total = endOf(schedule) - schedule.startedAt;
  if (total <= 0) return 100;
  return Math.max(0, Math.min(100, Math.floor(((now - schedule.startedAt) * 100) / total)));
}
