/**
 * Who wrote which fields, of plain writes: `metadata.managedFields`.
 * Sources: apimachinery util/managedfields; structured-merge-diff fieldpath (kubernetes-facts.md 7.6).
 */
import type { FieldsV1, ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import type { Instant } from '#shared/instant.ts';
import type { Kind } from '../kinds/kind.ts';
import { deepEqual } from '../objects/equal.ts';
import { type KubeObject, metaOf, timeOf, withMeta } from '../objects/object.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { type Field, messageOf } from '../schema/schema.ts';

export interface FieldOwner {
  /** The `fieldManager` of the request, or its user agent up to the slash. */
  readonly manager: string;
  readonly at: Instant;
  readonly subresource?: string | undefined;
}

/** A set of fields as FieldsV1 has it. */
export type FieldSet = { [key: string]: FieldSet };

/** Of metadata, what nobody owns. */
const UNOWNED = new Set(
  'name namespace creationTimestamp selfLink uid generation managedFields resourceVersion deletionTimestamp deletionGracePeriodSeconds generateName'.split(
    ' ',
  ),
);
/** More entries of updates than these are put together under one name. */
const MAX_ENTRIES = 10;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Which fields are looked for: those that are new or have another value, or those alone that the other object does not have. */
type Looking = 'changed' | 'absent';

/** The fields of a value that differ from those of `old`; all of them where there is none. */
function changedFields(
  value: unknown,
  old: unknown,
  { field, looking }: { readonly field: Field | undefined; readonly looking: Looking },
): FieldSet | undefined {
  if (deepEqual(value, old)) return undefined;
  const message = field?.type.code === '@' ? field.type.message : undefined;
  const isMap = field?.type.shape === 'map';
  if (isRecord(value) && (isMap || (message !== undefined && !isAtomic(message)))) {
    const before = isRecord(old) ? old : {};
    const inner = changedMembers(value, before, { message: isMap ? undefined : message, looking });
    if (old === undefined && isMap) return { '.': {}, ...inner };
    return Object.keys(inner).length === 0 && old !== undefined ? undefined : inner;
  }
  return looking === 'absent' && old !== undefined ? undefined : {};
}

function changedMembers(
  value: Readonly<Record<string, unknown>>,
  old: Readonly<Record<string, unknown>>,
  { message, looking }: { readonly message: string | undefined; readonly looking: Looking },
): FieldSet {
  const set: FieldSet = {};
  const fields = message === undefined ? undefined : messageOf(message).fields;
  for (const [name, member] of Object.entries(value)) {
    if (message === 'meta.v1.ObjectMeta' && UNOWNED.has(name)) continue;
    const field = fields?.get(name);
    const isWhole = isAtomic(`${message ?? ''}.${name}`);
    const changed = Array.isArray(member)
      ? changedList(member, old[name], { message: message ?? '', name, field, looking })
      : changedFields(member, old[name], { field: isWhole ? undefined : field, looking });
    if (changed !== undefined) set[`f:${name}`] = changed;
  }
  return set;
}

/** Fields of a list whose elements have names of their own; of any other, the list as a whole. */
function changedList(
  value: readonly unknown[],
  old: unknown,
  at: {
    readonly message: string;
    readonly name: string;
    readonly field: Field | undefined;
    readonly looking: Looking;
  },
): FieldSet | undefined {
  if (deepEqual(value, old)) return undefined;
  const mark = listMarkOf(at.message, at.name);
  const { looking } = at;
  if (mark === undefined || mark.strategy === 'retainKeys') {
    return looking === 'absent' && old !== undefined ? undefined : {};
  }
  const before = Array.isArray(old) ? (old as unknown[]) : [];
  const known = new Map(before.map((item) => [keyOf(item, mark.mapKeys), item]));
  const set: FieldSet = old === undefined ? { '.': {} } : {};
  const element: Field | undefined =
    at.field === undefined ? undefined : { ...at.field, type: { ...at.field.type, shape: 'one' } };
  for (const item of value) {
    const key = keyOf(item, mark.mapKeys);
    const earlier = known.get(key);
    const changed = changedFields(item, earlier, { field: element, looking });
    if (changed === undefined) continue;
    set[key] = earlier === undefined && isRecord(item) ? { '.': {}, ...changed } : changed;
  }
  return Object.keys(set).length === 0 && old !== undefined ? undefined : set;
}

/** How an element of a list is named: `k:{"name":"web"}`, or `v:"x"`. */
function keyOf(item: unknown, keys: readonly string[]): string {
  if (!isRecord(item)) return `v:${JSON.stringify(item)}`;
  const named = [...keys]
    .sort()
    .flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]]));
  return `k:${JSON.stringify(Object.fromEntries(named))}`;
}

function fieldsOf(
  { message }: Kind,
  object: KubeObject,
  { old, looking }: { readonly old: KubeObject | undefined; readonly looking: Looking },
): FieldSet {
  const { kind: _kind, apiVersion: _version, ...members } = object as Record<string, unknown>;
  return changedMembers(members, (old ?? {}) as Record<string, unknown>, { message, looking });
}

const entryOf = (kind: Kind, owner: FieldOwner, fields: FieldSet): ManagedFieldsEntry => ({
  manager: owner.manager,
  operation: 'Update',
  apiVersion: kind.apiVersion,
  time: timeOf(owner.at),
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
});

/** A new object, all of whose fields are its creator's. */
export function trackCreate(kind: Kind, object: KubeObject, owner: FieldOwner): KubeObject {
  const fields = fieldsOf(kind, object, { old: undefined, looking: 'changed' });
  return withMeta(object, { managedFields: [entryOf(kind, owner, fields)] });
}

/** A changed object: what has changed belongs to the writer, and to nobody else any more. */
export function trackUpdate(
  kind: Kind,
  {
    next,
    old,
    owner,
  }: { readonly next: KubeObject; readonly old: KubeObject; readonly owner: FieldOwner },
): KubeObject {
  const before = metaOf(old).managedFields ?? [];
  const asked = metaOf(next).managedFields ?? [];
  const isCleared = asked.length === 0 || (asked.length === 1 && asked[0]?.manager === undefined);
  if (before.length === 0 || isCleared) return withMeta(next, { managedFields: undefined });
  const changed = fieldsOf(kind, next, { old, looking: 'changed' });
  const gone = fieldsOf(kind, old, { old: next, looking: 'absent' });
  if (Object.keys(changed).length === 0 && Object.keys(gone).length === 0) {
    return withMeta(next, { managedFields: before });
  }
  const taken = [changed, gone];
  let own: ManagedFieldsEntry | undefined;
  const others: ManagedFieldsEntry[] = [];
  for (const entry of before) {
    if (isOf(entry, kind, owner)) own = entry;
    else {
      const left = taken.reduce<FieldSet>(without, (entry.fieldsV1 ?? {}) as FieldSet);
      if (Object.keys(left).length > 0) {
        others.push({ ...entry, fieldsV1: left });
      }
    }
  }
  const mine = union(without((own?.fieldsV1 ?? {}) as FieldSet, gone), changed);
  const entries = Object.keys(mine).length === 0 ? others : [...others, entryOf(kind, owner, mine)];
  return withMeta(next, { managedFields: limited(entries.sort(byTime)) });
}

const isOf = (entry: ManagedFieldsEntry, kind: Kind, owner: FieldOwner): boolean =>
  entry.manager === owner.manager &&
  entry.operation === 'Update' &&
  entry.apiVersion === kind.apiVersion &&
  (entry.subresource ?? '') === (owner.subresource ?? '');

const rank = (entry: ManagedFieldsEntry): string =>
  `${entry.operation ?? ''} ${entry.time ?? ''} ${entry.manager ?? ''} ${entry.subresource ?? ''}`;
const byTime = (one: ManagedFieldsEntry, other: ManagedFieldsEntry): number =>
  rank(one) < rank(other) ? -1 : 1;

/** The oldest updates become one entry where there are too many. */
function limited(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updates = entries.filter(({ operation }) => operation === 'Update');
  const surplus = updates.length - MAX_ENTRIES;
  if (surplus <= 0) return entries;
  const oldest = updates.slice(0, surplus + 1);
  const fields = oldest.reduce<FieldSet>(
    (sum, { fieldsV1 }) => union(sum, (fieldsV1 ?? {}) as FieldSet),
    {},
  );
  const [first] = oldest;
  const merged = {
    ...first,
    manager: 'ancient-changes',
    fieldsV1: fields as FieldsV1,
  };
  return [merged, ...entries.filter((entry) => !oldest.includes(entry))];
}

function union(one: FieldSet, other: FieldSet): FieldSet {
  const sum: FieldSet = { ...one };
  for (const [key, inner] of Object.entries(other)) {
    const known = sum[key];
    sum[key] = known === undefined ? inner : union(known, inner);
  }
  return sum;
}

/** `set` without the fields of `taken`; what is left empty goes too. */
function without(set: FieldSet, taken: FieldSet): FieldSet {
  const left: FieldSet = {};
  for (const [key, inner] of Object.entries(set)) {
    const part = taken[key];
    if (part === undefined) left[key] = inner;
    else if (Object.keys(part).length > 0 && Object.keys(inner).length > 0) {
      const rest = without(inner, part);
      if (Object.keys(rest).length > 0) left[key] = rest;
    }
  }
  return left;
}
