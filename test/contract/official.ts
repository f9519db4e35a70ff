/**
 * The official contract, as the folder of published swaggers and examples has it: `EDGETWIN_SPEC`, or `../shared/spec`
 * beside the repository. Its files are read where they lie and never copied; without it these tests say so and skip; under CI they fail.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Json } from '#shared/json.ts';
import { absent, variable } from '../support/surroundings.ts';
import { type Contract, type Extensions, marksOf, type Operation } from './operations.ts';
import type { DocumentNode, Source } from './shape.ts';

const ROOT = join(import.meta.dirname, '../..');
export const SPEC = variable('EDGETWIN_SPEC') ?? join(ROOT, '../shared/spec');

/** For `test.skip`: the reason, or false where the contract is there; under CI its absence is a failure. */
export const absence: string | false = existsSync(join(SPEC, 'contract.json'))
  ? false
  : absent(`the official contract is not at ${SPEC}; set EDGETWIN_SPEC to its folder`).skip;

interface SwaggerParameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: DocumentNode;
}

interface SwaggerOperation extends Extensions {
  readonly operationId: string;
  readonly parameters: readonly SwaggerParameter[];
  readonly responses: Readonly<Record<string, { readonly schema?: DocumentNode }>>;
  readonly 'x-ms-examples'?: Readonly<Record<string, { readonly $ref: string }>>;
}

export interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, SwaggerOperation>>>>;
  readonly definitions: Readonly<Record<string, DocumentNode>>;
  readonly parameters: Readonly<Record<string, SwaggerParameter>>;
}

export interface OfficialContract extends Contract {
  readonly swagger: Swagger;
}

/** A published example of a request and what it was answered. */
export interface PublishedExample {
  /** Its file, without `.json`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** By status. */
  readonly responses: Readonly<Record<string, object>>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(SPEC, path), 'utf8'));

/** The kept versions, oldest first; a preview stands after the version of its date. */
export function officialContracts(): readonly OfficialContract[] {
  return readdirSync(join(SPEC, 'openapi')).sort().map(contractOf);
}

function contractOf(version: string): OfficialContract {
  const swagger = readJson(`openapi/${version}/databoxedge.json`) as Swagger;
  const operations = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(swagger.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const where = { method: method.toUpperCase(), path };
      operations.set(operation.operationId, operationOf(swagger, where, operation));
    }
  }
  return { version, swagger, source: sourceOf(swagger), operations };
}

function operationOf(
  swagger: Swagger,
  where: { readonly method: string; readonly path: string },
  operation: SwaggerOperation,
): Operation {
  const parameters = operation.parameters.map((parameter) =>
    parameter.$ref === undefined
      ? parameter
      : swagger.parameters[parameter.$ref.split('/').at(-1)!]!,
  );
  const body = parameters.find((parameter) => parameter.in === 'body');
  const { default: refusal, ...answers } = operation.responses;
  return {
    id: operation.operationId,
    ...where,
    query: new Map(
      parameters
        .filter((parameter) => parameter.in === 'query' && parameter.name !== 'api-version')
        .map((parameter) => [parameter.name, parameter.required ?? false]),
    ),
    body:
      body === undefined
        ? undefined
        : { schema: body.schema ?? {}, isRequired: body.required ?? false },
    answers: new Map(
      Object.entries(answers).map(([status, answer]) => [Number(status), answer.schema]),
    ),
    refusal: refusal?.schema,
    ...marksOf(operation),
  };
}

const commonTypes = new Map<string, Swagger>();

function sourceOf(swagger: Swagger): Source {
  const derived = new Map<string, Map<string, DocumentNode>>();
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    const value = definition['x-ms-discriminator-value'];
    const base = definition.allOf?.[0]?.$ref;
    if (value === undefined || base === undefined) continue;
    const kinds = derived.get(base) ?? new Map<string, DocumentNode>();
    derived.set(base, kinds.set(value, { $ref: `#/definitions/${name}` }));
  }
  return {
    resolve: (ref) => {
      const [file = '', pointer = ''] = ref.split('#/definitions/');
      const definition = (file === '' ? swagger : commonTypesAt(file)).definitions[pointer];
      if (definition === undefined) throw new Error(`the contract has no ${ref}`);
      return definition;
    },
    kindsOf: (ref) => derived.get(ref) ?? new Map(),
  };
}

/** All references between files go to the one version of ARM's common types that lies there. */
function commonTypesAt(file: string): Swagger {
  const path = file.replace(/^(\.\.\/)+/, '');
  let types = commonTypes.get(path);
  if (types === undefined) {
    types = readJson(path) as Swagger;
    commonTypes.set(path, types);
  }
  return types;
}

/** The examples of an operation; none where the folder has none. */
export function examplesFor(
  { swagger, version }: OfficialContract,
  { method, path }: Operation,
): readonly PublishedExample[] {
  const examples = swagger.paths[path]?.[method.toLowerCase()]?.['x-ms-examples'] ?? {};
  return Object.values(examples).map(({ $ref }) => {
    const file = basename($ref);
    const example = readJson(`examples/${version}/${file}`) as Omit<PublishedExample, 'name'>;
    return { name: basename(file, '.json'), ...example };
  });
}

/** The documents by where they lie, for a validator of JSON Schema. */
export function schemaFiles(contracts: readonly OfficialContract[]): ReadonlyMap<string, object> {
  const files = new Map<string, object>(
    contracts.map(({ version, swagger }) => [`openapi/${version}/databoxedge.json`, swagger]),
  );
  for (const [path, types] of commonTypes) files.set(path, types);
  return files;
}
