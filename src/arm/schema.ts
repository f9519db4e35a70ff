/**
 * Marks on a resource's schema. A type's properties are declared once, in the newest shape; the marks say what a client may
 * not write, what is never shown, and in which api-versions a member exists. `version-schema.ts` derives the schema of one
 * api-version from them, `projection.ts` brings a view into its shape.
 *
 * The marks are plain JSON Schema keywords, so the same declaration also becomes the OpenAPI document.
 */
import { type TObjectOptions, type TProperties, type TSchema, Type } from 'typebox';
import type { Json, JsonObject } from '#shared/json.ts';
import type { OpenEnum } from './schema-types.ts';
import { isWithin, type Span } from './versions.ts';

/** It is never in an answer and never in a log. */
export const secret = { 'x-ms-secret': true } as const;
/** The member exists from this api-version on. */
export const since = (version: string) => ({ 'x-since': version }) as const;
/** The member exists up to this api-version, which still has it. */
export const until = (version: string) => ({ 'x-until': version }) as const;

/** The member exists in these api-versions only. */
export const onlyIn = (span: Span) => ({ 'x-in': span }) as const;
/** In these api-versions the member is ignored if a client sends it; in the others a client may write it. */
export const readOnlyIn = (span: Span) => ({ 'x-read-only-in': span }) as const;
/** As `secret`, in these api-versions only. */
export const secretIn = (span: Span) => ({ 'x-secret-in': span }) as const;
/**
 * On an enum: values that its published list has in some api-versions only. They are accepted in all api-versions, since
 * enums are open.
 */
export const valuesIn = (spans: Readonly<Record<string, Span>>) => ({ 'x-values-in': spans });
/** On an enum: values that some api-versions spell differently. */
export const spelledIn = (spellings: Readonly<Record<string, Spelling>>) => ({
  'x-spelled': spellings,
});
/** In these api-versions the member is another object, with the same members in another casing. */
export const insteadIn = (span: Span, schema: TSchema) => ({
  'x-instead': { in: span, schema },
});
/** The name that the published contract gives this object or enum: the name of its schema in the OpenAPI documents. */
export const named = (name: string) => ({ 'x-name': name }) as const;

export interface Spelling {
  readonly in: Span;
  readonly as: string;
}

/** One or several marks: JSON Schema keywords. */
export type Mark = Readonly<Record<string, string | boolean | object>>;

/** An object whose unknown members are tolerated and dropped, as the service does. */
export const object = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, options);

/** One of `values`; compared without case, and stored in the spelling that is given here. */
export const oneOf = <const V extends string>(values: readonly V[], options: object = {}) =>
  Type.Unsafe<V>({ type: 'string', enum: values, ...options });

/** As `oneOf`, but other values are accepted too: the official examples themselves send some (databoxedge-contract §9). */
export const openEnum = <const V extends string>(
  values: readonly V[],
  options: object = {},
): OpenEnum<V> => Type.Unsafe<V>({ type: 'string', 'x-values': values, ...options }) as OpenEnum<V>;

/** The members of JSON Schema, and the marks, that this room reads. */
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

/** True when there is a span, and it has `version`. */
export const holdsIn = (span: Span | undefined, version: string): boolean =>
  span !== undefined && isWithin(span, version);

/** True when a client may send the member in `version`, and it is ignored. */
export const isReadOnlyIn = (node: SchemaNode, version: string): boolean =>
  node.readOnly === true || holdsIn(node['x-read-only-in'], version);

/** True when `version` never shows the member. */
export const isSecretIn = (node: SchemaNode, version: string): boolean =>
  node['x-ms-secret'] === true || holdsIn(node['x-secret-in'], version);

/** The schema that `version` has in place of `node`: what `insteadIn` says, with the marks of `node`, or `node` itself. */
export function nodeIn(node: SchemaNode, version: string): SchemaNode {
  const instead = node['x-instead'];
  if (instead === undefined || !isWithin(instead.in, version)) return node;
  return { ...instead.schema, ...(node.readOnly === true ? { readOnly: true } : {}) };
}

/** The schema of each entry of a dictionary; undefined if the schema is not of a dictionary. */
export const entryOf = (node: SchemaNode): SchemaNode | undefined =>
  Object.values(node.patternProperties ?? {})[0];

/** A copy of a dictionary with `change` applied to each entry. */
export const withEntries = (value: JsonObject, change: (entry: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, change(entry)]));
