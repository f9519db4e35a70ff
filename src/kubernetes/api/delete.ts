/**
 * Deletes objects: at once, after a grace, or when their finalizers are gone.
 * Sources: apiserver registry/rest/delete.go, generic/registry/store.go; registry/core/{pod,namespace} (kubernetes-facts.md 7.5).
 */
import type { Namespace, Pod } from 'kubernetes-types/core/v1.d.ts';
import { plus, seconds } from '#shared/instant.ts';
import type { Kind } from '../kinds/kind.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { isBeingDeleted, metaOf, timeOf, withMeta } from '../objects/object.ts';
import { forbidden, notFound, type ResourceName, type Status, StatusError } from '../status.ts';
import type { World } from '../world.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: Propagation;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly isDryRun?: boolean;
}

/** What is left: the object, where it goes later or is a pod; undefined where it is gone. */
export interface Deleted {
  readonly entry: Entry;
  readonly isGone: boolean;
}

/** Namespaces that stay (NamespaceLifecycle). */
const IMMORTAL = ['default', 'kube-system', 'kube-public'];

export function deleteNamed(
  world: World,
  {
    kind,
    namespace,
    name,
  }: { readonly kind: Kind; readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): Deleted {
  const entry = world.store.get(kind, namespace, name);
  if (entry === undefined) throw notFound(kind, name);
  return deleteEntry(world, entry, options);
}

/** Deletes one version of an object that is known to be there. */
export function deleteEntry(world: World, entry: Entry, options: DeleteOptions): Deleted {
  const { kind, object } = entry;
  checkPreconditions(kind, entry, options);
  if (kind === NAMESPACES && IMMORTAL.includes(entry.name)) {
    throw forbidden(kind, entry.name, { why: 'this namespace may not be deleted' });
  }
  const grace = graceOf(entry, options);
  const finalizers = finalizersOf(entry, options.propagationPolicy);
  const isHeld =
    finalizers.length > 0 || (kind === NAMESPACES && hasContentFinalizers(object as Namespace));
  if (grace === 0 && !isHeld) {
    if (options.isDryRun === true) return { entry, isGone: true };
    return { entry: world.store.remove(entry), isGone: true };
  }
  const marked = marking(world, entry, { grace, finalizers });
  if (marked === undefined || options.isDryRun === true) return { entry, isGone: false };
  return { entry: world.store.put(kind, marked), isGone: false };
}

const hasContentFinalizers = ({ spec }: Namespace): boolean => (spec?.finalizers ?? []).length > 0;

/** The object as it is marked for deletion; undefined where it is marked so already. */
function marking(
  world: World,
  { kind, object }: Entry,
  { grace, finalizers }: { readonly grace: number; readonly finalizers: readonly string[] },
) {
  const meta = metaOf(object);
  if (isBeingDeleted(object)) {
    const isSooner = grace < (meta.deletionGracePeriodSeconds ?? 0);
    const isChanged = finalizers.length !== (meta.finalizers ?? []).length;
    if (!isSooner && !isChanged) return undefined;
    return withMeta(object, {
      finalizers: finalizers.length === 0 ? undefined : [...finalizers],
      ...(isSooner
        ? {
            deletionTimestamp: timeOf(plus(world.now, seconds(grace))),
            deletionGracePeriodSeconds: grace,
          }
        : {}),
    });
  }
  const marked = withMeta(object, {
    deletionTimestamp: timeOf(plus(world.now, seconds(grace))),
    deletionGracePeriodSeconds: grace,
    finalizers: finalizers.length === 0 ? undefined : [...finalizers],
    generation: meta.generation === undefined ? undefined : meta.generation + 1,
  });
  return kind === NAMESPACES
    ? { ...marked, status: { ...(object as Namespace).status, phase: 'Terminating' } }
    : marked;
}

/** Only pods that run somewhere are given time. */
function graceOf({ kind, object }: Entry, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind !== PODS) return 0;
  const { spec, status } = object as Pod;
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if ((spec?.nodeName ?? '') === '' || hasEnded) return 0;
  const asked = gracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
  return asked < 0 ? 1 : asked;
}

/** The finalizers that hold the object, with the one that its propagation asks for. */
function finalizersOf({ object }: Entry, propagation: Propagation | undefined): string[] {
  const present = metaOf(object).finalizers ?? [];
  const others = present.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  switch (propagation) {
    case undefined:
      return [...present];
    case 'Background':
      return others;
    case 'Foreground':
      return [...others, 'foregroundDeletion'];
    case 'Orphan':
      return [...others, 'orphan'];
  }
}

function checkPreconditions(
  kind: Kind,
  { name, object }: Entry,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid = '', resourceVersion = '' } = metaOf(object);
  const refuse = (what: string, [asked, actual]: readonly [string, string], end: string): never => {
    const shown = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
    throw new StatusError(409, 'Conflict', {
      message: `Operation cannot be fulfilled on ${shown} "${name}": the ${what} in the precondition (${asked}) does not match the ${what} in record (${actual}). The object might have been ${end}`,
      details: { name, kind: kind.kind, ...(kind.group === '' ? {} : { group: kind.group }) },
    });
  };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    refuse('UID', [preconditions.uid, uid], 'deleted and then recreated');
  }
  if (
    preconditions.resourceVersion !== undefined &&
    preconditions.resourceVersion !== resourceVersion
  ) {
    refuse('ResourceVersion', [preconditions.resourceVersion, resourceVersion], 'modified');
  }
}

/** The answer for an object that is gone. */
export function successOf(of: ResourceName, { name, object }: Entry): Status {
  const { uid } = metaOf(object);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(of.group === '' ? {} : { group: of.group }),
      kind: of.resource,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}
