/**
 * Sets of fields as `managedFields` has them (FieldsV1): a tree whose keys are `f:` a field, `k:` an element by its keys, `v:` an
 * element that is a plain value. A node belongs to the set where it has no children, or the child `.`.
 * Sources: structured-merge-diff fieldpath; apimachinery util/managedfields (kubernetes-facts.md 7.6).
 */
import { deepEqual } from '../objects/equal.ts';

export type FieldSet = { [key: string]: FieldSet };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys of elements that have a value where an element names none (tag default of types.go). */
const KEY_DEFAULTS: Readonly<Record<string, string>> = { protocol: 'TCP' };

/** How an element of a list is named: `k:{"name":"web"}`, or `v:"x"`. */
export function keyOf(item: unknown, keys: readonly string[]): string {
  if (!isRecord(item)) return `v:${JSON.stringify(item)}`;
  const named: Record<string, unknown> = {};
  for (const key of keys.length > 1 ? keys.toSorted() : keys) {
    const value = item[key] ?? KEY_DEFAULTS[key];
    if (value !== undefined) named[key] = value;
  }
  return `k:${JSON.stringify(named)}`;
}

/** The keys that an element must have and lacks. */
export const missingKey = (
  item: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): string | undefined =>
  keys.find((key) => item[key] === undefined && KEY_DEFAULTS[key] === undefined);

/** Whether a value that somebody sent is a set of fields. */
export const isFieldSet = (value: unknown): value is FieldSet =>
  isRecord(value) &&
  Object.entries(value).every(([key, child]) => (key === '.' || isKey(key)) && isFieldSet(child));

function isKey(key: string): boolean {
  if (key.startsWith('f:') || /^i:\d+$/.test(key)) return true;
  if (!key.startsWith('k:') && !key.startsWith('v:')) return false;
  try {
    const named: unknown = JSON.parse(key.slice(2));
    return key.startsWith('v:') || isRecord(named);
  } catch {
    return false;
  }
}

const childrenOf = (set: FieldSet): readonly (readonly [string, FieldSet])[] =>
  Object.entries(set).filter(([key]) => key !== '.');

/** Whether the node itself belongs to its set, and not only something below it. */
export const isMember = (set: FieldSet): boolean =>
  Object.hasOwn(set, '.') || Object.keys(set).length === 0;

export const isEmptySet = (set: FieldSet): boolean => Object.keys(set).length === 0;

/** A node with these children; undefined where nothing is left of it. */
function node(itself: boolean, children: FieldSet): FieldSet | undefined {
  const isLeaf = isEmptySet(children);
  if (!itself) return isLeaf ? undefined : children;
  return isLeaf ? {} : { '.': {}, ...children };
}

export function union(one: FieldSet, other: FieldSet): FieldSet {
  const sum: FieldSet = { ...one };
  for (const [key, right] of childrenOf(other)) {
    const left = sum[key];
    sum[key] =
      left === undefined
        ? right
        : (node(isMember(left) || isMember(right), union(inner(left), inner(right))) ?? {});
  }
  return sum;
}

/** `set` without the fields of `taken`; what is left empty goes too. */
export function without(set: FieldSet, taken: FieldSet): FieldSet {
  const left: FieldSet = {};
  for (const [key, own] of childrenOf(set)) {
    const part = taken[key];
    const rest =
      part === undefined
        ? own
        : node(isMember(own) && !isMember(part), without(inner(own), inner(part)));
    if (rest !== undefined) left[key] = rest;
  }
  return left;
}

/** What both sets have. */
export function intersection(one: FieldSet, other: FieldSet): FieldSet {
  const both: FieldSet = {};
  for (const [key, left] of childrenOf(one)) {
    const right = other[key];
    if (right === undefined) continue;
    const shared = node(isMember(left) && isMember(right), intersection(inner(left), inner(right)));
    if (shared !== undefined) both[key] = shared;
  }
  return both;
}

function inner(set: FieldSet): FieldSet {
  const { '.': _itself, ...children } = set;
  return children;
}

export const equalSets = (one: FieldSet, other: FieldSet): boolean => deepEqual(one, other);

/** The paths of a set, as messages show them: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, at = ''): string[] {
  const entries = childrenOf(set).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const own = entries.filter(([, child]) => isMember(child)).map(([key]) => at + wordOf(key));
  return [...own, ...entries.flatMap(([key, child]) => pathsOf(inner(child), at + wordOf(key)))];
}

function wordOf(key: string): string {
  const rest = key.slice(2);
  switch (key[0]) {
    case 'k': {
      const named = Object.entries(JSON.parse(rest) as Record<string, unknown>);
      return `[${named.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${rest}]`;
    case 'i':
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}
