/**
 * The OpenAPI document of one api-version, made from the resource types and nothing else: `openapi/{version}.json` and
 * what the service shows at `/openapi/{version}.json`. Pure.
 */
import type { JsonObject } from '#shared/json.ts';
import { longRunningIn, type OperationContract } from './operation-contract.ts';
import { type Components, ERROR_MODEL, rendered, type Rendering } from './openapi.ts';
import { operationsListContract } from './operations-list.ts';
import type { ResourceDeclaration } from './declaration.ts';
import { type ArmRoute, routesOf } from './routes.ts';
import { isWithin } from './versions.ts';

/** The document of `version`: the types of that namespace which have it, each with the operations that it has there. */
export function documentOf(types: readonly ResourceDeclaration[], version: string): JsonObject {
  const components: Components = new Map();
  const how = { version, components };
  const paths: Record<string, JsonObject> = {};
  const put = (path: string, method: string, contract: OperationContract): void => {
    const operations = (paths[path] ??= {});
    operations[method.toLowerCase()] = operationOf(contract, how);
  };
  const own = types.filter((type) => type.versions.versions.includes(version));
  for (const namespace of new Set(own.map((type) => type.namespace))) {
    put(`/providers/${namespace}/operations`, 'GET', operationsListContract(namespace));
  }
  for (const route of routesOf(own)) {
    if (isRouteIn(route, version)) {
      put(route.path.replaceAll(/:(\w+)/g, '{$1}'), route.method, route.contract);
    }
  }
  const refusal = { description: 'Refused', content: jsonOf(rendered(ERROR_MODEL, how)) };
  return {
    openapi: '3.0.3',
    info: { title: 'DataBoxEdgeManagementClient', version },
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1))),
      parameters: { ApiVersion: apiVersionIn(version) },
      responses: { Refusal: refusal },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }],
  };
}

/** The documents by version, each made when it is first asked for; undefined for a version that no type has. */
export function documentsOf(
  types: readonly ResourceDeclaration[],
): (version: string) => JsonObject | undefined {
  const made = new Map<string, JsonObject>();
  return (version) => {
    const isKnown = types.some((type) => type.versions.versions.includes(version));
    if (!isKnown) return undefined;
    const document = made.get(version) ?? documentOf(types, version);
    made.set(version, document);
    return document;
  };
}

/** True when the route is one of `version`'s. */
function isRouteIn(route: ArmRoute, version: string): boolean {
  return isWithin(`${route.since ?? ''}..${route.until ?? ''}`, version);
}

function operationOf(contract: OperationContract, how: Rendering): JsonObject {
  const { version } = how;
  const { body, published } = contract;
  const longRunning = longRunningIn(contract);
  const isLongRunning = longRunning !== undefined && isWithin(longRunning, version);
  const { finalState } = published;
  const hasFinalState = finalState !== undefined && isWithin(finalState.in, version);
  return {
    operationId: contract.operationId,
    tags: [contract.tag],
    summary: contract.summary,
    parameters: parametersOf(contract, version),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.isOptional,
            content: { 'application/json': { schema: rendered(body.model, how) } },
          },
        }),
    responses: responsesOf(contract, how),
    ...(isLongRunning ? { 'x-ms-long-running-operation': true } : {}),
    ...(hasFinalState
      ? { 'x-ms-long-running-operation-options': { 'final-state-via': finalState.via } }
      : {}),
    ...(contract.isPageable ? { 'x-ms-pageable': { nextLinkName: 'nextLink' } } : {}),
  };
}

function parametersOf(contract: OperationContract, version: string): JsonObject[] {
  const query = Object.entries(contract.published.query ?? {})
    .filter(([, span]) => isWithin(span, version))
    .map(([name]) => ({ name, in: 'query', schema: { type: 'string' } }));
  return [
    ...contract.parameters.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    { $ref: '#/components/parameters/ApiVersion' },
    ...query,
  ];
}

const apiVersionIn = (version: string): JsonObject => ({
  name: 'api-version',
  in: 'query',
  required: true,
  schema: { type: 'string', enum: [version] },
});

function responsesOf({ answers, published }: OperationContract, how: Rendering): JsonObject {
  const { bodilessIn } = published;
  const isBodiless = bodilessIn !== undefined && isWithin(bodilessIn, how.version);
  const responses: JsonObject = {};
  for (const [status, model] of Object.entries(answers)) {
    responses[status] =
      model === undefined || isBodiless
        ? { description: 'Success, without a body' }
        : { description: 'Success', content: jsonOf(rendered(model, how)) };
  }
  responses.default = { $ref: '#/components/responses/Refusal' };
  return responses;
}

const jsonOf = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });
