/**
 * Server-side apply: a document says which fields its manager wants, and nothing of others is changed against their will.
 * Sources: structured-merge-diff merge/update.go; apimachinery util/managedfields (structuredmerge.go, conflict.go,
 * lastappliedmanager.go); kubernetes-facts.md 7.6.
 */
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { Decoder } from '../schema/decode.ts';
import {
  type AnyObject,
  annotationsOf,
  type KubeObject,
  metaOf,
  timeOf,
  withMeta,
} from '../objects/object.ts';
import { StatusError } from '../status.ts';
import { fieldsOf, setOf } from './compare.ts';
import {
  equalSets,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  union,
  without,
} from './field-sets.ts';
import { byTime, type FieldOwner, limited } from './managed-fields.ts';
import { merged, pruned } from './typed-merge.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface Application {
  readonly kind: Kind;
  /** The document as it was sent. */
  readonly document: JsonObject;
  /** What there is; undefined: it is made. */
  readonly live: KubeObject | undefined;
  readonly owner: FieldOwner;
  /** Takes the fields that others have. */
  readonly isForced: boolean;
}

export interface Applied {
  /** Without defaults. */
  readonly object: AnyObject;
  readonly managedFields: ManagedFieldsEntry[];
}

/**
 * The object with the document applied, and who has which of its fields then; throws a 409 that names the conflicts, and
 * `DecodeError` where a value is none of its field.
 */
export function applied(application: Application): Applied {
  const { kind, document, live, owner } = application;
  const set = withoutForeign(kind, setOf(kind, document), owner.subresource);
  const entry = entryOf(kind, owner, set);
  const read = (object: Json): AnyObject =>
    new Decoder().message(object, kind.message, ['apiVersion', 'kind']);
  const own = isEmptySet(set) ? [] : [entry];
  if (live === undefined) return { object: read(document), managedFields: own };
  const before = ownersOf(kind, live, owner);
  const last = before.find((one) => isOf(one, owner));
  const others = before.filter((one) => one !== last);
  const kept = [set, ...others.map(fields)].reduce(union, {});
  const all = merged(kind, live as unknown as JsonObject, document);
  const wanted = last === undefined ? all : pruned(kind, all, { last: fields(last), kept });
  const object = read(wanted as Json);
  const left = takenFrom(others, { ...application, live, object });
  // Who applies the same again changes nothing, and so not the time.
  const same = last !== undefined && equalSets(fields(last), set) ? [last] : own;
  return {
    object: withLastApplied(object, application),
    managedFields: limited([...left, ...same].toSorted(byTime)),
  };
}

const fields = ({ fieldsV1 }: ManagedFieldsEntry): FieldSet => (fieldsV1 ?? {}) as FieldSet;

const isOf = (entry: ManagedFieldsEntry, { manager, subresource = '' }: FieldOwner): boolean =>
  entry.operation === 'Apply' &&
  entry.manager === manager &&
  (entry.subresource ?? '') === subresource;

const entryOf = (kind: Kind, owner: FieldOwner, set: FieldSet): ManagedFieldsEntry => ({
  manager: owner.manager,
  operation: 'Apply',
  apiVersion: kind.apiVersion,
  time: timeOf(owner.at),
  fieldsType: 'FieldsV1',
  fieldsV1: set,
  ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
});

/** The owners of an object; where nobody was ever written down, all of it belongs to whoever was before. */
function ownersOf(kind: Kind, live: KubeObject, owner: FieldOwner): readonly ManagedFieldsEntry[] {
  const known = metaOf(live).managedFields ?? [];
  if (known.length > 0) return known;
  const everything = setOf(kind, live as unknown as JsonObject);
  if (isEmptySet(everything)) return [];
  const before: FieldOwner = { manager: 'before-first-apply', at: owner.at };
  return [{ ...entryOf(kind, before, everything), operation: 'Update' }];
}

/** What a subresource does not change is not its writer's, and the status is not the object's. */
function withoutForeign(kind: Kind, set: FieldSet, subresource: string | undefined): FieldSet {
  const { 'f:status': status, ...rest } = set;
  if (subresource === 'status') return status === undefined ? {} : { 'f:status': status };
  return kind.hasStatus ? rest : set;
}

/** What the others have after the change; throws a 409 where it is not theirs to give. */
function takenFrom(
  others: readonly ManagedFieldsEntry[],
  change: Application & { readonly live: KubeObject; readonly object: AnyObject },
): ManagedFieldsEntry[] {
  const { kind, live, object, isForced } = change;
  const changed = fieldsOf(kind, object, { old: live, looking: 'changed' });
  const gone = fieldsOf(kind, live, { old: object, looking: 'absent' });
  const conflicts = others.flatMap((entry) => {
    const set = intersection(fields(entry), changed);
    return isEmptySet(set) ? [] : [{ entry, set }];
  });
  if (!isForced && conflicts.length > 0) {
    const allowed = allowedByLastApplied(change);
    const refused = conflicts
      .map(({ entry, set }) => ({ entry, set: without(set, allowed) }))
      .filter(({ set }) => !isEmptySet(set));
    if (refused.length > 0) throw applyConflict(refused);
  }
  return others.flatMap((entry) => {
    const left = without(without(fields(entry), changed), gone);
    return isEmptySet(left) ? [] : [{ ...entry, fieldsV1: left }];
  });
}

/** kubectl may take what it has itself applied from its client's side, as long as nobody has changed it since. */
function allowedByLastApplied({
  kind,
  live,
  owner,
}: Pick<Application, 'kind' | 'owner'> & { readonly live: KubeObject }): FieldSet {
  const text = annotationsOf(live)[LAST_APPLIED];
  if (owner.manager !== 'kubectl' || text === undefined) return {};
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch {
    return {};
  }
  if (!isJsonObject(document)) return {};
  const changed = fieldsOf(kind, document, { old: live, looking: 'changed' });
  return without(setOf(kind, document), changed);
}

/** The annotation of the client's side follows as long as it is there. */
function withLastApplied(object: AnyObject, { document, owner, live }: Application): AnyObject {
  const annotations = annotationsOf(object);
  if (
    owner.manager !== 'kubectl' ||
    live === undefined ||
    annotations[LAST_APPLIED] === undefined
  ) {
    return object;
  }
  const text = `${JSON.stringify(document)}\n`;
  return withMeta(object, { annotations: { ...annotations, [LAST_APPLIED]: text } });
}

interface Conflict {
  readonly entry: ManagedFieldsEntry;
  readonly set: FieldSet;
}

function managerText({
  manager = '',
  operation,
  apiVersion = '',
  subresource = '',
}: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager);
  const below = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Apply' ? `${name}${below}` : `${name}${below} using ${apiVersion}`;
}

function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const named = conflicts
    .map(({ entry, set }) => ({ who: managerText(entry), paths: pathsOf(set) }))
    .toSorted((one, other) => (one.who < other.who ? -1 : 1));
  const causes = named.flatMap(({ who, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${who}`,
      field,
    })),
  );
  const [only] = causes;
  const text =
    causes.length === 1 && only !== undefined
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${named
          .map(({ who, paths }) =>
            [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join('\n'),
          )
          .join('\n')}`;
  return new StatusError(409, 'Conflict', {
    message: `Apply failed with ${text}`,
    details: { causes },
  });
}
