/**
 * Strategic merge patch: a merge patch whose lists are merged by the keys of their elements.
 * Source: apimachinery util/strategicpatch/patch.go (kubernetes-facts.md 7.4); a test compares it with `kubectl patch --local`.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { deepEqual } from '../objects/equal.ts';
import { listMarkOf } from '../schema/marks.ts';
import { messageOf } from '../schema/schema.ts';
import { badRequest, StatusError } from '../status.ts';
import { mergedOrder } from './element-order.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/** The document with the patch applied, by the marks of the message. Neither argument is changed. Throws a refusal. */
export function applyStrategicPatch(
  document: JsonObject,
  patch: JsonObject,
  message: string,
): JsonObject {
  return mergeObject(structuredClone(document), structuredClone(patch), message);
}

/** How a member is merged, and what its values are. */
function metaOf(
  message: string | undefined,
  name: string,
): { readonly message: string | undefined; readonly strategy: string; readonly key: string } {
  if (message === undefined) return { message: undefined, strategy: '', key: '' };
  const type = messageOf(message).fields.get(name)?.type;
  const mark = listMarkOf(message, name);
  return {
    message: type?.code === '@' && type.shape !== 'map' ? type.message : undefined,
    strategy: mark?.strategy.startsWith('merge') === true ? 'merge' : '',
    key: mark?.mergeKey ?? '',
  };
}

function mergeObject(
  original: JsonObject,
  patch: JsonObject,
  message: string | undefined,
): JsonObject {
  if (patch[DIRECTIVE] !== undefined) return directed(original, patch, message);
  retainKeys(original, patch);
  mergeOrdered(original, patch, message);
  for (const [key, value] of Object.entries(patch)) {
    const isDeletion = key.startsWith(DELETE_FROM);
    const name = isDeletion ? key.slice(DELETE_FROM.length) : key;
    if (value === null) delete original[name];
    else if (!Object.hasOwn(original, name)) {
      if (!isDeletion) define(original, name, cleaned(value));
    } else mergeMember(original, name, { value, message, isDeletion });
  }
  return original;
}

const define = (object: JsonObject, key: string, value: Json): void => {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};

function directed(
  original: JsonObject,
  patch: JsonObject,
  message: string | undefined,
): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  switch (directive) {
    case 'replace':
      return rest;
    case 'delete':
      return {};
    case 'merge':
      return mergeObject(original, rest, message);
    default:
      throw badRequest(`unknown patch type found: ${JSON.stringify(directive)}`);
  }
}

/** Elements of two lists are compared each with each: more than so many comparisons would keep everybody else waiting [ours]. */
const MAX_COMPARISONS = 1_000_000;

function checkLengths(one: readonly Json[], other: readonly Json[]): void {
  if (one.length * other.length <= MAX_COMPARISONS) return;
  throw new StatusError(413, 'RequestEntityTooLarge', {
    message: `Request entity too large: a patch of ${other.length} elements cannot be merged with a list of ${one.length}`,
  });
}

function mergeMember(
  original: JsonObject,
  name: string,
  {
    value,
    message,
    isDeletion,
  }: { readonly value: Json; readonly message: string | undefined; readonly isDeletion: boolean },
): void {
  const present = original[name];
  const meta = metaOf(message, name);
  if (isJsonObject(present) && isJsonObject(value)) {
    original[name] = mergeObject(present, value, meta.message);
  } else if (Array.isArray(present) && Array.isArray(value)) {
    checkLengths(present, value);
    original[name] = isDeletion
      ? present.filter((item) => !value.some((one) => deepEqual(one, item)))
      : meta.strategy === 'merge'
        ? mergeList(present, value, meta).items
        : cleaned(value);
  } else if (!isDeletion) original[name] = cleaned(value);
}

/** A value that is taken over as it is: without nulls and directives, which are about what is there. */
function cleaned(value: Json): Json {
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      isJsonObject(item) && item[DIRECTIVE] !== undefined ? [] : [cleaned(item)],
    );
  }
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, member]) =>
      member !== null &&
      key !== DIRECTIVE &&
      key !== RETAIN_KEYS &&
      !key.startsWith(DELETE_FROM) &&
      !key.startsWith(ELEMENT_ORDER),
  );
  return Object.fromEntries(kept.map(([key, member]) => [key, cleaned(member)]));
}

/** `$retainKeys`: what it does not name goes. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const kept = patch[RETAIN_KEYS];
  if (kept === undefined) return;
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(kept)) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && !kept.includes(key)) {
      throw badRequest('invalid patch format of retainKeys');
    }
  }
  for (const key of Object.keys(original)) if (!kept.includes(key)) delete original[key];
}

/** `$setElementOrder/…`: merges the list, and puts its elements in that order. */
function mergeOrdered(original: JsonObject, patch: JsonObject, message: string | undefined): void {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    delete patch[key];
    const name = key.slice(ELEMENT_ORDER.length);
    const meta = metaOf(message, name);
    const [present, given] = [original[name], patch[name]];
    if (!Array.isArray(order) || (given !== undefined && !Array.isArray(given))) {
      throw badRequest('invalid patch format of setElementOrder list');
    }
    const isThere = Array.isArray(present);
    const [here, added] = [isThere ? present : [], given ?? []];
    checkLengths([...here, ...added], [...order, ...added]);
    if (given !== undefined) checkOrder(given, order, meta.key);
    if (!isThere && given === undefined) continue;
    const list: Merged = !isThere
      ? { items: cleaned(given ?? []) as Json[], order: [] }
      : given === undefined
        ? { items: present, order: present }
        : meta.strategy === 'merge'
          ? mergeList(present, given, meta)
          : { items: given, order: present };
    const isNamed = (item: Json): boolean => order.some((one) => isSame(one, item, meta.key));
    original[name] = mergedOrder(
      {
        patched: list.items.filter(isNamed),
        others: list.items.filter((item) => !isNamed(item)),
        patchOrder: order,
        serverOrder: list.order,
      },
      (one, other) => isSame(one, other, meta.key),
    );
    delete patch[name];
  }
}

/** The elements of the patch stand in the order that it sets. */
function checkOrder(given: readonly Json[], order: readonly Json[], key: string): void {
  const kept = given.filter((item) => !isJsonObject(item) || item[DIRECTIVE] === undefined);
  const places = kept.map((item) => order.findIndex((one) => isSame(one, item, key)));
  if (places.includes(-1)) {
    throw new StatusError(500, 'InternalError', {
      message: `The order in patch list:\n${JSON.stringify(given)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
    });
  }
}

const isSame = (one: Json, other: Json, key: string): boolean =>
  key !== '' && isJsonObject(one) && isJsonObject(other)
    ? deepEqual(one[key], other[key]) && one[key] !== undefined
    : deepEqual(one, other);

/** A merged list, and the order that the server's list has become on the way. */
interface Merged {
  readonly items: Json[];
  readonly order: readonly Json[];
}

function mergeList(
  original: readonly Json[],
  patch: readonly Json[],
  meta: { readonly message: string | undefined; readonly key: string },
): Merged {
  if (original.length === 0 && patch.length === 0) return { items: [], order: [] };
  const areObjects = [...original, ...patch].every(isJsonObject);
  if (!areObjects) {
    const all: Json[] = [];
    for (const item of [...original, ...patch]) {
      if (!all.some((one) => deepEqual(one, item))) all.push(item);
    }
    return { items: ordered(all, patch, { original, key: '' }), order: original };
  }
  const { kept, added, isReplaced } = withoutSpecial(
    original as JsonObject[],
    patch as JsonObject[],
    meta.key,
  );
  const merged: JsonObject[] = [...kept];
  for (const item of isReplaced ? [] : added) {
    const value = keyIn(item, meta.key);
    const at = merged.findIndex((one) => deepEqual(one[meta.key], value));
    const present = merged[at];
    // As it stands, directives and all, which the kind does not know: so does Go.
    if (present === undefined) merged.push(item);
    else merged[at] = mergeObject(present, item, meta.message);
  }
  return {
    items: ordered(merged, isReplaced ? [] : added, { original: kept, key: meta.key }),
    // Go's list takes new elements where deleted ones have made room, and its order is asked afterwards.
    order: isReplaced ? original : merged.slice(0, original.length),
  };
}

function ordered(
  merged: readonly Json[],
  patch: readonly Json[],
  { original, key }: { readonly original: readonly Json[]; readonly key: string },
): Json[] {
  const isNamed = (item: Json): boolean => patch.some((one) => isSame(one, item, key));
  return mergedOrder(
    {
      patched: merged.filter(isNamed),
      others: merged.filter((item) => !isNamed(item)),
      patchOrder: patch,
      serverOrder: original,
    },
    (one, other) => isSame(one, other, key),
  );
}

/** Carries out the elements that are directives: deletions of others, and the replacement of the list. */
function withoutSpecial(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  key: string,
): { readonly kept: JsonObject[]; readonly added: JsonObject[]; readonly isReplaced: boolean } {
  let kept = [...original];
  let isReplaced = false;
  const added: JsonObject[] = [];
  for (const item of patch) {
    switch (item[DIRECTIVE]) {
      case undefined:
        added.push(item);
        break;
      case 'delete': {
        const value = item[key];
        if (value === undefined) {
          throw new StatusError(500, 'InternalError', {
            message: `delete patch type with no merge key defined`,
          });
        }
        kept = kept.filter((one) => !deepEqual(one[key], value));
        break;
      }
      case 'replace':
        isReplaced = true;
        break;
      case 'merge':
        throw new StatusError(500, 'InternalError', {
          message: 'merging lists cannot yet be specified in the patch',
        });
      default:
        throw badRequest(`unknown patch type found: ${JSON.stringify(item[DIRECTIVE])}`);
    }
  }
  return isReplaced ? { kept: added, added: [], isReplaced } : { kept, added, isReplaced };
}

function keyIn(item: JsonObject, key: string): Json {
  const value = item[key];
  if (value !== undefined) return value;
  throw new StatusError(500, 'InternalError', {
    message: `map: ${goMap(item)} does not contain declared merge key: ${key}`,
  });
}

/** An object as Go's `%v` prints it. */
function goMap(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${goMap(member)}`).join(' ')}]`;
}
