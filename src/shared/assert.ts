/**
 * What cannot be. `assert` marks an impossibility: when it fires, the program has a bug, never the caller.
 * Used by every room; expected trouble is a `Failure` (failure.ts), not an assertion.
 */

/** Throws when `condition` is false; `message` says which invariant broke. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}

/** `value`, which the caller knows to be present; `what` names it when it is not. */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`);
  return value;
}
