/**
 * What a controller is: it names the work that a change makes, and does one piece of work by its key from what it finds, so that
 * doing it twice, late or after a restart comes to the same.
 */
import type { Instant } from '#shared/instant.ts';
import type { Kind } from '../kinds/kind.ts';
import type { ChangeEvent } from '../objects/entry.ts';
import type { World } from '../world.ts';

/** Asks that the same key be looked at again. */
export interface Again {
  at(moment: Instant): void;
}

export interface Controller {
  readonly name: string;
  /** It has work to do when the appliance gives something else, under the key `foundation`. */
  readonly watchesFoundation?: boolean;
  /** The kinds whose changes may make work for it; absent: every kind. */
  readonly kinds?: readonly Kind[];
  /** The keys of the work that a change makes; of every object there is when a cluster is loaded. */
  keysOf(world: World, event: ChangeEvent): readonly string[];
  /** Does the work of a key. A refusal that it throws is tried again later. */
  reconcile(world: World, key: string, again: Again): void;
}
