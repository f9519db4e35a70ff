/**
 * Marks on a resource's schema, and what is derived from them. A type's properties are declared once, in the newest
 * shape; the marks say what a client may not write, what never comes back, and in which api-versions a member exists.
 *
 * The marks are plain JSON Schema keywords, so the same declaration also becomes the OpenAPI document.
 */
import { type TObjectOptions, type TProperties, type TSchema, Type } from 'typebox';
import type { Json, JsonObject } from '#shared/json.ts';
import { isJsonObject } from '#shared/json.ts';
import type { OpenEnum } from './schema-types.ts';
import { isWithin, type Span } from './versions.ts';

/** Never leaves: not in an answer, not in a log. */
export const secret = { 'x-ms-secret': true } as const;
/** Exists from this api-version on. */
export const since = (version: string) => ({ 'x-since': version }) as const;
/** Exists up to this api-version, which still has it. */
export const until = (version: string) => ({ 'x-until': version }) as const;

/** Exists in these api-versions only. */
export const onlyIn = (span: Span) => ({ 'x-in': span }) as const;
/** Ignored where a client sends it, in these api-versions; in the others it may be sent. */
export const readOnlyIn = (span: Span) => ({ 'x-read-only-in': span }) as const;
/** As `secret`, in these api-versions. */
export const secretIn = (span: Span) => ({ 'x-secret-in': span }) as const;
/** On an enum: values that its published list has in some api-versions only. They are accepted in all of them: enums are open. */
export const valuesIn = (spans: Readonly<Record<string, Span>>) => ({ 'x-values-in': spans });
/** On an enum: values that some api-versions spell in another way. */
export const spelledIn = (spellings: Readonly<Record<string, Spelling>>) => ({
  'x-spelled': spellings,
});
/** In these api-versions an object with the same members in another casing stands here. */
export const insteadIn = (span: Span, schema: TSchema) => ({
  'x-instead': { in: span, schema },
});
/** What the published contract calls this object or enum: its name in the OpenAPI documents. */
export const named = (name: string) => ({ 'x-name': name }) as const;

export interface Spelling {
  readonly in: Span;
  readonly as: string;
}

/** A mark, or several: JSON Schema keywords that the walks below know. */
export type Mark = Readonly<Record<string, string | boolean | object>>;

/** An object whose unknown members are tolerated and dropped, as the service does. */
export const object = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, options);

/** One of `values`, compared without case and stored in the spelling given here. */
export const oneOf = <const V extends string>(values: readonly V[], options: object = {}) =>
  Type.Unsafe<V>({ type: 'string', enum: values, ...options });

/** As `oneOf`, but other values pass: the official examples themselves send some (databoxedge-contract §9). */
export const openEnum = <const V extends string>(
  values: readonly V[],
  options: object = {},
): OpenEnum<V> => Type.Unsafe<V>({ type: 'string', 'x-values': values, ...options }) as OpenEnum<V>;

/** The JSON Schema members that the walks below look at. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  /** How TypeBox writes a dictionary. */
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly readOnly?: boolean;
  readonly 'x-ms-secret'?: boolean;
  readonly 'x-values'?: readonly string[];
  readonly 'x-since'?: string;
  readonly 'x-until'?: string;
  readonly 'x-in'?: Span;
  readonly 'x-read-only-in'?: Span;
  readonly 'x-optional-in'?: Span;
  readonly 'x-secret-in'?: Span;
  readonly 'x-values-in'?: Readonly<Record<string, Span>>;
  readonly 'x-spelled'?: Readonly<Record<string, Spelling>>;
  readonly 'x-instead'?: { readonly in: Span; readonly schema: SchemaNode };
  readonly 'x-name'?: string;
  /** A format that is published and not checked. */
  readonly 'x-format'?: string;
}

export const nodeOf = (schema: TSchema): SchemaNode => schema;

/** True when a member with these marks exists in `version`. */
export function existsIn(node: SchemaNode, version: string): boolean {
  const { 'x-since': from, 'x-until': to, 'x-in': span } = node;
  if (from !== undefined && !isWithin(`${from}..`, version)) return false;
  if (to !== undefined && !isWithin(`..${to}`, version)) return false;
  return span === undefined || isWithin(span, version);
}

const holdsIn = (span: Span | undefined, version: string): boolean =>
  span !== undefined && isWithin(span, version);

/** True when a client may send it in `version` and it is ignored. */
export const isReadOnlyIn = (node: SchemaNode, version: string): boolean =>
  node.readOnly === true || holdsIn(node['x-read-only-in'], version);

/** True when it never leaves in `version`. */
export const isSecretIn = (node: SchemaNode, version: string): boolean =>
  node['x-ms-secret'] === true || holdsIn(node['x-secret-in'], version);

/** The schema of what a client may send in `version`: read-only and absent members are gone. */
export function requestSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, {
    version,
    keeps: (member) => existsIn(member, version) && !isReadOnlyIn(member, version),
  });
}

/** The whole schema in `version`, marks and all: absent members are gone, what must be there in `version` is required. */
export function versionSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, { version, keeps: (member) => existsIn(member, version) });
}

interface Derivation {
  readonly version: string;
  keeps(member: SchemaNode): boolean;
  /** True for what is shown as it is: no need to look inside. */
  readonly isWhole?: (member: SchemaNode) => boolean;
}

/** What stands for `node` in `version`: itself, or with its own marks what `insteadIn` says. */
function nodeIn(node: SchemaNode, version: string): SchemaNode {
  const instead = node['x-instead'];
  if (instead === undefined || !isWithin(instead.in, version)) return node;
  return { ...instead.schema, ...(node.readOnly === true ? { readOnly: true } : {}) };
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
 * `value` as the schema knows it: members that the schema has not are dropped, enum values take their proper spelling,
 * nulls of members count as not sent. Wrong types are left for the check to find.
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

/** What each entry of a dictionary is; undefined for what is none. */
const entryOf = (node: SchemaNode): SchemaNode | undefined =>
  Object.values(node.patternProperties ?? {})[0];

const withEntries = (value: JsonObject, change: (entry: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, change(entry)]));

function spelled(node: SchemaNode, value: string): string {
  const values = node.enum ?? node['x-values'];
  if (values === undefined) return value;
  const lower = value.toLowerCase();
  return values.find((known) => known.toLowerCase() === lower) ?? value;
}

/** `value` as `version` shows it: without what is secret or absent, in its spellings; unknown members stay. */
export function shown(node: SchemaNode, value: Json, version: string): Json {
  if (isAsShown(node, value, version)) return value;
  return shownWhere(node, value, {
    version,
    keeps: (member) => standingOf(member, version).isShown,
    isWhole: (member) => standingOf(member, version).isWhole,
  });
}

/** True when nothing of `value` would be dropped or spelled otherwise: most answers are so, and need no copy. */
function isAsShown(node: SchemaNode, value: Json, version: string): boolean {
  if (standingOf(node, version).isWhole) return true;
  if (node.properties === undefined || !isJsonObject(value)) return false;
  if (nodeIn(node, version) !== node) return false;
  for (const name in value) {
    const member = Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
    if (member === undefined) continue;
    const { isShown, isWhole } = standingOf(member, version);
    if (!isShown) return false;
    if (!isWhole && !isAsShown(member, value[name] ?? null, version)) return false;
  }
  return true;
}

/** How a member stands in a version. */
interface Standing {
  readonly isShown: boolean;
  /** Nothing inside it is secret, absent or spelled otherwise: it is shown as it is. */
  readonly isWhole: boolean;
}

/** Asked of every member of every answer, and the same for ever: so kept. */
const standings = new WeakMap<SchemaNode, Map<string, Standing>>();

function standingOf(node: SchemaNode, version: string): Standing {
  let versions = standings.get(node);
  if (versions === undefined) {
    versions = new Map();
    standings.set(node, versions);
  }
  let standing = versions.get(version);
  if (standing === undefined) {
    standing = {
      isShown: existsIn(node, version) && !isSecretIn(node, version),
      isWhole: showsAll(node, version),
    };
    versions.set(version, standing);
  }
  return standing;
}

/** As `shown`, of an answer that is asked for its secrets. */
export function shownWithSecrets(node: SchemaNode, value: Json, version: string): Json {
  return shownWhere(node, value, { version, keeps: (member) => existsIn(member, version) });
}

function shownWhere(given: SchemaNode, value: Json, how: Derivation): Json {
  const node = nodeIn(given, how.version);
  if (Array.isArray(value)) {
    const items = node.items;
    if (items === undefined) return value;
    return value
      .filter((item) => typeof item !== 'string' || isValueIn(items, item, how.version))
      .map((item) => shownWhere(items, item, how));
  }
  if (typeof value === 'string') return spellingOf(node, value, how.version);
  if (!isJsonObject(value)) return value;
  const entry = entryOf(node);
  if (entry !== undefined) return withEntries(value, (inside) => shownWhere(entry, inside, how));
  if (node.properties === undefined) return value;
  const kept: JsonObject = {};
  for (const [written, inside] of Object.entries(value)) {
    const name = node === given ? written : inCasingOf(node.properties, written);
    const member = Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
    if (member === undefined) kept[name] = inside;
    else if (how.keeps(member)) {
      kept[name] = how.isWhole?.(member) === true ? inside : shownWhere(member, inside, how);
    }
  }
  return kept;
}

/** A list shows those values only that its version's enum has; a single one is shown for want of another. */
function isValueIn(node: SchemaNode, value: string, version: string): boolean {
  const spans = node['x-values-in'];
  if (spans === undefined || !Object.hasOwn(spans, value)) return true;
  return holdsIn(spans[value], version);
}

/** `name` as `known` writes it. */
function inCasingOf(known: object, name: string): string {
  const lower = name.toLowerCase();
  return Object.keys(known).find((member) => member.toLowerCase() === lower) ?? name;
}

function spellingOf(node: SchemaNode, value: string, version: string): string {
  const spellings = node['x-spelled'];
  if (spellings === undefined || !Object.hasOwn(spellings, value)) return value;
  const spelling = spellings[value];
  return spelling !== undefined && isWithin(spelling.in, version) ? spelling.as : value;
}

/** True when `version` shows all that the schema has, as it is, and nothing in it is secret: `shown` would change nothing. */
export function showsAll(node: SchemaNode, version: string): boolean {
  const isRespelled = Object.values(node['x-spelled'] ?? {}).some((spelling) =>
    isWithin(spelling.in, version),
  );
  if (isRespelled || nodeIn(node, version) !== node) return false;
  const entry = entryOf(node);
  if (entry !== undefined) return showsAll(entry, version);
  if (node.items !== undefined) {
    const values = Object.keys(node.items['x-values-in'] ?? {});
    const { items } = node;
    return values.every((value) => isValueIn(items, value, version)) && showsAll(items, version);
  }
  return Object.values(node.properties ?? {}).every(
    (member) =>
      existsIn(member, version) && !isSecretIn(member, version) && showsAll(member, version),
  );
}
