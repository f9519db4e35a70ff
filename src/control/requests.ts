/** Reads the bodies and queries of the control door. All faults of a request are reported at once, in the envelope. */
import { type Fault, RefusedError, withFurther } from '#shared/failure.ts';
import {
  type Duration,
  formatInstant,
  type Instant,
  LAST_MOMENT,
  parseDuration,
  parseInstant,
  plus,
} from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { shortened } from '#shared/outline.ts';

/** 400 with all faults. */
export function invalidRequest(faults: readonly Fault[]): RefusedError {
  const [first] = faults;
  return new RefusedError(400, {
    code: 'InvalidRequestContent',
    message: `The request content was invalid: ${withFurther(first?.message ?? 'it is not valid.', faults.length - 1)}`,
    ...(first === undefined ? {} : { target: first.target }),
    details: faults.map((fault) => ({ code: 'InvalidRequestContent', ...fault })),
  });
}

/** 404 for something that a request names and that does not exist. */
export function notFound(what: string): RefusedError {
  return new RefusedError(404, { code: 'NotFound', message: `${what} could not be found.` });
}

/** The body, which must be an object with no other members than `known`. */
export function readBody(body: unknown, known: readonly string[]): JsonObject {
  if (!isJsonObject(body)) {
    throw invalidRequest([{ target: 'body', message: 'The body must be a JSON object.' }]);
  }
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalidRequest(
      unknown.map((target) => ({
        target,
        message: `The member '${target}' is not known; known members: ${known.join(', ')}.`,
      })),
    );
  }
  return body;
}

/** A member that must be a non-empty string, trimmed. */
export function requiredString(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw invalidRequest([
    { target: name, message: `The member '${name}' must be a non-empty string.` },
  ]);
}

/** A query parameter that must be given. */
export function requiredParameter(query: unknown, name: string): string {
  const value = isJsonObject(query) ? query[name] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw invalidRequest([{ target: name, message: `The query parameter '${name}' is required.` }]);
}

/** How far one call may move the clock `[ours]`: a hundred years, so that a typing error is noticed. */
const MAX_ADVANCE_DAYS = 36_525;

/** The duration of an advance: `{"duration":"PT25M"}`; `present` is the simulated moment. */
export function readDuration(body: JsonObject, present: Instant): Duration {
  const text = requiredString(body, 'duration');
  const duration = parseDuration(text);
  if (duration === undefined || duration > MAX_ADVANCE_DAYS * 86_400_000) {
    throw invalidRequest([
      {
        target: 'duration',
        message:
          `'${shortened(text)}' must be an ISO 8601 duration in weeks, days, hours, minutes and seconds, such as PT25M or P3D, ` +
          `of at most ${MAX_ADVANCE_DAYS} days.`,
      },
    ]);
  }
  if (plus(present, duration) > LAST_MOMENT) throw invalidRequest([beyondTheEnd('duration')]);
  return duration;
}

const beyondTheEnd = (target: string): Fault => ({
  target,
  message: `The simulated clock ends at ${formatInstant(LAST_MOMENT)}; POST /_edgetwin/reset begins a new world.`,
});

/** The longest length `[ours]`: a hundred years, as for an advance. */
const MAX_LENGTH_MS = MAX_ADVANCE_DAYS * 86_400_000;

/** A length of time from a body, where one is given: `PT2H`. Adds what is wrong with it to `faults`; only `after` may be nothing. */
export function lengthIn(
  value: Json | undefined,
  target: string,
  faults: Fault[],
): Duration | undefined {
  if (value === undefined) return undefined;
  const length = typeof value === 'string' ? parseDuration(value) : undefined;
  const isLong = length !== undefined && (length > 0 || target === 'after');
  if (isLong && length <= MAX_LENGTH_MS) return length;
  faults.push({
    target,
    message: `'${target}' must be an ISO 8601 duration in weeks, days, hours, minutes and seconds, such as PT2H, of at most ${MAX_ADVANCE_DAYS} days.`,
  });
  return undefined;
}

export interface ClockChange {
  readonly rate?: number;
  readonly isFrozen?: boolean;
  readonly now?: Instant;
}

/** A change of the clock: `{rate?, frozen?, now?}`, at least one of them; `present` is the simulated moment. */
export function readClockChange(body: JsonObject, present: Instant): ClockChange {
  const faults: Fault[] = [];
  const { rate, frozen, now } = body;
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && rate <= 1_000_000)) {
    faults.push({ target: 'rate', message: "'rate' must be a number above 0, at most 1000000." });
  }
  if (frozen !== undefined && typeof frozen !== 'boolean') {
    faults.push({ target: 'frozen', message: "'frozen' must be true or false." });
  }
  const at = typeof now === 'string' ? parseInstant(now) : undefined;
  if (now !== undefined && at === undefined) {
    faults.push({
      target: 'now',
      message: "'now' must be a date-time such as 2026-01-01T00:00:00Z.",
    });
  } else if (at !== undefined && at < present) {
    faults.push({
      target: 'now',
      message: "'now' must not be in the past; the clock only goes forward.",
    });
  }
  if (at !== undefined && at > LAST_MOMENT) faults.push(beyondTheEnd('now'));
  if (rate === undefined && frozen === undefined && now === undefined) {
    faults.push({
      target: 'body',
      message: "At least one of 'rate', 'frozen', 'now' is required.",
    });
  }
  if (faults.length > 0) throw invalidRequest(faults);
  return {
    ...(typeof rate === 'number' ? { rate } : {}),
    ...(typeof frozen === 'boolean' ? { isFrozen: frozen } : {}),
    ...(at === undefined ? {} : { now: at }),
  };
}

/** The most entries of a page, and how many it has where no `limit` is named `[ours]`. */
const MAX_LIMIT = 1000;

/** What is wrong with `limit`. */
export function limitFault(query: unknown): Fault[] {
  const limit = isJsonObject(query) ? query.limit : undefined;
  if (limit === undefined) return [];
  const isGood =
    typeof limit === 'string' &&
    /^\d{1,4}$/.test(limit) &&
    Number(limit) >= 1 &&
    Number(limit) <= MAX_LIMIT;
  if (isGood) return [];
  return [{ target: 'limit', message: `'limit' must be a whole number from 1 to ${MAX_LIMIT}.` }];
}

/** How many entries a page has at most. */
export function limitIn(query: unknown): number {
  const faults = limitFault(query);
  if (faults.length > 0) throw invalidRequest(faults);
  const limit = isJsonObject(query) ? query.limit : undefined;
  return limit === undefined ? MAX_LIMIT : Number(limit);
}

/** The URL of the next page: the request's own, from after the last entry on. */
export function nextLinkOf(url: string, after: string): string {
  const next = new URL(url);
  next.searchParams.set('after', after);
  return next.toString();
}
