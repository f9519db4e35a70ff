/**
 * Checks request bodies against a type's schema in the request's api-version. Validators are compiled when first
 * needed and kept. All faults of a body come at once, each with the path of its field.
 */
// Not `typebox/compile`, which brings 300 more modules for what is never asked of it.
import { Compile, type Validator } from 'typebox/schema';
import { Settings } from 'typebox/system';
import type { TSchema } from 'typebox';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { SchemaNode } from './schema.ts';
import { normalised, requestSchema } from './version-schema.ts';

/** How many faults of one body are told at most `[ours]`: all of any real body, and an answer of bearable size. */
const MAX_FAULTS = 100;
Settings.Set({ maxErrors: MAX_FAULTS });

interface Compiled {
  readonly schema: SchemaNode;
  readonly validator: Validator;
}

/** Characters of a text that its type does not limit `[ours]`: secrets and certificates have some three thousand. */
const MAX_TEXT = 8192;

/** `node` with a limit on the texts that have none. */
function limited(node: SchemaNode): SchemaNode {
  const each = (nodes: Readonly<Record<string, SchemaNode>>): Record<string, SchemaNode> =>
    Object.fromEntries(Object.entries(nodes).map(([name, one]) => [name, limited(one)]));
  const { properties, patternProperties, items } = node;
  return {
    ...(node.type === 'string' ? { maxLength: MAX_TEXT } : {}),
    ...node,
    ...(properties === undefined ? {} : { properties: each(properties) }),
    ...(patternProperties === undefined ? {} : { patternProperties: each(patternProperties) }),
    ...(items === undefined ? {} : { items: limited(items) }),
  };
}

const compiled = new WeakMap<SchemaNode, Map<string, Compiled>>();

function compiledFor(node: SchemaNode, version: string): Compiled {
  let versions = compiled.get(node);
  if (versions === undefined) {
    versions = new Map();
    compiled.set(node, versions);
  }
  let found = versions.get(version);
  if (found === undefined) {
    const schema = limited(requestSchema(node, version));
    found = { schema, validator: Compile(schema as TSchema) };
    versions.set(version, found);
  }
  return found;
}

export type CheckedBody = { readonly body: JsonObject } | { readonly faults: readonly Fault[] };

/** The body as its type stores it, or every fault it has. */
export function checkBody(node: SchemaNode, version: string, value: Json): CheckedBody {
  const { schema, validator } = compiledFor(node, version);
  const body = normalised(schema, value);
  if (validator.Check(body) && isJsonObject(body)) return { body };
  return { faults: faultsOf(validator, body) };
}

function faultsOf(validator: Validator, value: Json): Fault[] {
  const faults: Fault[] = [];
  for (const error of validator.Errors(value)[1]) {
    const path = pathOf(error.instancePath);
    if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties) {
        const target = path === '' ? name : `${path}.${name}`;
        faults.push({ target, message: `The required property '${target}' is missing.` });
      }
    } else if (error.keyword === 'enum') {
      const allowed = error.params.allowedValues.map(String).join(', ');
      faults.push({ target: path, message: `The value of '${path}' must be one of: ${allowed}.` });
    } else {
      faults.push({
        target: path === '' ? 'body' : path,
        message: `The value of '${path === '' ? 'body' : path}' ${inEnglish(error.message)}.`,
      });
    }
  }
  return faults;
}

/** `must be object` as `must be an object`, `must be <= 10` as `must be at most 10`. */
const inEnglish = (message: string): string =>
  message
    .replace(/^must be <= /, 'must be at most ')
    .replace(/^must be >= /, 'must be at least ')
    .replace(/^must be (\w+)$/, (whole, type: string) => {
      const phrase = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
      return phrase === undefined ? whole : `must be ${phrase}`;
    });

const TYPES: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

/** `/properties/days/0` as `properties.days[0]`. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, segment) => {
      if (/^\d+$/.test(segment)) return `${path}[${segment}]`;
      return path === '' ? segment : `${path}.${segment}`;
    }, '');
}
