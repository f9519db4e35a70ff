/**
 * Merges an applied document into an object by the types of their fields, and takes away what its owner no longer sets.
 * Source: structured-merge-diff typed (Merge, RemoveItems) and merge (prune) (kubernetes-facts.md 7.6).
 */
import type { Kind } from '../kinds/kind.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { messageOf } from '../schema/schema.ts';
import { type FieldSet, isMember, isRecord, keyOf } from './field-sets.ts';

type Document = Readonly<Record<string, unknown>>;

/** What the values of a field are, and how its elements are named where they have names. */
interface Place {
  /** Of the value, or of its elements; undefined: its members are values of a map. */
  readonly message: string | undefined;
  readonly isWhole: boolean;
  /** Undefined: a list of it is replaced as a whole. */
  readonly keys: readonly string[] | undefined;
  /** Its members are no fields but entries. */
  readonly isMap: boolean;
}

const VALUE: Place = { message: undefined, isWhole: true, keys: undefined, isMap: false };

function placeOf(message: string | undefined, name: string): Place {
  const type = message === undefined ? undefined : messageOf(message).fields.get(name)?.type;
  if (message === undefined || type === undefined || isAtomic(`${message}.${name}`)) return VALUE;
  const isMessage = type.code === '@' && !messageOf(type.message).isList;
  const mark = type.shape === 'list' ? listMarkOf(message, name) : undefined;
  return {
    message: isMessage && type.shape !== 'map' ? type.message : undefined,
    isWhole: type.shape !== 'map' && (!isMessage || isAtomic(type.message)),
    keys: mark === undefined || mark.strategy === 'retainKeys' ? undefined : mark.mapKeys,
    isMap: type.shape === 'map',
  };
}

/** `live` with what the document says; neither is changed. */
export const merged = (kind: Kind, live: Document, document: Document): Document =>
  mergeMembers(live, document, kind.message);

function mergeMembers(live: Document, document: Document, message: string | undefined): Document {
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(document)) {
    result[name] = mergeValue(live[name], value, placeOf(message, name));
  }
  return result;
}

function mergeValue(live: unknown, value: unknown, place: Place): unknown {
  if (Array.isArray(value)) {
    return place.keys === undefined || !Array.isArray(live)
      ? value
      : mergeElements(live, value, { ...place, keys: place.keys });
  }
  if (place.isWhole || !isRecord(value) || !isRecord(live)) return value;
  return mergeMembers(live, value, place.message);
}

/** The elements of both, in the order of the document; those that it does not name stay before what they stood before. */
function mergeElements(
  live: readonly unknown[],
  document: readonly unknown[],
  { message, keys }: Place & { readonly keys: readonly string[] },
): unknown[] {
  const nameOf = (item: unknown): string => keyOf(item, keys);
  const known = new Map(live.map((item) => [nameOf(item), item]));
  const named = document.map((item) => ({ name: nameOf(item), item }));
  const wanted = new Set(named.map(({ name }) => name));
  const shared = named.filter(({ name }) => known.has(name)).map(({ name }) => name);
  const result: unknown[] = [];
  let at = 0;
  const take = (until: string | undefined): void => {
    for (let next = named[at]; next !== undefined; next = named[at]) {
      at++;
      const old = known.get(next.name);
      const { item } = next;
      result.push(isRecord(old) && isRecord(item) ? mergeMembers(old, item, message) : item);
      if (shared[0] === next.name) shared.shift();
      if (next.name === until) return;
    }
  };
  for (const item of live) {
    const name = nameOf(item);
    if (!wanted.has(name)) result.push(item);
    else if (name === shared[0]) take(name);
  }
  take(undefined);
  return result;
}

/** `document` without the fields of `last` that nobody has in `kept`. */
export const pruned = (
  kind: Kind,
  document: Document,
  { last, kept }: { readonly last: FieldSet; readonly kept: FieldSet },
): Document => pruneMembers(document, { last, kept, message: kind.message, isMap: false });

interface Pruning {
  readonly last: FieldSet;
  /** Undefined: nobody has anything of it. */
  readonly kept: FieldSet | undefined;
  readonly message: string | undefined;
  readonly isMap: boolean;
}

function pruneMembers(document: Document, { last, kept, message, isMap }: Pruning): Document {
  const result: Record<string, unknown> = { ...document };
  for (const [key, part] of Object.entries(last)) {
    if (!key.startsWith('f:')) continue;
    const name = key.slice(2);
    if (!Object.hasOwn(result, name)) continue;
    const place = isMap ? VALUE : placeOf(message, name);
    const left = pruneValue(result[name], place, { last: part, kept: kept?.[key] });
    if (left === undefined) delete result[name];
    else result[name] = left;
  }
  return result;
}

/** What is left of a value; undefined: nothing. */
function pruneValue(
  value: unknown,
  place: Place,
  { last, kept }: Pick<Pruning, 'last' | 'kept'>,
): unknown {
  // Entries and elements that nobody has may be of a controller, whose fields are not tracked.
  const isOpen = place.isMap || place.keys !== undefined;
  if (kept === undefined && !isOpen) return undefined;
  if (place.isWhole && place.keys === undefined) return value;
  if (isRecord(value)) {
    const left = pruneMembers(value, { last, kept, message: place.message, isMap: place.isMap });
    return kept === undefined && Object.keys(left).length === 0 ? undefined : left;
  }
  if (!Array.isArray(value) || place.keys === undefined) return value;
  const { keys, message } = place;
  const left = value.flatMap((item: unknown) => {
    const key = keyOf(item, keys);
    const [part, other] = [last[key], kept?.[key]];
    if (part === undefined) return [item];
    if (isMember(part) && (other === undefined || !isMember(other))) return [];
    return isRecord(item)
      ? [pruneMembers(item, { last: part, kept: other, message, isMap: false })]
      : [item];
  });
  return kept === undefined && left.length === 0 ? undefined : left;
}
