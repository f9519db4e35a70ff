/**
 * Schemas of messages as the two versions of OpenAPI write them, made from the declarations of the kinds.
 * Sources: kube-openapi builder, builder3 (kubernetes-api.md 1.3).
 */
import type { Json, JsonObject } from '#shared/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { type Field, type FieldType, messageOf } from '../schema/schema.ts';

/** What is said of a message, or of one of its fields, to people; undefined where nothing is. */
export type Describe = (message: string, field?: string) => string | undefined;

/** How one version of OpenAPI writes what the other writes otherwise. */
export interface Dialect {
  /** Where schemas stand: what references begin with. */
  readonly prefix: string;
  readonly scalars: Readonly<Partial<Record<FieldType['code'], JsonObject>>>;
  /** A field that is an object with a schema of its own. */
  embed(reference: JsonObject): JsonObject;
}

type Schemas = { [name: string]: Json };

const SCALARS: Readonly<Record<Exclude<FieldType['code'], '@'>, JsonObject>> = {
  s: { type: 'string' },
  i: { type: 'integer', format: 'int32' },
  l: { type: 'integer', format: 'int64' },
  b: { type: 'boolean' },
  f: { type: 'number', format: 'double' },
  y: { type: 'string', format: 'byte' },
  Q: { type: 'string' },
  I: { type: 'string', format: 'int-or-string' },
  T: { type: 'string', format: 'date-time' },
  M: { type: 'string', format: 'date-time' },
  R: { type: 'object' },
};

/** The published name of a message: `io.k8s.api.core.v1.Pod`. */
export const fullNameOf = (name: string): string =>
  name.startsWith('meta.') ? `io.k8s.apimachinery.pkg.apis.${name}` : `io.k8s.api.${name}`;

export const gvkOf = (kind: Pick<Kind, 'group' | 'version' | 'kind'>, suffix = ''): JsonObject => ({
  group: kind.group,
  version: kind.version,
  kind: `${kind.kind}${suffix}`,
});

/** Collects the schemas of messages and of all that they refer to. */
export class SchemaWriter {
  readonly schemas: Schemas = {};
  readonly #dialect: Dialect;
  readonly #describe: Describe;

  constructor(dialect: Dialect, describe: Describe) {
    this.#dialect = dialect;
    this.#describe = describe;
  }

  /** A kind, and its list. */
  kind(kind: Kind): void {
    this.message(kind.message, kind);
    const items = { $ref: this.#dialect.prefix + fullNameOf(kind.message) };
    this.schemas[fullNameOf(`${kind.message}List`)] = {
      type: 'object',
      required: ['items'],
      properties: {
        ...this.#typeFields(kind.message),
        metadata: { type: 'object' },
        items: { type: 'array', items },
      },
      'x-kubernetes-group-version-kind': [gvkOf(kind, 'List')],
    };
  }

  message(name: string, kind?: Pick<Kind, 'group' | 'version' | 'kind'>): void {
    const full = fullNameOf(name);
    if (this.schemas[full] !== undefined) return;
    const properties: Schemas = kind === undefined ? {} : this.#typeFields(name);
    const required: string[] = [];
    const schema: Schemas = { ...this.#words(name), type: 'object', properties };
    this.schemas[full] = schema;
    for (const field of messageOf(name).fields.values()) {
      properties[field.name] = {
        ...this.#field(field),
        ...this.#words(name, field.name),
        ...marksOf(name, field),
      };
      if (field.isRequired) required.push(field.name);
    }
    if (required.length > 0) schema['required'] = required;
    if (isAtomic(name)) schema['x-kubernetes-map-type'] = 'atomic';
    if (kind !== undefined) schema['x-kubernetes-group-version-kind'] = [gvkOf(kind)];
  }

  /** What every object says of itself. */
  #typeFields(message: string): Schemas {
    return {
      apiVersion: { type: 'string', ...this.#words(message, 'apiVersion') },
      kind: { type: 'string', ...this.#words(message, 'kind') },
    };
  }

  #words(message: string, field?: string): JsonObject {
    const description = this.#describe(message, field);
    return description === undefined ? {} : { description };
  }

  #field({ type }: Field): JsonObject {
    const one = this.#item(type);
    switch (type.shape) {
      case 'one':
        return one['$ref'] === undefined ? one : this.#dialect.embed(one);
      case 'list':
        return { type: 'array', items: one };
      case 'map':
        return { type: 'object', additionalProperties: one };
      case 'mapOfLists':
        return { type: 'object', additionalProperties: { type: 'array', items: one } };
    }
  }

  #item(type: FieldType): JsonObject {
    if (type.code !== '@') return this.#dialect.scalars[type.code] ?? SCALARS[type.code];
    if (messageOf(type.message).isList) return { type: 'array', items: { type: 'string' } };
    this.message(type.message);
    return { $ref: this.#dialect.prefix + fullNameOf(type.message) };
  }
}

const STRATEGIES: Readonly<Record<string, string>> = {
  merge: 'merge',
  retainKeys: 'retainKeys',
  mergeRetainKeys: 'merge,retainKeys',
};

/** How a field is merged, as its marks tell clients. */
function marksOf(message: string, { name, type }: Field): JsonObject {
  const mark = listMarkOf(message, name);
  if (mark === undefined) {
    return type.shape === 'list' ? { 'x-kubernetes-list-type': 'atomic' } : {};
  }
  const strategy = STRATEGIES[mark.strategy];
  return {
    ...(strategy === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy }),
    ...(mark.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mark.mergeKey }),
    ...listTypeOf(`${message}.${name}`, type, mark.mapKeys),
  };
}

function listTypeOf(path: string, { shape }: FieldType, keys: readonly string[]): JsonObject {
  if (shape !== 'list') return {};
  if (isAtomic(path)) return { 'x-kubernetes-list-type': 'atomic' };
  return keys.length === 0
    ? { 'x-kubernetes-list-type': 'set' }
    : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys] };
}
