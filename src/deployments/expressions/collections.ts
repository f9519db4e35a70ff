/** Functions of arrays and objects [doc: template functions, array, object]. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { PureFunction } from './texts.ts';
import { type Args, isEqual, memberOf, stringOf } from './values.ts';

function lengthOf(args: Args): number {
  const value = args.at(0);
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (isJsonObject(value)) return Object.keys(value).length;
  throw args.fault('its argument must be an array, a string or an object');
}

function contains(args: Args): boolean {
  const [where, what] = [args.at(0), args.at(1)];
  if (typeof where === 'string') return where.includes(stringOf(what));
  if (Array.isArray(where)) return where.some((item) => isEqual(item, what));
  if (isJsonObject(where)) return memberOf(where, stringOf(what)) !== undefined;
  throw args.fault('its first argument must be an array, a string or an object');
}

const isEmpty = (args: Args): boolean => args.at(0) === null || lengthOf(args) === 0;

const sequence = (args: Args): string | Json[] => {
  const value = args.at(0);
  return Array.isArray(value) ? value : args.text(0);
};

const merged = (one: JsonObject, other: JsonObject): JsonObject => ({
  ...one,
  ...Object.fromEntries(
    Object.entries(other).map(([name, value]) => {
      const old = Object.hasOwn(one, name) ? one[name] : undefined;
      return [name, isJsonObject(old) && isJsonObject(value) ? merged(old, value) : value];
    }),
  ),
});

const distinct = (items: readonly Json[]): Json[] => {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
};

function union(args: Args): Json {
  if (Array.isArray(args.at(0))) return distinct(args.all.flatMap((_, index) => args.list(index)));
  return args.all.map((_, index) => args.object(index)).reduce(merged, {});
}

function intersection(args: Args): Json {
  if (Array.isArray(args.at(0))) {
    const lists = args.all.map((_, index) => args.list(index));
    const keys = lists.map((list) => new Set(list.map((item) => JSON.stringify(item))));
    return distinct(lists[0] ?? []).filter((item) =>
      keys.every((known) => known.has(JSON.stringify(item))),
    );
  }
  const objects = args.all.map((_, index) => args.object(index));
  return Object.fromEntries(
    Object.entries(objects[0] ?? {}).filter(([name, value]) =>
      objects.every(
        (object) => Object.hasOwn(object, name) && isEqual(object[name] ?? null, value),
      ),
    ),
  );
}

function createObject(args: Args): JsonObject {
  if (args.count % 2 !== 0) throw args.fault('it needs a value for each name');
  const names = args.all.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(
    names.map((_, index) => [args.text(index * 2), args.at(index * 2 + 1)]),
  );
}

const sortedNames = (object: JsonObject): string[] =>
  Object.keys(object).sort((one, other) => {
    const [a, b] = [one.toLowerCase(), other.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  });

function placeOf(args: Args, find: 'indexOf' | 'lastIndexOf'): number {
  const where = args.at(0);
  if (Array.isArray(where)) {
    const keys = where.map((item) => JSON.stringify(item));
    return keys[find](JSON.stringify(args.at(1)));
  }
  return args.text(0).toLowerCase()[find](args.text(1).toLowerCase());
}

function tryGet(args: Args): Json {
  let value: Json | undefined = args.at(0);
  for (const key of args.all.slice(1)) {
    if (isJsonObject(value)) value = memberOf(value, stringOf(key));
    else if (Array.isArray(value) && typeof key === 'number') value = value[key];
    else value = undefined;
    if (value === undefined) return null;
  }
  return value;
}

export const COLLECTION_FUNCTIONS: Readonly<Record<string, PureFunction>> = {
  array: (args) => (Array.isArray(args.at(0)) ? args.at(0) : [args.at(0)]),
  createarray: (args) => [...args.all],
  createobject: createObject,
  contains,
  empty: isEmpty,
  length: lengthOf,
  first: (args) => sequence(args)[0] ?? (Array.isArray(args.at(0)) ? null : ''),
  last: (args) => sequence(args).at(-1) ?? (Array.isArray(args.at(0)) ? null : ''),
  skip: (args) => sequence(args).slice(Math.max(0, args.number(1))),
  take: (args) => sequence(args).slice(0, Math.max(0, args.number(1))),
  union,
  intersection,
  flatten: (args) => args.list(0).flatMap((item) => (Array.isArray(item) ? item : [item])),
  indexof: (args) => placeOf(args, 'indexOf'),
  lastindexof: (args) => placeOf(args, 'lastIndexOf'),
  items: (args) => {
    const object = args.object(0);
    return sortedNames(object).map((key) => ({ key, value: object[key] ?? null }));
  },
  objectkeys: (args) => sortedNames(args.object(0)),
  shallowmerge: (args) => Object.assign({}, ...args.list(0).filter(isJsonObject)) as JsonObject,
  indexfromend: (args) => {
    const index = args.number(1);
    const item = index > 0 ? args.list(0).at(-index) : undefined;
    if (item === undefined) throw args.fault(`index ${index} from the end is out of bounds`);
    return item;
  },
  tryget: tryGet,
  tryindexfromend: (args) => {
    const [value, index] = [args.at(0), args.number(1)];
    return Array.isArray(value) && index > 0 ? (value.at(-index) ?? null) : null;
  },
};
