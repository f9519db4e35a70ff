/**
 * Which fields two versions of an object differ in, and which a document sets, as sets of fields.
 * Sources: structured-merge-diff typed (Compare, ToFieldSet); apimachinery util/managedfields (kubernetes-facts.md 7.6).
 */
import type { Kind } from '../kinds/kind.ts';
import { deepEqual } from '../objects/equal.ts';
import type { KubeObject } from '../objects/object.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { type Field, messageOf } from '../schema/schema.ts';
import { type FieldSet, isEmptySet, isRecord, keyOf } from './field-sets.ts';

/** Of metadata, what nobody owns. */
const UNOWNED = new Set(
  'name namespace creationTimestamp selfLink uid generation managedFields resourceVersion deletionTimestamp deletionGracePeriodSeconds generateName'.split(
    ' ',
  ),
);
/** How a member of a message is owned. */
interface Ownership {
  /** Its name in a set of fields. */
  readonly key: string;
  readonly isUnowned: boolean;
  /** It has one owner as a whole. */
  readonly isWhole: boolean;
  readonly field: Field | undefined;
}

const ownerships = new Map<string, Map<string, Ownership>>();

/** Those of members of maps, whose names are anybody's: of the first that come. */
const freeOwnerships = new Map<string, Ownership>();
const MAX_FREE = 1000;

/** Looked up once for each member of a message of the schema: every write asks for all of them. */
function ownershipOf(message: string | undefined, name: string): Ownership {
  if (message === undefined) {
    const free = freeOwnerships.get(name);
    if (free !== undefined) return free;
    const ownership = { key: `f:${name}`, isUnowned: false, isWhole: false, field: undefined };
    if (freeOwnerships.size < MAX_FREE) freeOwnerships.set(name, ownership);
    return ownership;
  }
  let known = ownerships.get(message);
  if (known === undefined) ownerships.set(message, (known = new Map<string, Ownership>()));
  const found = known.get(name);
  if (found !== undefined) return found;
  const field = messageOf(message).fields.get(name);
  const ownership = {
    key: `f:${name}`,
    isUnowned: message === 'meta.v1.ObjectMeta' && UNOWNED.has(name),
    isWhole: isAtomic(`${message}.${name}`),
    field,
  };
  // What the schema does not have is whatever a client calls it.
  if (field !== undefined) known.set(name, ownership);
  return ownership;
}

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
  for (const name of Object.keys(value)) {
    const { key, isUnowned, isWhole, field } = ownershipOf(message, name);
    if (isUnowned) continue;
    const member = value[name];
    const changed = Array.isArray(member)
      ? changedList(member, old[name], { message: message ?? '', name, field, looking })
      : changedFields(member, old[name], { field: isWhole ? undefined : field, looking });
    if (changed !== undefined) set[key] = changed;
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
  const isWhole = isAtomic(`${at.message}.${at.name}`);
  if (isWhole || mark === undefined || mark.strategy === 'retainKeys') {
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

/** The fields of an object that differ from those of `old`, or that it does not have. */
export function fieldsOf(
  { message }: Kind,
  object: KubeObject,
  { old, looking }: { readonly old: KubeObject | undefined; readonly looking: Looking },
): FieldSet {
  const { kind: _kind, apiVersion: _version, ...members } = object as Record<string, unknown>;
  const before = (old ?? {}) as Record<string, unknown>;
  return withoutEmptyMetadata(changedMembers(members, before, { message, looking }));
}

/** Nobody owns the metadata as such. */
function withoutEmptyMetadata({ 'f:metadata': metadata = {}, ...rest }: FieldSet): FieldSet {
  return isEmptySet(metadata) ? rest : { 'f:metadata': metadata, ...rest };
}

/** The fields that an applied document sets. */
export const setOf = ({ message }: Kind, document: Readonly<Record<string, unknown>>): FieldSet => {
  const { kind: _kind, apiVersion: _version, ...members } = document;
  return withoutEmptyMetadata(membersSet(members, message));
};

function membersSet(
  value: Readonly<Record<string, unknown>>,
  message: string | undefined,
): FieldSet {
  const set: FieldSet = {};
  const fields = message === undefined ? undefined : messageOf(message).fields;
  for (const [name, member] of Object.entries(value)) {
    if (message === 'meta.v1.ObjectMeta' && UNOWNED.has(name)) continue;
    const part = memberSet(member, { message, name, field: fields?.get(name) });
    if (part !== undefined) set[`f:${name}`] = part;
  }
  return set;
}

/** Undefined: nothing is set with it, as with an empty list. */
function memberSet(
  value: unknown,
  {
    message = '',
    name,
    field,
  }: {
    readonly message: string | undefined;
    readonly name: string;
    readonly field: Field | undefined;
  },
): FieldSet | undefined {
  if (isAtomic(`${message}.${name}`) || field === undefined) return {};
  const { type } = field;
  if (Array.isArray(value)) {
    const mark = listMarkOf(message, name);
    return mark === undefined || mark.strategy === 'retainKeys'
      ? {}
      : elementsSet(value, mark.mapKeys, type.code === '@' ? type.message : undefined);
  }
  if (!isRecord(value)) return {};
  if (type.shape === 'map') return membersSet(value, undefined);
  return type.code === '@' && !isAtomic(type.message) ? membersSet(value, type.message) : {};
}

function elementsSet(
  items: readonly unknown[],
  keys: readonly string[],
  message: string | undefined,
): FieldSet | undefined {
  if (items.length === 0) return undefined;
  const set: FieldSet = {};
  for (const item of items) {
    const below = isRecord(item) ? membersSet(item, message) : {};
    set[keyOf(item, keys)] = Object.keys(below).length === 0 ? {} : { '.': {}, ...below };
  }
  return set;
}
