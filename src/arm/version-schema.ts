/**
 * The schema of one api-version, derived from a declaration and its marks (`schema.ts`), and the normal form of a body that
 * is checked against it. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import {
  entryOf,
  existsIn,
  holdsIn,
  isReadOnlyIn,
  nodeIn,
  type SchemaNode,
  withEntries,
} from './schema.ts';

/** The schema of what a client may send in `version`: without members that are read-only or do not exist there. */
export function requestSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, {
    version,
    keeps: (member) => existsIn(member, version) && !isReadOnlyIn(member, version),
  });
}

/** The whole schema in `version`, with its marks: without members that do not exist there. */
export function versionSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, { version, keeps: (member) => existsIn(member, version) });
}

interface Derivation {
  readonly version: string;
  /** True when the derived schema has the member. */
  keeps(member: SchemaNode): boolean;
}

function derive(given: SchemaNode, how: Derivation): SchemaNode {
  const node = nodeIn(given, how.version);
  if (node.properties !== undefined) {
    const kept = Object.entries(node.properties).filter(([, member]) => how.keeps(member));
    const optional = kept
      .filter(([, member]) => holdsIn(member['x-optional-in'], how.version))
      .map(([name]) => name);
    const properties = Object.fromEntries(
      kept.map(([name, member]) => [name, derive(member, how)]),
    );
    const required = (node.required ?? []).filter(
      (name) => Object.hasOwn(properties, name) && !optional.includes(name),
    );
    return { ...node, properties, ...(node.required === undefined ? {} : { required }) };
  }
  if (node.items !== undefined) return { ...node, items: derive(node.items, how) };
  if (node.patternProperties !== undefined) {
    const entries = Object.entries(node.patternProperties);
    const patternProperties = Object.fromEntries(
      entries.map(([pattern, entry]) => [pattern, derive(entry, how)]),
    );
    return { ...node, patternProperties };
  }
  return node;
}

/**
 * A body that a client has sent, in the form that the schema describes: members that the schema does not have are dropped,
 * enum values get their proper spelling (`enumWord`), and a member that is null counts as not sent. Values of a wrong type stay as they
 * are, for the check to find.
 */
export function normalised(node: SchemaNode, value: Json): Json {
  if (typeof value === 'string') return spelled(node, value);
  if (Array.isArray(value)) {
    const items = node.items;
    return items === undefined ? value : value.map((item) => normalised(items, item));
  }
  if (!isJsonObject(value)) return value;
  const entry = entryOf(node);
  if (entry !== undefined) return withEntries(value, (given) => normalised(entry, given));
  if (node.properties === undefined) return value;
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(node.properties)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given !== undefined && given !== null) kept[name] = normalised(member, given);
  }
  return kept;
}

/** The enum's own spelling of a value, as far as it is one. */
function spelled(node: SchemaNode, value: string): string {
  const values = node.enum ?? node['x-values'];
  return values === undefined ? value : (enumWord(values, value) ?? value);
}

/**
 * The member of an enum that a text means, read as .NET reads one: in any casing, with blanks around it, and several words with commas
 * between them, whose ordinals are or-ed (`Sunday,Saturday` is 0 | 6, so it is Saturday) [rec 12]. Undefined for what is no member. The
 * ordinals are the places in the list, which is recorded of the days of the week alone [inf].
 */
function enumWord<V extends string>(values: readonly V[], text: string): V | undefined {
  let ordinal = 0;
  for (const word of text.split(',')) {
    const lower = word.trim().toLowerCase();
    const place = values.findIndex((known) => known.toLowerCase() === lower);
    if (place === -1) return undefined;
    ordinal |= place;
  }
  return values[ordinal];
}
