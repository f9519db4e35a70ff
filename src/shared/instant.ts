/**
 * Instants and durations in milliseconds. Every simulated moment is an `Instant`, produced by the clock in
 * `schedule/clock.ts`. Only these two files may read the computer's clock.
 */

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. It is simulated time unless the name contains `wall`. */
export type Instant = number & { readonly unit: 'instant' };
/** A length of time in whole milliseconds. */
export type Duration = number & { readonly unit: 'duration' };

export const instant = (milliseconds: number): Instant => Math.round(milliseconds) as Instant;
export const milliseconds = (count: number): Duration => Math.round(count) as Duration;
export const seconds = (count: number): Duration => milliseconds(count * 1000);
export const minutes = (count: number): Duration => seconds(count * 60);
export const hours = (count: number): Duration => minutes(count * 60);
export const days = (count: number): Duration => hours(count * 24);

export const plus = (at: Instant, length: Duration): Instant => instant(at + length);
export const between = (from: Instant, to: Instant): Duration => milliseconds(to - from);
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/**
 * The last simulated moment `[ours]`: from the year 10000 on, dates have no four digits any more, which neither ARM's texts nor X.509
 * can write, and certificates must end before it too.
 */
export const LAST_MOMENT = instant(Date.UTC(9990, 0, 1));

/** The present real time. Only for TLS, HTTP time-outs, measurements and the anchor of the simulated clock. */
export function wallNow(): Instant {
  return instant(Date.now());
}

/** Milliseconds of a clock that is never set: for measuring lengths of real time within this process. */
export function monotonicNow(): number {
  return performance.now();
}

/** ISO 8601 in UTC with milliseconds: `2026-11-24T18:00:00.000Z`; undefined for no instant. */
export function formatInstant(at: Instant): string;
export function formatInstant(at: Instant | undefined): string | undefined;
export function formatInstant(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** The parts of an instant in UTC: year, month (1–12), day (1–31), hour, minute, second. */
export function calendarOf(at: Instant): {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
} {
  const date = new Date(at);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Midnight UTC on the first day of a month. `month` is 1–12 and may be larger: 13 is January of the next year. */
export function startOfMonth(year: number, month: number): Instant {
  return instant(Date.UTC(year, month - 1, 1));
}

/** The instant of an ISO 8601 date and time with a zone; undefined for any other text. */
export function parseInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) {
    return undefined;
  }
  // JavaScript reads the 30th of February as the 2nd of March; such a date is refused.
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(midnight) || calendarOf(instant(midnight)).day !== Number(text.slice(8, 10))) {
    return undefined;
  }
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : instant(parsed);
}

const ISO_DURATION =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * The length of an ISO 8601 duration of weeks, days, hours, minutes and seconds (`PT25M`, `P3DT12H`). Undefined for any
 * other text; months and years have no fixed length, so they are not accepted.
 */
export function parseDuration(text: string): Duration | undefined {
  const match = ISO_DURATION.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) return undefined;
  const [weeks, dayCount, hourCount, minuteCount, secondCount] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return milliseconds(
    days((weeks ?? 0) * 7 + (dayCount ?? 0)) +
      hours(hourCount ?? 0) +
      minutes(minuteCount ?? 0) +
      seconds(secondCount ?? 0),
  );
}

/** The instant as a `Date`, for libraries that accept nothing else. */
export function dateOf(at: Instant): Date {
  return new Date(at);
}
