/**
 * Marks on a resource's schema, and what is derived from them. A type's properties are declared once, in the newest
 * shape; the marks say what a client may not write, what never comes back, and in which api-versions a member exists.
 *
 * The marks are plain JSON Schema keywords, so the same declaration also becomes the OpenAPI document.
 */
import { type TObjectOptions, type TProperties, type TSchema, Type } from 'typebox';
import type { Json, JsonObject } from '#shared/json.ts';
import { isJsonObject } from '#shared/json.ts';

/** A client may send it, and it is ignored. */
export const readOnly = { readOnly: true } as const;
/** Never leaves: not in an answer, not in a log. */
export const secret = { 'x-ms-secret': true } as const;
/** Exists from this api-version on. */
export const since = (version: string) => ({ 'x-since': version }) as const;
/** Exists up to this api-version, which still has it. */
export const until = (version: string) => ({ 'x-until': version }) as const;

/** A mark, or several: JSON Schema keywords that the walks below know. */
export type Mark = Readonly<Record<string, string | boolean>>;

const marked = (marks: readonly Mark[]): TObjectOptions =>
  Object.assign({}, readOnly, ...marks) as TObjectOptions;

/** Read-only members of a view, by what they hold; more marks may follow. */
export const shownText = (...marks: Mark[]) => Type.Optional(Type.String(marked(marks)));
export const shownInteger = (...marks: Mark[]) => Type.Optional(Type.Integer(marked(marks)));
export const shownNumber = (...marks: Mark[]) => Type.Optional(Type.Number(marked(marks)));
export const shownTexts = (...marks: Mark[]) =>
  Type.Optional(Type.Array(Type.String(), marked(marks)));
export const shownObject = (...marks: Mark[]) => Type.Optional(Type.Object({}, marked(marks)));
export const shownObjects = (...marks: Mark[]) =>
  Type.Optional(Type.Array(Type.Object({}), marked(marks)));

/** An object whose unknown members are tolerated and dropped, as the service does. */
export const object = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, options);

/** One of `values`, compared without case and stored in the spelling given here. */
export const oneOf = <const V extends string>(values: readonly V[], options: object = {}) =>
  Type.Unsafe<V>({ type: 'string', enum: values, ...options });

/** As `oneOf`, but other values pass: the official examples themselves send some (databoxedge-contract §9). */
export const openEnum = <const V extends string>(values: readonly V[], options: object = {}) =>
  Type.Unsafe<V>({ type: 'string', 'x-values': values, ...options });

/** The JSON Schema members that the walks below look at. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly readOnly?: boolean;
  readonly 'x-ms-secret'?: boolean;
  readonly 'x-values'?: readonly string[];
  readonly 'x-since'?: string;
  readonly 'x-until'?: string;
}

export const nodeOf = (schema: TSchema): SchemaNode => schema;

/** `2021-06-01-preview` sorts between 2021-06-01's day and the next: a preview belongs to its date. */
const dateOf = (version: string): string => version.slice(0, 10);

/** True when a member with these marks exists in `version`. */
export function existsIn(node: SchemaNode, version: string): boolean {
  const from = node['x-since'];
  const to = node['x-until'];
  if (from !== undefined && dateOf(version) < dateOf(from)) return false;
  return to === undefined || dateOf(version) <= dateOf(to);
}

/** The schema of what a client may send in `version`: read-only and absent members are gone. */
export function requestSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, (member) => existsIn(member, version) && member.readOnly !== true);
}

/** The schema of what `version` shows: secrets and absent members are gone, nothing is required of a view. */
export function responseSchema(node: SchemaNode, version: string): SchemaNode {
  return derive(node, (member) => existsIn(member, version) && member['x-ms-secret'] !== true);
}

function derive(node: SchemaNode, keeps: (member: SchemaNode) => boolean): SchemaNode {
  if (node.properties !== undefined) {
    const properties = Object.fromEntries(
      Object.entries(node.properties)
        .filter(([, member]) => keeps(member))
        .map(([name, member]) => [name, derive(member, keeps)]),
    );
    const required = (node.required ?? []).filter((name) => name in properties);
    return { ...node, properties, ...(node.required === undefined ? {} : { required }) };
  }
  if (node.items !== undefined) return { ...node, items: derive(node.items, keeps) };
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
  if (!isJsonObject(value) || node.properties === undefined) return value;
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(node.properties)) {
    const given = value[name];
    if (given !== undefined && given !== null) kept[name] = normalised(member, given);
  }
  return kept;
}

function spelled(node: SchemaNode, value: string): string {
  const values = node.enum ?? node['x-values'];
  if (values === undefined) return value;
  const lower = value.toLowerCase();
  return values.find((known) => known.toLowerCase() === lower) ?? value;
}

/** Drops from `value` what the schema marks as secret or as absent from `version`; unknown members stay. */
export function shown(node: SchemaNode, value: Json, version: string): Json {
  if (Array.isArray(value)) {
    const items = node.items;
    return items === undefined ? value : value.map((item) => shown(items, item, version));
  }
  if (!isJsonObject(value) || node.properties === undefined) return value;
  const kept: JsonObject = {};
  for (const [name, given] of Object.entries(value)) {
    const member = node.properties[name];
    if (member === undefined) kept[name] = given;
    else if (existsIn(member, version) && member['x-ms-secret'] !== true) {
      kept[name] = shown(member, given, version);
    }
  }
  return kept;
}

/** True when `version` shows all that the schema has and nothing in it is secret: `shown` would change nothing. */
export function showsAll(node: SchemaNode, version: string): boolean {
  if (node.items !== undefined) return showsAll(node.items, version);
  return Object.values(node.properties ?? {}).every(
    (member) =>
      existsIn(member, version) && member['x-ms-secret'] !== true && showsAll(member, version),
  );
}
