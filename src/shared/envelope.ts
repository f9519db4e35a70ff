/**
 * The error body of every door: `{"error":{"code","message","target"?,"details"?}}` (arm-protocol §2.1). Members without a
 * value are left out, since null breaks the error formatter of the Python client [ran]. It is bounded `[ours]`: however much of a
 * request is wrong, its refusal stays below 256 kB.
 */
import type { ErrorBody } from './failure.ts';
import type { JsonObject } from './json.ts';
import { shortened } from './outline.ts';

/** How many details an error tells, those inside others included; of the rest it gives the number. */
export const MAX_DETAILS = 100;
/** Bytes of JSON of the message at the top, of one in the details, and of a target. */
const [MAX_MESSAGE, MAX_DETAIL, MAX_TARGET] = [8192, 1536, 512];

/** The value of `error`. */
export function errorBodyOf(failure: ErrorBody): JsonObject {
  return boundedBody(failure, MAX_MESSAGE, { left: MAX_DETAILS });
}

/** The body of an error response. */
export function envelopeOf(failure: ErrorBody): JsonObject {
  return { error: errorBodyOf(failure) };
}

function boundedBody(
  { code, message, target, details = [], more = {} }: ErrorBody,
  most: number,
  told: { left: number },
): JsonObject {
  const inside: JsonObject[] = [];
  for (const detail of details) {
    if (told.left === 0) break;
    told.left--;
    inside.push(boundedBody(detail, MAX_DETAIL, told));
  }
  const untold = details.length - inside.length;
  if (untold > 0) inside.push({ code, message: `And ${untold} more.` });
  return {
    code,
    message: shortened(message, most),
    ...(target === undefined ? {} : { target: shortened(target, MAX_TARGET) }),
    ...(inside.length === 0 ? {} : { details: inside }),
    ...more,
  };
}
