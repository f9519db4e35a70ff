/**
 * What is wrong with a document that somebody applies: fields that there are not, elements without their keys or there twice,
 * values of another type.
 * Source: structured-merge-diff typed/validate.go, typed/helpers.go (texts as in kubernetes issues 122480 and 139253).
 */
import type { Kind } from '../kinds/kind.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { type Field, type FieldType, messageOf } from '../schema/schema.ts';
import { isRecord, keyOf, missingKey, pathsOf } from './field-sets.ts';

/** The faults, each with its path; empty where there is none. */
export function documentFaults(
  { message }: Pick<Kind, 'message'>,
  document: Readonly<Record<string, unknown>>,
): string[] {
  const { kind: _kind, apiVersion: _version, ...members } = document;
  return memberFaults(members, message, '');
}

function memberFaults(
  value: Readonly<Record<string, unknown>>,
  message: string,
  at: string,
): string[] {
  const { fields } = messageOf(message);
  return Object.entries(value).flatMap(([name, member]) => {
    const field = fields.get(name);
    const path = `${at}.${name}`;
    if (field === undefined) return [`${path}: field not declared in schema`];
    return member === null ? [] : fieldFaults(member, field, { message, path });
  });
}

interface Place {
  readonly message: string;
  readonly path: string;
}

function fieldFaults(value: unknown, { name, type }: Field, { message, path }: Place): string[] {
  switch (type.shape) {
    case 'one':
      return valueFaults(value, type, path);
    case 'list':
      return Array.isArray(value)
        ? listFaults(value, type, { path, keys: keysOf(message, name) })
        : [`${path}: expected list, got ${shown(value)}`];
    case 'map':
    case 'mapOfLists':
      if (!isRecord(value)) return [`${path}: expected map, got ${shown(value)}`];
      return Object.entries(value).flatMap(([key, item]) =>
        item === null || type.shape === 'mapOfLists'
          ? []
          : valueFaults(item, type, `${path}.${key}`),
      );
  }
}

/** The keys of a list whose elements have names; undefined for a list that is one value. */
function keysOf(message: string, name: string): readonly string[] | undefined {
  const mark = isAtomic(`${message}.${name}`) ? undefined : listMarkOf(message, name);
  return mark === undefined || mark.strategy === 'retainKeys' ? undefined : mark.mapKeys;
}

function listFaults(
  items: readonly unknown[],
  type: FieldType,
  { path, keys }: { readonly path: string; readonly keys: readonly string[] | undefined },
): string[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    if (keys === undefined) return valueFaults(item, type, `${path}[${index}]`);
    const missing = isRecord(item) ? missingKey(item, keys) : undefined;
    if (missing !== undefined) {
      return [
        `${path}: element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(missing)} (and doesn't have default value)`,
      ];
    }
    const key = keyOf(item, keys);
    const [word = ''] = pathsOf({ [key]: {} });
    if (seen.has(key)) return [`${path}: duplicate entries for key ${word}`];
    seen.add(key);
    return valueFaults(item, type, `${path}${word}`);
  });
}

function valueFaults(value: unknown, type: FieldType, path: string): string[] {
  switch (type.code) {
    case '@':
      if (messageOf(type.message).isList) return [];
      return isRecord(value)
        ? memberFaults(value, type.message, path)
        : [`${path}: expected map, got ${shown(value)}`];
    case 's':
    case 'y':
    case 'T':
    case 'M':
      return typeof value === 'string'
        ? []
        : [`${path}: expected string, got &value.valueUnstructured{Value:${bare(value)}}`];
    case 'b':
      return typeof value === 'boolean' ? [] : [`${path}: expected boolean, got ${shown(value)}`];
    case 'i':
    case 'l':
    case 'f':
      return typeof value === 'number'
        ? []
        : [`${path}: expected numeric (int or float), got ${goTypeOf(value)}`];
    case 'I':
    case 'Q':
    case 'R':
      return [];
  }
}

const bare = (value: unknown): string => JSON.stringify(value);
const shown = (value: unknown): string =>
  `&{${typeof value === 'string' ? value : JSON.stringify(value)}}`;

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'map[string]interface {}' : 'string';
}

/** Several faults as one text. */
export const faultsText = (faults: readonly string[]): string =>
  faults.length === 1 ? faults.join('') : `errors:\n${faults.map((one) => `  ${one}`).join('\n')}`;
