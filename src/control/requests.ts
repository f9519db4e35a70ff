/** Reads the bodies and queries of the control door; every fault of one comes at once, in the envelope. */
import { type Fault, RefusedError } from '#shared/failure.ts';
import { type Duration, type Instant, parseDuration, parseInstant } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';

/** 400 with all faults. */
export function invalidRequest(faults: readonly Fault[]): RefusedError {
  const [first] = faults;
  return new RefusedError(400, {
    code: 'InvalidRequestContent',
    message: `The request content was invalid: ${first?.message ?? 'it does not fit.'}`,
    ...(first === undefined ? {} : { target: first.target }),
    details: faults.map((fault) => ({ code: 'InvalidRequestContent', ...fault })),
  });
}

/** 404 for what a control call names and nobody has. */
export function notFound(what: string): RefusedError {
  return new RefusedError(404, { code: 'NotFound', message: `${what} could not be found.` });
}

/** The body as an object with no members but `known`. */
export function bodyOf(body: unknown, known: readonly string[]): JsonObject {
  if (!isJsonObject(body)) {
    throw invalidRequest([{ target: 'body', message: 'The body must be a JSON object.' }]);
  }
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalidRequest(
      unknown.map((target) => ({
        target,
        message: `There is no member '${target}' here; there are: ${known.join(', ')}.`,
      })),
    );
  }
  return body;
}

/** A member that must be a text. */
export function textIn(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw invalidRequest([
    { target: name, message: `The member '${name}' must be a text that is not empty.` },
  ]);
}

/** A query parameter that must be there. */
export function queryText(query: unknown, name: string): string {
  const value = isJsonObject(query) ? query[name] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw invalidRequest([{ target: name, message: `The query parameter '${name}' is required.` }]);
}

/** The longest that one call may move the clock `[ours]`: a hundred years catch every typing error worth catching. */
const LONGEST_ADVANCE_DAYS = 36_525;

/** `{"duration":"PT25M"}`. */
export function durationIn(body: JsonObject): Duration {
  const text = textIn(body, 'duration');
  const duration = parseDuration(text);
  if (duration === undefined || duration > LONGEST_ADVANCE_DAYS * 86_400_000) {
    throw invalidRequest([
      {
        target: 'duration',
        message: `'${text}' must be an ISO 8601 duration such as PT25M or P3D, of at most 100 years.`,
      },
    ]);
  }
  return duration;
}

export interface ClockChange {
  readonly rate?: number;
  readonly isFrozen?: boolean;
  readonly now?: Instant;
}

/** `{rate?, frozen?, now?}`, at least one of them. */
export function clockChangeIn(body: JsonObject, present: Instant): ClockChange {
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
    faults.push({ target: 'now', message: "'now' lies in the past; the clock only goes forward." });
  }
  if (rate === undefined && frozen === undefined && now === undefined) {
    faults.push({ target: 'body', message: "At least one of 'rate', 'frozen', 'now' is needed." });
  }
  if (faults.length > 0) throw invalidRequest(faults);
  return {
    ...(typeof rate === 'number' ? { rate } : {}),
    ...(typeof frozen === 'boolean' ? { isFrozen: frozen } : {}),
    ...(at === undefined ? {} : { now: at }),
  };
}
