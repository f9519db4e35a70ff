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
}

/** Makes a fact. `data` has plain JSON values only. */
export function fact(at: Instant, kind: string, data: JsonObject = {}): Fact {
  return { at, kind, data };
}
