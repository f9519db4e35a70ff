/**
 * Instants and durations, in milliseconds. Every simulated moment in the program is an `Instant`; the clock that
 * produces them is `schedule/clock.ts`. Together these two files are the only ones that may ask the wall what time it is.
 */

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. Simulated unless a name says `wall`. */
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

/** The wall's own time. For TLS, HTTP time-outs, measurements and the clock's anchor only. */
export function wallNow(): Instant {
  return instant(Date.now());
}

/** `2026-11-24T18:00:00.000Z`. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
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

/** Midnight UTC of the first of a month; `month` is 1–12 and may run over (13 = January of the next year). */
export function startOfMonth(year: number, month: number): Instant {
  return instant(Date.UTC(year, month - 1, 1));
}

/** An ISO 8601 date-time with a zone, or undefined when the text is none. */
export function parseInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) {
    return undefined;
  }
  // To JavaScript the 30th of February is the 2nd of March.
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(midnight) || calendarOf(instant(midnight)).day !== Number(text.slice(8, 10))) {
    return undefined;
  }
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : instant(parsed);
}

const ISO_DURATION =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds (`PT25M`, `P3DT12H`); months and years have no fixed length and are refused. */
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

/** The instant as a `Date`, for libraries that take nothing else. */
export function dateOf(at: Instant): Date {
  return new Date(at);
}
