/**
 * Facts: what happened to an appliance, in its own words. The journal (store/journal.ts) keeps them with their cause;
 * alerts, billing and the timeline read them and nothing else.
 */
import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';

export interface Fact {
  readonly at: Instant;
  /** `subject.event`, such as `cluster.created` or `order.delivered`. */
  readonly kind: string;
  /** What the readers need, by name; units last in the names. Never a secret. */
  readonly data: JsonObject;
}

/** Brings a fact into the journal's form; `data` holds plain JSON values only. */
export function fact(at: Instant, kind: string, data: JsonObject = {}): Fact {
  return { at, kind, data };
}
