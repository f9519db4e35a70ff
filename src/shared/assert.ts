/**
 * Assertions: `assert` marks what is impossible unless the program has a bug. Errors of callers are a `Failure`
 * (failure.ts), never an assertion.
 */

/** Throws when `condition` is false. `message` says which invariant is broken. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}

/** Returns `value`, which must be present; `what` names it in the message. */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`);
  return value;
}
