/** Functions of dates; now is the simulated time at which the deployment started [doc: template functions, date]. */
import {
  calendarOf,
  formatInstant,
  instant,
  type Instant,
  milliseconds,
  parseDuration,
  parseInstant,
  plus,
  seconds,
  startOfMonth,
} from '#shared/instant.ts';
import type { PureFunction } from './texts.ts';
import type { Args } from './values.ts';

/** The format of `utcNow()`: `20260302T090000Z`. */
const COMPACT = 'yyyyMMddTHHmmssZ';
/** .NET's one-letter formats that templates use. */
const STANDARD: Readonly<Record<string, string>> = {
  d: 'MM/dd/yyyy',
  u: 'yyyy-MM-dd HH:mm:ssZ',
  s: 'yyyy-MM-ddTHH:mm:ss',
  o: 'yyyy-MM-ddTHH:mm:ss.fffffffZ',
  O: 'yyyy-MM-ddTHH:mm:ss.fffffffZ',
};

/** Of the calendar that .NET knows [doc]. */
const [FIRST, LAST] = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'].map(parseInstant);

/** The moment, which must be one of the years 1 to 9999. */
function inCalendar(args: Args, at: number): Instant {
  if (at >= Number(FIRST) && at <= Number(LAST)) return instant(at);
  throw args.fault('the date is not in the years 1 to 9999');
}

/** Formats an instant with a .NET format string; other letters are copied. */
function formatDate(at: Instant, format: string): string {
  const { year, month, day, hour, minute, second } = calendarOf(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const fraction = formatInstant(at).slice(20, 23).padEnd(7, '0');
  const fields: Readonly<Record<string, string>> = {
    yyyy: String(year),
    yy: two(year % 100),
    MM: two(month),
    M: String(month),
    dd: two(day),
    d: String(day),
    HH: two(hour),
    H: String(hour),
    hh: two(hour % 12 === 0 ? 12 : hour % 12),
    mm: two(minute),
    m: String(minute),
    ss: two(second),
    s: String(second),
    tt: hour < 12 ? 'AM' : 'PM',
    fff: fraction.slice(0, 3),
    fffffff: fraction,
  };
  return (STANDARD[format] ?? format).replaceAll(
    /yyyy|yy|MM?|dd?|HH?|hh|mm?|ss?|tt|fffffff|fff|'([^']*)'/g,
    (field, literal?: string) => literal ?? fields[field] ?? field,
  );
}

/** Reads an instant as templates write it: compact, with a space, or ISO 8601. */
function momentOf(args: Args, text: string): Instant {
  const iso = text
    .replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z')
    .replace(/^(\d{4}-\d{2}-\d{2})$/, '$1T00:00:00Z')
    .replace(/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/, '$1T$2')
    .replace(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)$/, '$1Z');
  const at = parseInstant(iso);
  if (at === undefined) throw args.fault(`'${text}' is not a date`);
  return at;
}

function formatLike(text: string): string {
  if (/^\d{8}T/.test(text)) return COMPACT;
  if (/^\d{4}-\d{2}-\d{2} /.test(text)) return 'u';
  return 'yyyy-MM-ddTHH:mm:ssZ';
}

const LENGTH = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?((?:\d+W)?(?:\d+D)?(?:T.+)?)$/;

function dateTimeAdd(args: Args): string {
  const base = args.text(0);
  const match = LENGTH.exec(args.text(1));
  const [, minus = '', years = '0', months = '0', rest = ''] = match ?? [];
  const length = rest === '' ? milliseconds(0) : parseDuration(`P${rest}`);
  if (match === null || length === undefined || args.text(1).endsWith('P')) {
    throw args.fault(`'${args.text(1)}' is not an ISO 8601 duration`);
  }
  const sign = minus === '-' ? -1 : 1;
  const moved = plusMonths(momentOf(args, base), sign * (Number(years) * 12 + Number(months)));
  const end = plus(inCalendar(args, moved), milliseconds(sign * length));
  return formatDate(inCalendar(args, end), args.optionalText(2) ?? formatLike(base));
}

/** The same day of another month, or the last day of that month where it is shorter. */
function plusMonths(at: Instant, count: number): Instant {
  if (count === 0) return at;
  const { year, month, day } = calendarOf(at);
  const inMonth = at - startOfMonth(year, month);
  const first = startOfMonth(year, month + count);
  const next = startOfMonth(year, month + count + 1);
  const DAY_MS = 86_400_000;
  const lost = Math.max(0, day - Math.round((next - first) / DAY_MS));
  return instant(first + inMonth - lost * DAY_MS);
}

export const DATE_FUNCTIONS: Readonly<Record<string, PureFunction>> = {
  datetimeadd: dateTimeAdd,
  datetimetoepoch: (args) => Math.floor(momentOf(args, args.text(0)) / 1000),
  datetimefromepoch: (args) =>
    formatDate(inCalendar(args, seconds(args.number(0))), 'yyyy-MM-ddTHH:mm:ssZ'),
};

/** `utcNow()`. */
export const utcNow = (now: Instant, format: string | undefined): string =>
  formatDate(now, format ?? COMPACT);
