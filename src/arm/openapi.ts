/**
 * What the OpenAPI document says of each route, derived from the same declaration as the route itself. Plain JSON
 * Schema; `http.ts` hangs it on the routes and @fastify/swagger collects it.
 */
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { ResourceType } from './resource-type.ts';
import { nodeOf, requestSchema, responseSchema, type SchemaNode } from './schema.ts';

/** The answer of every operation that refuses. */
const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        target: { type: 'string' },
        details: { type: 'array', items: { type: 'object', additionalProperties: true } },
      },
    },
  },
} as const;

export interface RouteDoc {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly querystring: object;
  readonly params: object;
  readonly body?: object;
  readonly response: Readonly<Record<string, object>>;
}

interface DocWish {
  readonly operationId: string;
  readonly summary: string;
  /** Names in the path, in order. */
  readonly parameters: readonly string[];
  readonly body?: SchemaNode | undefined;
  /** By status; undefined: no body. */
  readonly answers: Readonly<Record<number, SchemaNode | undefined>>;
}

/** The document of one route. */
export function routeDoc<Ports>(type: ResourceType<Ports>, wish: DocWish): RouteDoc {
  const response: Record<string, object> = {};
  for (const [status, schema] of Object.entries(wish.answers)) {
    response[status] =
      schema === undefined
        ? { type: 'null', description: 'No body.' }
        : { description: 'The answer.', ...schema };
  }
  response.default = { description: 'The refusal.', ...ERROR_SCHEMA };
  return {
    operationId: wish.operationId,
    tags: [`${type.namespace}/${type.type}`],
    summary: wish.summary,
    querystring: {
      type: 'object',
      required: ['api-version'],
      properties: {
        'api-version': { type: 'string', enum: [...type.versions.versions] },
      },
    },
    params: {
      type: 'object',
      required: [...wish.parameters],
      properties: Object.fromEntries(wish.parameters.map((name) => [name, { type: 'string' }])),
    },
    ...(wish.body === undefined ? {} : { body: wish.body }),
    response,
  };
}

/** The shape of a resource in the newest version; of its kinds, any. */
export function resourceDoc<Ports>(
  type: ResourceType<Ports>,
  direction: 'request' | 'response',
): SchemaNode {
  const newest = type.versions.versions[0] ?? '';
  const derive = direction === 'request' ? requestSchema : responseSchema;
  const kinds = Object.values(type.kinds ?? {});
  if (kinds.length === 0) return plain(derive(nodeOf(type.schema), newest));
  return { anyOf: kinds.map((kind) => plain(derive(nodeOf(kind), newest))) } as SchemaNode;
}

/** `{value, nextLink?}` of a resource. */
export function listDoc(resource: SchemaNode): SchemaNode {
  return {
    type: 'object',
    required: ['value'],
    properties: {
      value: { type: 'array', items: resource },
      nextLink: { type: 'string' },
    },
  };
}

/** Any schema of ours without the marks that only we understand. */
export function plain(node: SchemaNode): SchemaNode {
  const copy = JSON.parse(JSON.stringify(node)) as JsonObject;
  strip(copy);
  return copy;
}

function strip(node: JsonObject): void {
  delete node['x-since'];
  delete node['x-until'];
  delete node['x-values'];
  for (const value of Object.values(node)) {
    if (isJsonObject(value)) strip(value);
  }
}
