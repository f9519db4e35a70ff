/** JSON Patch (RFC 6902). Faults of a patch that cannot be applied have no text of their own, as of the real server. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { deepEqual } from '../objects/equal.ts';
import { kindOfJson } from '../schema/decode.ts';
import { badRequest, StatusError, unprocessable } from '../status.ts';

const MAX_OPERATIONS = 10_000;
/** Characters that the copies of one patch may have together (evanphx/json-patch AccumulatedCopySizeLimit, as the real server sets it). */
const MAX_COPIED = 3 * 1024 * 1024;

const pathOf = (pointer: unknown): string[] => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    throw unprocessable();
  }
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
};

/** The words of encoding/json for what is no part of a patch (evanphx/json-patch: `Patch` is a list of `Operation`). */
const unreadable = (value: Json, type: 'Patch' | 'Operation'): StatusError =>
  badRequest(
    `error decoding patch: json: cannot unmarshal ${kindOfJson(value)} into Go value of type jsonpatch.${type}`,
  );

/** The document with the operations applied; neither argument is changed. Throws a refusal. */
export function applyJsonPatch(document: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw unreadable(patch, 'Patch');
  if (!patch.every(isJsonObject)) {
    throw unreadable(patch.find((one) => !isJsonObject(one)) ?? null, 'Operation');
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError(413, 'RequestEntityTooLarge', {
      message: `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    });
  }
  const root: Root = { document: structuredClone(document), copied: 0 };
  for (const operation of patch) apply(root, operation);
  return root.document;
}

interface Root {
  document: Json;
  /** How much was copied so far. */
  copied: number;
}

function apply(root: Root, { op, path, from, value }: JsonObject): void {
  switch (op) {
    case 'add':
      add(root, pathOf(path), given(value));
      return;
    case 'remove':
      remove(root, pathOf(path));
      return;
    case 'replace': {
      const target = pathOf(path);
      if (target.length === 0) root.document = given(value);
      else {
        const parent = find(root, target.slice(0, -1));
        const key = target.at(-1) ?? '';
        if (Array.isArray(parent)) parent[indexOf(parent, key)] = given(value);
        // A member that is not there is set all the same (evanphx/json-patch 4).
        else if (isJsonObject(parent)) define(parent, key, given(value));
        else throw unprocessable();
      }
      return;
    }
    case 'test': {
      const actual = find(root, pathOf(path));
      if (!deepEqual(actual ?? null, value ?? null)) throw unprocessable();
      return;
    }
    case 'copy':
    case 'move': {
      const source = pathOf(from);
      const found = find(root, source);
      if (found === undefined) throw unprocessable();
      if (op === 'move') remove(root, source);
      else {
        root.copied += JSON.stringify(found).length;
        if (root.copied > MAX_COPIED) throw tooMuchCopied(root.copied);
      }
      add(root, pathOf(path), structuredClone(found));
      return;
    }
    default:
      throw unprocessable();
  }
}

const tooMuchCopied = (size: number): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', {
    message: `Request entity too large: Unable to complete the copy, the accumulated size increase of copy is ${size}, exceeding the limit ${MAX_COPIED}`,
  });

/** The value of an operation. One that is missing is null, as Go reads it. */
const given = (value: Json | undefined): Json => value ?? null;

/** Sets a member, whatever its name: `__proto__` is a name like any other. */
const define = (object: JsonObject, key: string, value: Json): void => {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};

function indexOf(list: readonly Json[], key: string): number {
  const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
  const real = index < 0 ? index + list.length : index;
  if (!(real >= 0 && real < list.length)) throw unprocessable();
  return real;
}

function find({ document }: { document: Json }, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of path) {
    if (Array.isArray(value)) value = value[indexOf(value, key)];
    else if (isJsonObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}

function add(root: { document: Json }, path: readonly string[], value: Json): void {
  if (path.length === 0) {
    root.document = value;
    return;
  }
  const parent = find(root, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) {
    if (key === '-') parent.push(value);
    else {
      const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
      const real = index < 0 ? index + parent.length + 1 : index;
      if (!(real >= 0 && real <= parent.length)) throw unprocessable();
      parent.splice(real, 0, value);
    }
  } else if (isJsonObject(parent)) define(parent, key, value);
  else throw unprocessable();
}

function remove(root: { document: Json }, path: readonly string[]): void {
  const parent = find(root, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (path.length === 0) throw unprocessable();
  if (Array.isArray(parent)) parent.splice(indexOf(parent, key), 1);
  else if (isJsonObject(parent) && Object.hasOwn(parent, key)) delete parent[key];
  else throw unprocessable();
}
