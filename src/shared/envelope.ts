/**
 * The error body of every door: `{"error":{"code","message","target"?,"details"?}}` (arm-protocol §2.1). Members without a
 * value are left out, since null breaks the error formatter of the Python client [ran].
 */
import type { ErrorBody } from './failure.ts';
import type { JsonObject } from './json.ts';

/** The value of `error`. */
export function errorBodyOf(failure: ErrorBody): JsonObject {
  return {
    code: failure.code,
    message: failure.message,
    ...(failure.target === undefined ? {} : { target: failure.target }),
    ...(failure.details === undefined || failure.details.length === 0
      ? {}
      : { details: failure.details.map(errorBodyOf) }),
  };
}

/** The body of an error response. */
export function envelopeOf(failure: ErrorBody): JsonObject {
  return { error: errorBodyOf(failure) };
}
