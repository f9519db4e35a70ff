/**
 * Facts: what happened to an appliance, in its own terms. The journal (store/journal.ts) stores them with their cause.
 * Billing and the timeline read nothing else.
 */
import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';

export interface Fact {
  readonly at: Instant;
  /** `subject.event`: `cluster.created`, `order.delivered`. */
  readonly kind: string;
  /** The details by name, with units at the end of the names. Never a secret. */
  readonly data: JsonObject;
  /**
   * What brought it about, where whoever tells the fact knows it: `command/{id}`, `fault/{id}`. Absent: the cause that the caller
   * of the machine gives to all of its facts.
   */
  readonly cause?: string;
}

/** Makes a fact. `data` has plain JSON values only. */
export function fact(at: Instant, kind: string, data: JsonObject = {}): Fact {
  return { at, kind, data };
}
