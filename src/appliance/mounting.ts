/**
 * The mounting of shares into roles, which takes additional time when a role is created or changed.
 * Sources: aks (appliance.md §6).
 */
import { minutes } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';

/** The additional stage of a role whose mounted shares change. */
const MOUNTING: readonly Stage[] = [
  { name: 'mountShares', lasts: [minutes(2), minutes(4)], source: 'aks: a few minutes' },
];

/** The additional stages when the mounted shares change from `before` to `after`. */
export const mountingOf = (
  before: readonly string[] = [],
  after: readonly string[] = [],
): readonly Stage[] => (before.toSorted().join() === after.toSorted().join() ? [] : MOUNTING);
