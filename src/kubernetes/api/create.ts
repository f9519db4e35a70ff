/**
 * Creates objects: defaults, admission, names and metadata, validation, quota, store. Everybody creates through here, the
 * cluster's own controllers too.
 * Sources: apiserver registry/generic/registry/store.go, rest/create.go (kubernetes-facts.md 1.3, 7.4).
 */
import { admit, admitFinally } from '../admission/index.ts';
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import { Entry } from '../objects/entry.ts';
import { isBeingDeleted, type KubeObject, metaOf, timeOf, withMeta } from '../objects/object.ts';
import { alreadyExists, badRequest, invalidObject, StatusError } from '../status.ts';
import { drawSuffix, drawUid, minorVersion, type World } from '../world.ts';
import type { Caller } from './caller.ts';
import { type FieldOwner, trackCreate } from '../change/managed-fields.ts';
import { metadataErrors } from './metadata.ts';

export interface CreateRequest {
  readonly kind: Kind;
  /** Empty for kinds that have none. */
  readonly namespace: string;
  readonly object: KubeObject;
  readonly caller: Caller;
  readonly isDryRun?: boolean;
  /** Whose fields they are; absent: nobody's, as of what the cluster itself writes. */
  readonly owner?: FieldOwner;
  /** Whose fields they are after an apply, in place of `owner`. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/**
 * Objects that one cluster may have: what one of them asks for must not take the memory of all [ours; a real cluster ends at the size of
 * its etcd].
 */
export const MAX_OBJECTS = 20_000;

/** A generated name is its base, cut to this length, and five drawn characters (apiserver storage/names). */
const MAX_BASE_LENGTH = 58;
const SUFFIX_LENGTH = 5;
const NAME_ATTEMPTS = 8;

/** Creates the object; throws a refusal. A dry run gives what would have been stored. */
export function create(world: World, request: CreateRequest): Entry {
  const { kind, caller } = request;
  const sent = metaOf(request.object);
  const given = sent.namespace ?? '';
  if (kind.isNamespaced && given !== '' && given !== request.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if ((sent.resourceVersion ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const defaulted = kind.defaults(
    kind.isNamespaced ? withMeta(request.object, { namespace: request.namespace }) : request.object,
  );
  const admitted = admit(world, { kind, object: defaulted, caller });
  const named = kind.complete(
    withName(world, kind, kind.prepareCreate(admitted)),
    minorVersion(world),
  );
  const errors = [...metadataErrors(kind, named), ...kind.validate(named)];
  const name = metaOf(named).name ?? '';
  if (errors.length > 0) throw invalidObject(kind, metaOf(request.object).name ?? '', errors);
  const existing = world.store.get(kind, request.namespace, name);
  if (existing !== undefined) {
    throw alreadyExists(
      kind,
      name,
      isBeingDeleted(existing.object) ? 'object is being deleted: ' : '',
    );
  }
  if (world.store.size >= MAX_OBJECTS) {
    throw new StatusError(403, 'Forbidden', {
      message: `${qualified(kind)} "${name}" is forbidden: the simulated cluster holds at most ${MAX_OBJECTS} objects`,
      details: { name, kind: kind.resource },
    });
  }
  const object = admitFinally(world, { kind, object: named, caller }, request.isDryRun === true);
  const { owner, managedFields } = request;
  const tracked = owner === undefined ? object : trackCreate(kind, object, owner);
  const owned =
    managedFields === undefined
      ? tracked
      : withMeta(tracked, {
          managedFields: managedFields.length === 0 ? undefined : [...managedFields],
        });
  return request.isDryRun === true
    ? new Entry(
        kind,
        { kind: kind.kind, apiVersion: kind.apiVersion, ...owned },
        { revision: world.store.revision, simulation: undefined },
      )
    : world.store.put(kind, owned);
}

/** Gives a new object its name, uid and time, and takes what only the server sets. */
function withName(world: World, kind: Kind, object: KubeObject): KubeObject {
  const { name = '', generateName = '', namespace = '' } = metaOf(object);
  const own = name !== '' || generateName === '' ? name : generatedName(world, kind, object);
  return withMeta(object, {
    name: own === '' ? undefined : own,
    namespace: kind.isNamespaced ? namespace : metaOf(object).namespace,
    uid: drawUid(world, kind.key, namespace, own),
    creationTimestamp: timeOf(world.now),
    generation: kind.generation === 'never' ? undefined : 1,
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
    managedFields: undefined,
  });
}

function generatedName(world: World, kind: Kind, object: KubeObject): string {
  const { generateName = '', namespace = '' } = metaOf(object);
  const base = generateName.slice(0, MAX_BASE_LENGTH);
  let name = '';
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    name = base + drawSuffix(world, SUFFIX_LENGTH, base, attempt);
    if (world.store.get(kind, namespace, name) === undefined) return name;
  }
  throw new StatusError(409, 'AlreadyExists', {
    message: `${kind.resource} "${name}" already exists, the server was not able to generate a unique name for the object`,
    details: { name, kind: kind.resource, retryAfterSeconds: 1 },
  });
}

const qualified = ({ resource, group }: Kind): string =>
  group === '' ? resource : `${resource}.${group}`;
