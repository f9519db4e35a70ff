/** Takes off what holds an object. Source: apiserver registry/generic/registry/store.go (deletion with its last finalizer). */
import { metaOf, withMeta } from '../objects/object.ts';
import type { Entry } from '../objects/entry.ts';
import type { World } from '../world.ts';

/** Takes a finalizer off an object, which goes with its last one; what is left of it, undefined where it is gone. */
export function releaseFinalizer(
  world: World,
  { kind, namespace, name }: Entry,
  finalizer: string,
): Entry | undefined {
  const current = world.store.get(kind, namespace, name);
  if (current === undefined) return undefined;
  const {
    finalizers = [],
    deletionTimestamp,
    deletionGracePeriodSeconds = 0,
  } = metaOf(current.object);
  if (!finalizers.includes(finalizer)) return current;
  const left = finalizers.filter((one) => one !== finalizer);
  const put = world.store.put(
    kind,
    withMeta(current.object, { finalizers: left.length === 0 ? undefined : left }),
  );
  const isOver =
    deletionTimestamp !== undefined && left.length === 0 && deletionGracePeriodSeconds === 0;
  if (!isOver) return put;
  world.store.remove(put);
  return undefined;
}
