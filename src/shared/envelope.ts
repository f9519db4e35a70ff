/**
 * The error body of every door: `{"error":{"code","message","target"?,"details"?}}` (arm-protocol §2.1).
 * Null members are left out: they break the Python client's error formatter [ran].
 */
import type { ErrorBody } from './failure.ts';
import type { JsonObject } from './json.ts';

/** What stands under `error`. */
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

/** The body of an error answer. */
export function envelopeOf(failure: ErrorBody): JsonObject {
  return { error: errorBodyOf(failure) };
}
