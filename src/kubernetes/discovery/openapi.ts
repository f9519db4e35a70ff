/**
 * OpenAPI v3 documents, one a group and version, made from the declarations of the kinds. kubectl checks manifests and explains
 * fields with them. Descriptions of fields are not served (docs/limits.md).
 * Sources: kube-openapi builder3; kubernetes-api.md 1.3.
 */
import type { Json, JsonObject } from '#shared/json.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { isAtomic, listMarkOf } from '../schema/marks.ts';
import { type Field, type FieldType, messageOf } from '../schema/schema.ts';
import { servedGroups } from './discovery.ts';
import { SUBRESOURCES } from './subresources.ts';

const PREFIX = '#/components/schemas/';

/** The published name of a message: `io.k8s.api.core.v1.Pod`. */
const fullNameOf = (name: string): string =>
  name.startsWith('meta.') ? `io.k8s.apimachinery.pkg.apis.${name}` : `io.k8s.api.${name}`;

const SCALARS: Readonly<Record<Exclude<FieldType['code'], '@'>, JsonObject>> = {
  s: { type: 'string' },
  i: { type: 'integer', format: 'int32' },
  l: { type: 'integer', format: 'int64' },
  b: { type: 'boolean' },
  f: { type: 'number', format: 'double' },
  y: { type: 'string', format: 'byte' },
  Q: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  I: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  T: { type: 'string', format: 'date-time' },
  M: { type: 'string', format: 'date-time' },
  R: { type: 'object' },
};

/** Paths of the documents by group, as `/openapi/v3` lists them; `hash` names the version of each document. */
export const openApiRoot = (hash: string): JsonObject => ({
  paths: Object.fromEntries(
    ['api/v1', ...servedGroups().map((group) => `apis/${group}/v1`)].map((path) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
    ]),
  ),
});

/** The document of a group, with the version of the cluster; undefined where there is none. */
export function openApiDocument(group: string, version: string): JsonObject | undefined {
  if (group !== '' && !servedGroups().includes(group)) return undefined;
  const schemas: { [name: string]: Json } = {};
  const paths: { [path: string]: Json } = {};
  const own = KINDS.filter((kind) => kind.group === group);
  for (const kind of own) {
    addSchema(schemas, kind.message, kind);
    schemas[fullNameOf(`${kind.message}List`)] = listSchema(kind);
    Object.assign(paths, pathsOf(kind));
  }
  addSchema(schemas, 'meta.v1.DeleteOptions');
  addSchema(schemas, 'meta.v1.Status');
  schemas[fullNameOf('meta.v1.Patch')] = { type: 'object' };
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths,
    components: { schemas },
  };
}

const gvkOf = (kind: Kind, suffix = ''): JsonObject => ({
  group: kind.group,
  version: kind.version,
  kind: `${kind.kind}${suffix}`,
});

function listSchema(kind: Kind): JsonObject {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      items: { type: 'array', items: { $ref: PREFIX + fullNameOf(kind.message) } },
    },
    'x-kubernetes-group-version-kind': [gvkOf(kind, 'List')],
  };
}

/** Puts the schema of a message, and of all that it refers to, into `schemas`. */
function addSchema(schemas: { [name: string]: Json }, name: string, kind?: Kind): void {
  const full = fullNameOf(name);
  if (schemas[full] !== undefined) return;
  const message = messageOf(name);
  const properties: { [name: string]: Json } =
    kind === undefined ? {} : { apiVersion: { type: 'string' }, kind: { type: 'string' } };
  const required: string[] = [];
  const schema: { [name: string]: Json } = { type: 'object', properties };
  schemas[full] = schema;
  for (const field of message.fields.values()) {
    properties[field.name] = { ...schemaOf(field, schemas), ...marksOf(name, field) };
    if (field.isRequired) required.push(field.name);
  }
  if (required.length > 0) schema['required'] = required;
  if (isAtomic(name)) schema['x-kubernetes-map-type'] = 'atomic';
  if (kind !== undefined) schema['x-kubernetes-group-version-kind'] = [gvkOf(kind)];
}

function schemaOf({ type }: Field, schemas: { [name: string]: Json }): JsonObject {
  const one = itemSchema(type, schemas);
  switch (type.shape) {
    case 'one':
      return type.code === '@' && !messageOf(type.message).isList
        ? { allOf: [one], default: {} }
        : one;
    case 'list':
      return { type: 'array', items: one };
    case 'map':
      return { type: 'object', additionalProperties: one };
    case 'mapOfLists':
      return { type: 'object', additionalProperties: { type: 'array', items: one } };
  }
}

function itemSchema(type: FieldType, schemas: { [name: string]: Json }): JsonObject {
  if (type.code !== '@') return SCALARS[type.code];
  if (messageOf(type.message).isList) return { type: 'array', items: { type: 'string' } };
  addSchema(schemas, type.message);
  return { $ref: PREFIX + fullNameOf(type.message) };
}

function marksOf(message: string, { name, type }: Field): JsonObject {
  const mark = listMarkOf(message, name);
  const strategies = {
    merge: 'merge',
    retainKeys: 'retainKeys',
    mergeRetainKeys: 'merge,retainKeys',
  };
  if (mark === undefined) {
    return type.shape === 'list' ? { 'x-kubernetes-list-type': 'atomic' } : {};
  }
  const strategy = strategies[mark.strategy as keyof typeof strategies] as string | undefined;
  return {
    ...(strategy === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy }),
    ...(mark.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mark.mergeKey }),
    ...(type.shape !== 'list'
      ? {}
      : isAtomic(`${message}.${name}`)
        ? { 'x-kubernetes-list-type': 'atomic' }
        : mark.mapKeys.length === 0
          ? { 'x-kubernetes-list-type': 'set' }
          : {
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': [...mark.mapKeys],
            }),
  };
}

/** What a write may say in its query; kubectl looks for `fieldValidation` and `dryRun`. */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const pathParameter = (name: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

function pathsOf(kind: Kind): { [path: string]: Json } {
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
  const collection = `${base}${kind.isNamespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`;
  const shared = kind.isNamespaced ? [pathParameter('namespace')] : [];
  const paths: { [path: string]: Json } = {
    [collection]: {
      get: operation(kind, 'list'),
      post: { ...operation(kind, 'post'), ...bodyOf(kind), parameters: WRITE_PARAMETERS },
      delete: operation(kind, 'deletecollection'),
      parameters: shared,
    },
    [`${collection}/{name}`]: {
      ...single(kind),
      delete: operation(kind, 'delete'),
      parameters: [pathParameter('name'), ...shared],
    },
  };
  if (kind.isNamespaced) paths[`${base}/${kind.resource}`] = { get: operation(kind, 'list') };
  const below = [
    ...(kind.hasStatus ? ['status'] : []),
    ...(SUBRESOURCES[kind.key] ?? []).map(({ name }) => name),
  ];
  for (const name of below) {
    paths[`${collection}/{name}/${name}`] = {
      ...single(kind),
      parameters: [pathParameter('name'), ...shared],
    };
  }
  return paths;
}

function single(kind: Kind): JsonObject {
  return {
    get: operation(kind, 'get'),
    put: { ...operation(kind, 'put'), ...bodyOf(kind), parameters: WRITE_PARAMETERS },
    patch: {
      ...operation(kind, 'patch'),
      parameters: [
        ...WRITE_PARAMETERS,
        { name: 'force', in: 'query', schema: { type: 'boolean', uniqueItems: true } },
      ],
      requestBody: {
        content: Object.fromEntries(
          PATCH_TYPES.map((type) => [
            type,
            { schema: { $ref: PREFIX + fullNameOf('meta.v1.Patch') } },
          ]),
        ),
      },
    },
  };
}

const bodyOf = (kind: Kind): JsonObject => ({
  requestBody: { content: { '*/*': { schema: { $ref: PREFIX + fullNameOf(kind.message) } } } },
});

const operation = (kind: Kind, action: string): JsonObject => ({
  responses: { '200': { description: 'OK' } },
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': gvkOf(kind),
});
