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
  /** Whose members have owners of their own, where its value is an object; undefined: it has one owner as a whole. */
  readonly members: Members | undefined;
  /** Whose elements have owners of their own, where its value is a list; undefined: as above. */
  readonly elements: Elements | undefined;
}

/** The members of a message; without one, of a map, whose names are anybody's. */
interface Members {
  readonly message: string | undefined;
}

interface Elements {
  /** What names an element. */
  readonly mapKeys: readonly string[];
  readonly members: Members | undefined;
}

const ownerships = new Map<string, Map<string, Ownership>>();

/** Those of members of maps: of the first that come. */
const freeOwnerships = new Map<string, Ownership>();
const MAX_FREE = 1000;

/** Looked up once for each member of a message of the schema: every write asks for all of them. */
function ownershipOf(message: string | undefined, name: string): Ownership {
  if (message === undefined) {
    const free = freeOwnerships.get(name);
    if (free !== undefined) return free;
    const whole = { isUnowned: false, members: undefined, elements: undefined };
    const ownership = { key: `f:${name}`, ...whole };
    if (freeOwnerships.size < MAX_FREE) freeOwnerships.set(name, ownership);
    return ownership;
  }
  let known = ownerships.get(message);
  if (known === undefined) ownerships.set(message, (known = new Map<string, Ownership>()));
  const found = known.get(name);
  if (found !== undefined) return found;
  const field = messageOf(message).fields.get(name);
  const isWhole = isAtomic(`${message}.${name}`);
  const ownership = {
    key: `f:${name}`,
    isUnowned: message === 'meta.v1.ObjectMeta' && UNOWNED.has(name),
    members: isWhole ? undefined : membersOf(field),
    elements: isWhole ? undefined : elementsOf(message, name, field),
  };
  // What the schema does not have is whatever a client calls it.
  if (field !== undefined) known.set(name, ownership);
  return ownership;
}

function membersOf(field: Field | undefined): Members | undefined {
  if (field?.type.shape === 'map') return { message: undefined };
  return messageWithin(field);
}

function messageWithin(field: Field | undefined): Members | undefined {
  const message = field?.type.code === '@' ? field.type.message : undefined;
  return message === undefined || isAtomic(message) ? undefined : { message };
}

function elementsOf(message: string, name: string, field: Field | undefined): Elements | undefined {
  const mark = listMarkOf(message, name);
  if (mark === undefined || mark.strategy === 'retainKeys') return undefined;
  return { mapKeys: mark.mapKeys, members: messageWithin(field) };
}

/** Which fields are looked for: those that are new or have another value, or those alone that the other object does not have. */
type Looking = 'changed' | 'absent';

const isSame = (value: unknown, old: unknown): boolean =>
  value === old || (old !== undefined && deepEqual(value, old));

/** The fields of a value that differ from those of `old`; all of them where there is none. */
function changedFields(
  value: unknown,
  old: unknown,
  { members, looking }: { readonly members: Members | undefined; readonly looking: Looking },
): FieldSet | undefined {
  if (isSame(value, old)) return undefined;
  if (members !== undefined && isRecord(value)) {
    // A new map is its maker's itself, not only its members.
    const isOwn = old === undefined && members.message === undefined;
    const set: FieldSet = isOwn ? { '.': {} } : {};
    const isAny = addChangedMembers(set, value, {
      old: isRecord(old) ? old : {},
      members,
      looking,
    });
    return isAny || old === undefined ? set : undefined;
  }
  return looking === 'absent' && old !== undefined ? undefined : {};
}

/** Adds the fields of `value` that differ from those of `old`; whether there are any. */
function addChangedMembers(
  set: FieldSet,
  value: Readonly<Record<string, unknown>>,
  {
    old,
    members: { message },
    looking,
  }: {
    readonly old: Readonly<Record<string, unknown>>;
    readonly members: Members;
    readonly looking: Looking;
  },
): boolean {
  let isAny = false;
  for (const name of Object.keys(value)) {
    const { key, isUnowned, members, elements } = ownershipOf(message, name);
    if (isUnowned) continue;
    const member = value[name];
    const changed = Array.isArray(member)
      ? changedList(member, old[name], { elements, looking })
      : changedFields(member, old[name], { members, looking });
    if (changed === undefined) continue;
    set[key] = changed;
    isAny = true;
  }
  return isAny;
}

/** Fields of a list whose elements have names of their own; of any other, the list as a whole. */
function changedList(
  value: readonly unknown[],
  old: unknown,
  { elements, looking }: { readonly elements: Elements | undefined; readonly looking: Looking },
): FieldSet | undefined {
  if (isSame(value, old)) return undefined;
  if (elements === undefined) return looking === 'absent' && old !== undefined ? undefined : {};
  const { mapKeys, members } = elements;
  const before = Array.isArray(old) ? (old as unknown[]) : [];
  const known = new Map(before.map((item) => [keyOf(item, mapKeys), item]));
  const set: FieldSet = old === undefined ? { '.': {} } : {};
  let isAny = false;
  for (const item of value) {
    const key = keyOf(item, mapKeys);
    const changed = changedElement(item, known.get(key), { members, looking });
    if (changed === undefined) continue;
    set[key] = changed;
    isAny = true;
  }
  return isAny || old === undefined ? set : undefined;
}

/** As `changedFields`; a new element is its maker's itself, not only its members. */
function changedElement(
  item: unknown,
  old: unknown,
  at: { readonly members: Members | undefined; readonly looking: Looking },
): FieldSet | undefined {
  if (old !== undefined || !isRecord(item)) return changedFields(item, old, at);
  const set: FieldSet = { '.': {} };
  const { members, looking } = at;
  if (members !== undefined) addChangedMembers(set, item, { old: {}, members, looking });
  return set;
}

/** The fields of an object that differ from those of `old`, or that it does not have. */
export function fieldsOf(
  { message }: Kind,
  object: KubeObject,
  { old, looking }: { readonly old: KubeObject | undefined; readonly looking: Looking },
): FieldSet {
  const { kind: _kind, apiVersion: _version, ...members } = object as Record<string, unknown>;
  const before = (old ?? {}) as Record<string, unknown>;
  const set: FieldSet = {};
  addChangedMembers(set, members, { old: before, members: { message }, looking });
  return withoutEmptyMetadata(set);
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
