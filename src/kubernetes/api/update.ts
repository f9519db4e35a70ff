/**
 * Replaces objects: what a PUT, a patch or a controller makes of one. The status is changed through `/status` alone.
 * Sources: apiserver registry/generic/registry/store.go, rest/update.go (kubernetes-facts.md 1.3, 7.4, 7.5).
 */
import { admitUpdate } from '../admission/index.ts';
import { type FieldOwner, trackUpdate } from '../change/managed-fields.ts';
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import { deepEqual } from '../objects/equal.ts';
import { Entry } from '../objects/entry.ts';
import { type AnyObject, type KubeObject, metaOf, withMeta } from '../objects/object.ts';
import { badRequest, invalid, invalidObject, notFound, stale, StatusError } from '../status.ts';
import type { World } from '../world.ts';
import type { Caller } from './caller.ts';
import { create } from './create.ts';
import { metadataErrors, metadataUpdateErrors } from './metadata.ts';

export interface UpdateRequest {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: 'status' | 'finalize';
  readonly object: KubeObject;
  readonly caller: Caller;
  readonly isDryRun?: boolean;
  readonly owner?: FieldOwner;
  /** Whose fields they are after an apply, in place of `owner`. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** What an update has come to. */
export interface Updated {
  readonly entry: Entry;
  /** A PUT of an object that was not there. */
  readonly isCreated: boolean;
}

/** Replaces the object; throws a refusal. */
export function update(world: World, request: UpdateRequest): Updated {
  const { kind, namespace, name, object } = request;
  checkNames(request);
  const current = world.store.get(kind, namespace, name);
  if (current === undefined) {
    if (!kind.isCreatedByPut || request.subresource !== undefined) throw notFound(kind, name);
    const fresh = withMeta(object, { resourceVersion: undefined, name });
    return { entry: create(world, { ...request, object: fresh }), isCreated: true };
  }
  const { resourceVersion = '', uid = '' } = metaOf(object);
  if (resourceVersion === '' && kind.needsRevision) {
    const error = invalid('metadata.resourceVersion', '', 'must be specified for an update');
    throw invalidObject(kind, name, [error]);
  }
  if (resourceVersion !== '' && resourceVersion !== metaOf(current.object).resourceVersion) {
    throw stale(kind, name);
  }
  const ownUid = metaOf(current.object).uid ?? '';
  if (uid !== '' && uid !== ownUid) {
    throw new StatusError(409, 'Conflict', {
      message: `Operation cannot be fulfilled on ${kind.resource} "${name}": Precondition failed: UID in precondition: ${uid}, UID in object meta: ${ownUid}`,
      details: { name, kind: kind.resource },
    });
  }
  return { entry: replace(world, current, request), isCreated: false };
}

function checkNames({ kind, namespace, name, object }: UpdateRequest): void {
  const { name: given = '', namespace: givenNamespace = '' } = metaOf(object);
  if (given !== name) {
    throw badRequest(
      given === ''
        ? `name must be provided`
        : `the name of the object (${given}) does not match the name on the URL (${name})`,
    );
  }
  if (kind.isNamespaced && givenNamespace !== '' && givenNamespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${givenNamespace}) does not match the namespace on the request (${namespace})`,
    );
  }
}

/** The checked replacement of `current` by what the request says. */
export function replace(
  world: World,
  current: Entry,
  request: Pick<
    UpdateRequest,
    'object' | 'subresource' | 'caller' | 'isDryRun' | 'owner' | 'managedFields'
  >,
): Entry {
  const { kind, object: old } = current;
  const next = nextVersion(world, current, request);
  const name = metaOf(old).name ?? '';
  const errors = [
    ...metadataErrors(kind, next),
    ...metadataUpdateErrors(next, old),
    ...(request.subresource === undefined
      ? [...kind.validate(next), ...kind.validateUpdate(next, old)]
      : []),
  ];
  if (errors.length > 0) throw invalidObject(kind, name, errors);
  const owned = withOwners(kind, { next, old }, request);
  if (deepEqual(owned, old)) return current;
  if (request.isDryRun === true) {
    return new Entry(kind, owned, { revision: current.revision, simulation: undefined });
  }
  if (isFinished(owned, old)) return world.store.remove(world.store.put(kind, owned));
  return world.store.put(kind, owned);
}

/** The object with the owners of its fields. */
function withOwners(
  kind: Kind,
  { next, old }: { readonly next: KubeObject; readonly old: KubeObject },
  {
    owner,
    managedFields,
    subresource,
  }: Pick<UpdateRequest, 'owner' | 'managedFields' | 'subresource'>,
): KubeObject {
  if (managedFields !== undefined)
    return withMeta(next, {
      managedFields: managedFields.length === 0 ? undefined : [...managedFields],
    });
  return owner === undefined
    ? next
    : trackUpdate(kind, {
        next,
        old,
        owner: { ...owner, subresource: subresource ?? owner.subresource },
      });
}

/** The object as it would be stored, before it is checked. */
function nextVersion(
  world: World,
  { kind, object: old }: Entry,
  { object, subresource, caller }: Pick<UpdateRequest, 'object' | 'subresource' | 'caller'>,
): KubeObject {
  const before = metaOf(old);
  if (subresource !== undefined) {
    const member = subresource === 'status' ? 'status' : 'spec';
    const next: Record<string, unknown> = { ...old };
    const value = (object as AnyObject)[member];
    if (value === undefined) delete next[member];
    else next[member] = value;
    return next;
  }
  const kept = withMeta(object, {
    namespace: before.namespace,
    uid: before.uid,
    creationTimestamp: before.creationTimestamp,
    generation: before.generation,
    resourceVersion: before.resourceVersion,
    deletionTimestamp: before.deletionTimestamp,
    deletionGracePeriodSeconds: before.deletionGracePeriodSeconds,
    selfLink: undefined,
    managedFields: metaOf(object).managedFields ?? before.managedFields,
  });
  const typed = { kind: kind.kind, apiVersion: kind.apiVersion, ...kept };
  const defaulted = kind.defaults(kind.prepareUpdate(typed, old));
  const admitted = admitUpdate(world, { kind, object: defaulted, caller }, old);
  return countsAsNew(kind, admitted, old)
    ? withMeta(admitted, { generation: (before.generation ?? 0) + 1 })
    : admitted;
}

/** Whether the change makes a new generation. */
function countsAsNew({ generation }: Kind, object: KubeObject, old: KubeObject): boolean {
  const [now, before] = [object as AnyObject, old as AnyObject];
  switch (generation) {
    case 'never':
    case 'fixed':
      return false;
    case 'spec':
      return !deepEqual(now['spec'], before['spec']);
    case 'specAndAnnotations':
      return (
        !deepEqual(now['spec'], before['spec']) ||
        !deepEqual(metaOf(now).annotations ?? {}, metaOf(before).annotations ?? {})
      );
    case 'content':
      return (
        !deepEqual({ ...now, metadata: undefined }, { ...before, metadata: undefined }) ||
        !deepEqual(metaOf(now).labels, metaOf(before).labels)
      );
  }
}

/** An object that is being deleted goes when its last finalizer does. */
function isFinished(object: KubeObject, old: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = metaOf(object);
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    finalizers.length === 0 &&
    (metaOf(old).finalizers ?? []).length > 0
  );
}
