/**
 * What every part of a cluster works on: its objects, its seed, what the appliance gives it, and the moment at which the present
 * work happens. One for each live cluster.
 */
import type { Instant } from '#shared/instant.ts';
import { guid, text } from '#shared/random.ts';
import type { Foundation } from './foundation.ts';
import { minorOf } from './foundation.ts';
import type { ObjectStore } from './objects/store.ts';

/** The characters of drawn names (apimachinery util/rand). */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export interface World {
  readonly seed: string;
  readonly store: ObjectStore;
  foundation: Foundation;
  now: Instant;
}

/** A new uid. The revision, which never comes back, makes it unique. */
export const drawUid = ({ seed, store }: World, ...words: readonly string[]): string =>
  guid(seed, 'uid', store.revision, ...words);

/** `length` characters for the end of a name. */
export const drawSuffix = (
  { seed, store }: World,
  length: number,
  ...words: readonly (string | number)[]
): string => text(NAME_ALPHABET, length, seed, 'name', store.revision, ...words);

/** The minor version of Kubernetes that the cluster runs. */
export const minorVersion = ({ foundation }: World): number =>
  minorOf(foundation.kubernetesVersion);
