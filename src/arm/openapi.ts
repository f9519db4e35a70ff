/**
 * How a schema of ours is written in an OpenAPI document of one api-version: marks become plain keywords, what is named
 * becomes a component where the document has components. And the document's part that hangs on each Fastify route, from
 * which @fastify/swagger makes `/openapi.json`. `document.ts` makes the document of one version.
 */
import { assert } from '#shared/assert.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { Model, OperationContract } from './operation-contract.ts';
import type { ResourceDeclaration } from './declaration.ts';
import { existsIn, isReadOnlyIn, isSecretIn, named, type SchemaNode } from './schema.ts';
import { versionSchema } from './version-schema.ts';
import { isWithin } from './versions.ts';

/** The answer of every operation that refuses: ARM's envelope. */
export const ERROR_MODEL: Model = {
  schema: {
    type: 'object',
    ...named('CloudError'),
    properties: {
      error: {
        type: 'object',
        ...named('CloudErrorBody'),
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          target: { type: 'string' },
          details: { type: 'array', items: { type: 'object' } },
        },
      },
    },
  },
};

/** Where named schemas of a document are kept; none: everything stands where it is used. */
export type Components = Map<string, JsonObject>;

export interface Rendering {
  readonly version: string;
  readonly components?: Components;
}

/** A model as the document of one version has it. */
export function rendered(model: Model, how: Rendering): JsonObject {
  return model.isList === true ? listOf(model, how) : oneOf(model, how);
}

function oneOf({ schema, kinds }: Model, how: Rendering): JsonObject {
  if (kinds === undefined) return written(versionSchema(schema, how.version), how);
  const existing = Object.entries(kinds).filter(([, kind]) => existsIn(kind, how.version));
  const variants = existing.map(
    ([kind, variant]) => [kind, written(versionSchema(variant, how.version), how)] as const,
  );
  return kept(schema['x-name'], how, {
    oneOf: variants.map(([, variant]) => variant),
    discriminator: { propertyName: 'kind', ...mappingOf(variants) },
  });
}

/** Which component stands for which kind, where all of them are components. */
function mappingOf(variants: readonly (readonly [string, JsonObject])[]): JsonObject {
  const entries = variants.map(([kind, { $ref }]) => [kind, $ref] as const);
  return entries.every(([, ref]) => typeof ref === 'string')
    ? { mapping: Object.fromEntries(entries) as JsonObject }
    : {};
}

function listOf(model: Model, how: Rendering): JsonObject {
  const name = model.schema['x-name'];
  const list: JsonObject = {
    type: 'object',
    properties: {
      value: { type: 'array', items: oneOf(model, how), readOnly: true },
      nextLink: { type: 'string', readOnly: true },
    },
  };
  const listName = name === undefined ? undefined : (model.listName ?? `${name}List`);
  return kept(listName, how, list);
}

/** `schema` where it is used: itself, or a reference to the component that it becomes. */
function kept(name: string | undefined, how: Rendering, schema: JsonObject): JsonObject {
  if (name === undefined || how.components === undefined) return schema;
  const present = how.components.get(name);
  assert(
    present === undefined || JSON.stringify(present) === JSON.stringify(schema),
    `two schemas of ${how.version} are named ${name} and differ`,
  );
  how.components.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

/** Keywords that mean the same there. `required` and the walked ones are written apart. */
const PLAIN = [
  'type',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
] as const;

/** A schema that is of one version already. */
function written(node: SchemaNode, how: Rendering): JsonObject {
  const source = node as Readonly<Record<string, Json | undefined>>;
  const schema: JsonObject = {};
  for (const keyword of PLAIN) {
    const value = source[keyword];
    if (value !== undefined) schema[keyword] = value;
  }
  if (node['x-format'] !== undefined) schema.format = node['x-format'];
  Object.assign(schema, enumOf(node, how.version));
  const { properties, required, items } = node;
  if (required !== undefined && required.length > 0) schema.required = [...required];
  if (properties !== undefined) {
    schema.properties = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, written(member, how)]),
    );
  }
  if (items !== undefined) schema.items = written(items, how);
  const [entry] = Object.values(node.patternProperties ?? {});
  if (entry !== undefined) schema.additionalProperties = written(entry, how);
  return marked(node, how, schema);
}

/** Marks of the place stand beside a reference, never in what it refers to: another place may refer to the same. */
function marked(node: SchemaNode, how: Rendering, schema: JsonObject): JsonObject {
  const marks: JsonObject = {};
  if (isReadOnlyIn(node, how.version)) marks.readOnly = true;
  if (isSecretIn(node, how.version)) marks['x-ms-secret'] = true;
  // An enum stays where it is used, as in the published documents; its name is in `x-ms-enum`.
  const name = node.type === 'object' ? node['x-name'] : undefined;
  const place = kept(name, how, schema);
  if (place.$ref === undefined || Object.keys(marks).length === 0) return { ...place, ...marks };
  return { allOf: [place], ...marks };
}

function enumOf(node: SchemaNode, version: string): JsonObject {
  const values = node.enum ?? node['x-values'];
  if (values === undefined) return {};
  const spans = node['x-values-in'] ?? {};
  const spellings = node['x-spelled'] ?? {};
  const name = node['x-name'];
  return {
    enum: values
      .filter((value) => spans[value] === undefined || isWithin(spans[value], version))
      .map((value) => {
        const spelling = spellings[value];
        return spelling !== undefined && isWithin(spelling.in, version) ? spelling.as : value;
      }),
    // Every enum of the contract is open: clients must take unknown values (databoxedge-contract §7).
    'x-ms-enum': { ...(name === undefined ? {} : { name }), modelAsString: true },
  };
}

export interface RouteDoc {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly querystring: object;
  readonly params: object;
  readonly body?: object;
  readonly response: Readonly<Record<string, object>>;
}

/** What hangs on a Fastify route: the newest version's shapes, every version by name. */
export function routeDoc(type: ResourceDeclaration, contract: OperationContract): RouteDoc {
  const how = { version: type.versions.versions[0] ?? '' };
  const response: Record<string, object> = {};
  for (const [status, model] of Object.entries(contract.answers)) {
    response[status] =
      model === undefined
        ? { type: 'null', description: 'Success, without a body' }
        : { description: 'Success', ...rendered(model, how) };
  }
  response.default = { description: 'Refused', ...rendered(ERROR_MODEL, how) };
  return {
    operationId: contract.operationId,
    tags: [contract.tag],
    summary: contract.summary,
    querystring: {
      type: 'object',
      required: ['api-version'],
      properties: {
        'api-version': { type: 'string', enum: [...type.versions.versions] },
        ...Object.fromEntries(
          Object.keys(contract.published.query ?? {}).map((name) => [name, { type: 'string' }]),
        ),
      },
    },
    params: {
      type: 'object',
      required: [...contract.parameters],
      properties: Object.fromEntries(contract.parameters.map((name) => [name, { type: 'string' }])),
    },
    ...(contract.body === undefined ? {} : { body: rendered(contract.body.model, how) }),
    response,
  };
}
