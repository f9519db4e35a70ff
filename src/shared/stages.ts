/**
 * Stage tables: how long things take, as data. A table lists stages with their lengths (exact or a range) and the source of
 * each number. Starting a table draws the moments at which its stages end, once, from the seed. Nothing ticks: which stage
 * is running is computed from the clock.
 */
import { type Duration, type Instant, plus } from './instant.ts';
import { wholeNumber } from './random.ts';

export interface Stage<Name extends string = string> {
  readonly name: Name;
  /** How long the stage lasts: exactly, or drawn evenly from [shortest, longest]. */
  readonly lasts: Duration | readonly [shortest: Duration, longest: Duration];
  /** The tag of the document that states the length, or `[ours]` with the reason. */
  readonly source: string;
}

/** A table that was started. It is plain data and stored in the state of an appliance. */
export interface Schedule {
  readonly startedAt: Instant;
  /** The moments at which the stages end, in the order of the table. */
  readonly endsAt: readonly Instant[];
}

/** Starts `table` at `now`. `words`, the seed first, say what the lengths are drawn for. */
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

/** When the last stage ends; the start for an empty table. */
export function endOf(schedule: Schedule): Instant {
  return schedule.endsAt.at(-1) ?? schedule.startedAt;
}

/** The progress at `now` in whole percent of the total length, 0–100. */
export function percentOf(schedule: Schedule, now: Instant): number {
  const total = endOf(schedule) - schedule.startedAt;
  if (total <= 0) return 100;
  return Math.max(0, Math.min(100, Math.floor(((now - schedule.startedAt) * 100) / total)));
}
