/**
 * OpenAPI v3 documents, one a group and version, made from the declarations of the kinds. kubectl checks manifests and explains
 * fields with them.
 * Sources: kube-openapi builder3; kubernetes-api.md 1.3.
 */
import type { Json, JsonObject } from '#shared/json.ts';
import { SERVED } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { servedGroups } from './discovery.ts';
import { PATCH_TYPES, pathsOfKind, WRITE_PARAMETERS } from './operations.ts';
import { type Describe, type Dialect, fullNameOf, gvkOf, SchemaWriter } from './schemas.ts';

const PREFIX = '#/components/schemas/';
const DIALECT: Dialect = {
  prefix: PREFIX,
  scalars: {
    Q: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    I: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  },
  embed: (reference) => ({ allOf: [reference], default: {} }),
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
export function openApiDocument(
  group: string,
  version: string,
  describe: Describe,
): JsonObject | undefined {
  if (group !== '' && !servedGroups().includes(group)) return undefined;
  const writer = new SchemaWriter(DIALECT, describe);
  const paths: { [path: string]: Json } = {};
  for (const kind of SERVED.filter((one) => one.group === group)) {
    writer.kind(kind);
    Object.assign(paths, pathsOfKind(kind, { operation, path: pathParameter }));
  }
  writer.message('meta.v1.DeleteOptions');
  writer.message('meta.v1.Status');
  const schemas = { ...writer.schemas, [fullNameOf('meta.v1.Patch')]: { type: 'object' } };
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths,
    components: { schemas },
  };
}

const parameter = (name: string, type = 'string'): JsonObject => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});
const pathParameter = (name: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

function operation(kind: Kind, action: string): JsonObject {
  const base = {
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvkOf(kind),
  };
  const schema = { $ref: PREFIX + fullNameOf(action === 'patch' ? 'meta.v1.Patch' : kind.message) };
  const writes = WRITE_PARAMETERS.map((name) => parameter(name));
  switch (action) {
    case 'post':
    case 'put':
      return { ...base, parameters: writes, requestBody: { content: { '*/*': { schema } } } };
    case 'patch':
      return {
        ...base,
        parameters: [...writes, parameter('force', 'boolean')],
        requestBody: {
          content: Object.fromEntries(PATCH_TYPES.map((type) => [type, { schema }])),
        },
      };
    default:
      return base;
  }
}
