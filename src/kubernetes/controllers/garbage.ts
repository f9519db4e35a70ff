/**
 * The garbage collector: dependents go with their owners, in the background, first or never.
 * Source: controller/garbagecollector (kubernetes-facts.md 4.9).
 */
import { deleteEntry } from '../api/delete.ts';
import { kindNamed, kindOf } from '../kinds/index.ts';
import type { Entry } from '../objects/entry.ts';
import { isBeingDeleted, metaOf, uidOf, withMeta } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';
import { releaseFinalizer } from './finalizers.ts';

const keyOf = ({ kind, namespace, name }: Entry): string => `${kind.key} ${namespace} ${name}`;

export const GARBAGE_COLLECTOR: Controller = {
  name: 'garbage-collector',
  keysOf: (world, { entry, type }) => {
    const owners = ownersOf(world, entry);
    if (type === 'DELETED') {
      const dependents = world.store.dependentsOf(uidOf(entry.object)).map(keyOf);
      // An owner that goes after its dependents waits for them.
      const waiting = owners.filter(({ object }) => isBeingDeleted(object)).map(keyOf);
      return [...dependents, ...waiting];
    }
    const references = metaOf(entry.object).ownerReferences ?? [];
    const isOrphan = references.length > owners.length;
    return isOrphan || holdOf(entry) !== undefined ? [keyOf(entry)] : [];
  },
  reconcile: (world, key) => {
    const [kindKey = '', namespace = '', name = ''] = key.split(' ');
    const at = kindKey.indexOf('/');
    const kind = kindOf(kindKey.slice(0, at), kindKey.slice(at + 1));
    const entry = kind && world.store.get(kind, namespace, name);
    if (entry === undefined) return;
    const hold = holdOf(entry);
    if (hold === 'orphan') orphan(world, entry);
    else if (hold === 'foregroundDeletion') deleteDependents(world, entry);
    else collect(world, entry);
  },
};

/** What of the garbage collector's own holds an object that is being deleted. */
function holdOf({ object }: Entry): 'orphan' | 'foregroundDeletion' | undefined {
  if (!isBeingDeleted(object)) return undefined;
  const { finalizers = [] } = metaOf(object);
  if (finalizers.includes('orphan')) return 'orphan';
  return finalizers.includes('foregroundDeletion') ? 'foregroundDeletion' : undefined;
}

/** The owners that are there; one of a kind that is not served counts as there, which `ownersOf` cannot show. */
function ownersOf({ store }: World, { object, namespace }: Entry): Entry[] {
  return (metaOf(object).ownerReferences ?? []).flatMap(({ apiVersion, kind, name, uid }) => {
    const of = kindNamed(apiVersion, kind);
    const found = of && store.get(of, of.isNamespaced ? namespace : '', name);
    return found !== undefined && uidOf(found.object) === uid ? [found] : [];
  });
}

/** Deletes an object none of whose owners is there any more. */
function collect(world: World, entry: Entry): void {
  const references = metaOf(entry.object).ownerReferences ?? [];
  const present = new Set(ownersOf(world, entry).map(({ object }) => uidOf(object)));
  const kept = references.filter(
    ({ uid, apiVersion, kind }) => present.has(uid) || kindNamed(apiVersion, kind) === undefined,
  );
  if (references.length === 0 || kept.length === references.length) return;
  if (kept.length > 0) {
    world.store.put(entry.kind, withMeta(entry.object, { ownerReferences: kept }));
  } else if (!isBeingDeleted(entry.object)) {
    deleteEntry(world, entry, { propagationPolicy: 'Background' });
  }
}

function orphan(world: World, entry: Entry): void {
  const uid = uidOf(entry.object);
  for (const dependent of world.store.dependentsOf(uid)) {
    const left = (metaOf(dependent.object).ownerReferences ?? []).filter((one) => one.uid !== uid);
    const ownerReferences = left.length === 0 ? undefined : left;
    world.store.put(dependent.kind, withMeta(dependent.object, { ownerReferences }));
  }
  releaseFinalizer(world, entry, 'orphan');
}

function deleteDependents(world: World, entry: Entry): void {
  const uid = uidOf(entry.object);
  const dependents = world.store.dependentsOf(uid);
  for (const dependent of dependents) {
    if (!isBeingDeleted(dependent.object)) {
      deleteEntry(world, dependent, { propagationPolicy: 'Foreground' });
    }
  }
  const isBlocked = world.store
    .dependentsOf(uid)
    .some(({ object }) =>
      metaOf(object).ownerReferences?.some(
        (owner) => owner.uid === uid && owner.blockOwnerDeletion === true,
      ),
    );
  if (!isBlocked) releaseFinalizer(world, entry, 'foregroundDeletion');
}
