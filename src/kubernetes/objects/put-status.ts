/** Writes of a status by the cluster's own parts. */
import type { World } from '../world.ts';
import { deepEqual } from './equal.ts';
import type { Entry } from './entry.ts';
import type { AnyObject, KubeObject } from './object.ts';

/** Writes a status for the cluster's own parts. Nothing is written where nothing changes. */
export function putStatus(world: World, entry: Entry, status: object): Entry {
  const old = (entry.object as AnyObject)['status'];
  if (deepEqual(old, status)) return entry;
  return world.store.put(entry.kind, { ...entry.object, status } as KubeObject);
}
