/** What the pods of each node ask for together, kept up with every change, so that a pod can be bound without a look at all others. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { hasEnded } from '../controllers/pods.ts';
import { PODS } from '../kinds/pods.ts';
import type { ChangeEvent, Entry } from '../objects/entry.ts';
import type { World } from '../world.ts';
import { askedBy, keepsApart, type Load } from './filters.ts';

interface Tally {
  count: number;
  readonly used: Map<string, number>;
  apart: number;
}

const EMPTY: Load = { count: 0, used: new Map(), isAnyApart: false };

const tallies = new WeakMap<World, Map<string, Tally>>();

/** Takes a change into account. Every change must pass here, also what a loaded cluster begins with. */
export function noteLoad(world: World, { entry, previous, type }: ChangeEvent): void {
  if (entry.kind !== PODS) return;
  if (previous !== undefined) count(world, previous, -1);
  if (type !== 'DELETED') count(world, entry, 1);
}

function count(world: World, { object }: Entry, sign: 1 | -1): void {
  const pod = object as Pod;
  const node = pod.spec?.nodeName ?? '';
  if (node === '' || hasEnded(pod)) return;
  const nodes = tallies.get(world) ?? new Map<string, Tally>();
  tallies.set(world, nodes);
  const tally = nodes.get(node) ?? { count: 0, used: new Map<string, number>(), apart: 0 };
  nodes.set(node, tally);
  tally.count += sign;
  if (keepsApart(pod)) tally.apart += sign;
  for (const [name, amount] of askedBy(pod)) {
    tally.used.set(name, (tally.used.get(name) ?? 0) + sign * amount);
  }
}

/** The load of a node. */
export function loadOn(world: World, node: string): Load {
  const tally = tallies.get(world)?.get(node);
  if (tally === undefined) return EMPTY;
  return { count: tally.count, used: tally.used, isAnyApart: tally.apart > 0 };
}
