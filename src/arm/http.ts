/**
 * The provider's HTTP: one route an operation, made from the list of resource types, behind the ordered checks; and the
 * answer for every path that nobody has. Called by `app.ts`. The verbs know no HTTP.
 */
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { firstSegments, resourceIdOf, subscriptionIdOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import type { RefusedError } from '#shared/failure.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  admitByHooks,
  admitGroupName,
  admitSubscription,
  type AdmittedVersion,
  admitVersion,
  type Route,
} from './admission.ts';
import type { Conditions } from './etag.ts';
import { admitted, carriedOut, originOf, hasBody, pathOf, refuse, respond, send } from './door.ts';
import { documentsOf } from './document.ts';
import { errors } from './errors.ts';
import { routeDoc } from './openapi.ts';
import type { OperationContract } from './operation-contract.ts';
import { operationsListContract, operationsOf } from './operations-list.ts';
import type { IncomingRequest, ArmRequest, Provider } from './provider.ts';
import { type ResourceDeclaration, typeKey } from './declaration.ts';
import type { ResourceType } from './resource-type.ts';
import { type ArmRoute, routesOf } from './routes.ts';
import { actorOf } from './system-data.ts';
import { carryOut } from './verbs/carry-out.ts';
import { askedVersion } from './versions.ts';

type Query = Readonly<Record<string, unknown>>;

/** Mounts the provider's routes, and the answer for paths that no door has. */
export function mountProvider(app: FastifyInstance, provider: Provider): void {
  for (const route of routesOf([...provider.registry.values()])) {
    app.route(routeOptions(provider, route));
    if (route.method === 'GET' && !route.isCollection && !route.isPoll) {
      app.route(existenceOptions(provider, route));
    }
  }
  mountOperationsLists(app, provider);
  app.setNotFoundHandler((request, reply) => {
    refuse(reply, request, notFound(provider, request));
  });
}

/** `/openapi.json`: all routes, or with an `api-version` the document of that; `/openapi/{version}.json`: the same one. */
export function mountVersionDocuments(
  app: FastifyInstance,
  types: readonly ResourceDeclaration[],
): void {
  const documentFor = documentsOf(types);
  const hidden = { schema: { hide: true } };
  const documentOr404 = (version: string, request: FastifyRequest): JsonObject => {
    const document = documentFor(version);
    if (document === undefined) throw errors.routeNotFound(request.method, pathOf(request));
    return document;
  };
  app.get('/openapi.json', hidden, (request) => {
    const version = askedVersion(request.query as Query);
    return version === undefined ? app.swagger() : documentOr404(version, request);
  });
  app.get('/openapi/:file', hidden, (request) => {
    const { file } = request.params as { readonly file: string };
    return documentOr404(file.replace(/\.json$/, ''), request);
  });
}

/** Every namespace has this list under one id, and the document of all routes must not have an id twice. */
function uniqueIn(
  [first]: readonly ResourceDeclaration[],
  contract: OperationContract,
): OperationContract {
  if (first?.namespace === contract.tag) return contract;
  const [name = ''] = contract.tag.split('.').slice(-1);
  return { ...contract, operationId: `${name}_${contract.operationId}` };
}

/** `GET /providers/{namespace}/operations`: tenant-wide, so without a subscription. */
function mountOperationsLists(app: FastifyInstance, provider: Provider): void {
  const types = [...provider.registry.values()];
  const made = new Map<string, Json>();
  for (const namespace of new Set(types.map((type) => type.namespace))) {
    const type = present(
      types.find((one) => one.namespace === namespace),
      'a type of a namespace',
    );
    const route = { type: { ...type, type: 'operations' }, isPoll: true, isCollection: true };
    const admit = (request: FastifyRequest): string =>
      admitVersion(route, request.query as Query, provider.hasLooseVersions).served;
    app.route({
      method: 'GET',
      url: `/providers/${namespace}/operations`,
      schema: routeDoc(type, uniqueIn(types, operationsListContract(namespace))),
      onRequest: async (request) => {
        admit(request);
        await admitByHooks(provider, {
          method: 'GET',
          path: pathOf(request),
          headers: request.headers,
          subscriptionId: undefined,
          resourceGroup: undefined,
          type: `${namespace}/operations`,
          permission: 'read',
        });
      },
      handler: (request, reply) => {
        const version = admit(request);
        const value =
          made.get(`${namespace} ${version}`) ?? operationsOf(types, namespace, version);
        made.set(`${namespace} ${version}`, value);
        send(reply, request, { status: 200, body: { value } });
      },
    });
  }
}

function routeOptions(provider: Provider, route: ArmRoute<ResourceType>): RouteOptions {
  return {
    method: route.method,
    url: route.path,
    schema: routeDoc(route.type, route.contract),
    ...(hasBody(route.method) ? { onRequest: checksBeforeBody(provider, route) } : {}),
    handler: (request, reply) => {
      const { armRequest, path, warning } = armRequestOf(provider, route, request);
      if (warning !== undefined) reply.header('warning', warning);
      respond(reply, request, async () =>
        carriedOut(request, {
          check: async () => admit(provider, route, { request, path }),
          work: async () => carryOut(provider, armRequest, { verb: route.verb, path }),
        }),
      );
    },
  };
}

/** The checks of a request whose body is read: they come before it, so that a wrong api-version is told before a malformed body. */
const checksBeforeBody =
  (provider: Provider, route: ArmRoute<ResourceType>) =>
  async (request: FastifyRequest): Promise<void> => {
    checkRoute(provider, route, request);
    await admitted(request, async () => admit(provider, route, { request, path: pathOf(request) }));
  };

/** A request with its path, as `pathOf` gives it. */
interface Asked {
  readonly request: FastifyRequest;
  readonly path: string;
}

/** The checks that need the database. What they read is read for the request's verb as well, and confirmed when it writes. */
async function admit(
  provider: Provider,
  route: ArmRoute<ResourceType>,
  asked: Asked,
): Promise<void> {
  const parameters = asked.request.params as Readonly<Record<string, string>>;
  await admitSubscription(provider, parameters.subscriptionId ?? '');
  if (provider.hooks.length > 0) await admitByHooks(provider, incomingRequestOf(route, asked));
}

/** HEAD of one resource: 204 where a GET would show it, else the GET's status; never a body [az, mem]. */
function existenceOptions(provider: Provider, route: ArmRoute<ResourceType>): RouteOptions {
  return {
    ...routeOptions(provider, route),
    method: 'HEAD',
    schema: { hide: true },
    handler: (request, reply) => {
      const { armRequest, path } = armRequestOf(provider, route, request);
      respond(reply, request, async () => {
        await admit(provider, route, { request, path });
        await carryOut(provider, armRequest, { verb: route.verb, path });
        return { status: 204 };
      });
    },
  };
}

/** Refuses what the route alone shows to be wrong, and gives the version. */
function checkRoute(provider: Provider, route: Route, request: FastifyRequest): AdmittedVersion {
  const parameters = request.params as Readonly<Record<string, string>>;
  const version = admitVersion(route, request.query as Query, provider.hasLooseVersions);
  if (parameters.resourceGroupName !== undefined) admitGroupName(parameters.resourceGroupName);
  return version;
}

function conditionsOf({ headers }: FastifyRequest): Conditions {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

function incomingRequestOf(
  route: ArmRoute<ResourceType>,
  { request, path }: Asked,
): IncomingRequest {
  const parameters = request.params as Readonly<Record<string, string>>;
  return {
    method: request.method,
    path,
    headers: request.headers,
    subscriptionId: parameters.subscriptionId?.toLowerCase(),
    resourceGroup: parameters.resourceGroupName,
    type: `${route.type.namespace}/${route.type.type}`,
    permission: route.permission,
  };
}

function armRequestOf(
  provider: Provider,
  route: ArmRoute<ResourceType>,
  request: FastifyRequest,
): { armRequest: ArmRequest; path: string; warning: string | undefined } {
  const query = request.query as Query;
  const { served, asked, isStandIn } = checkRoute(provider, route, request);
  const path = pathOf(request);
  const depth = route.idSegments;
  const id = depth === undefined ? undefined : resourceIdOf(firstSegments(path, depth));
  const origin = originOf(request);
  return {
    armRequest: {
      type: route.type,
      version: served,
      askedVersion: asked,
      origin,
      url: origin + request.url,
      query,
      correlationId: request.correlationId,
      subscriptionId: id?.subscriptionId ?? subscriptionIdOf(path),
      id,
      conditions: conditionsOf(request),
      actor: actorOf(request.headers.authorization),
      showsSystemData: provider.showsSystemData,
      body: request.body as Json | undefined,
    },
    path,
    warning: isStandIn
      ? `299 edgetwin "api-version ${served} stands in for ${asked}, which is not known here"`
      : undefined,
  };
}

/** Namespaces that the platform has some types of. */
const PLATFORM_NAMESPACES = [
  'microsoft.authorization',
  'microsoft.resources',
  'microsoft.features',
  'microsoft.insights',
  'microsoft.resourcegraph',
];

/** What is wrong with the path of something that extends a resource: its namespace, or its type. */
function notFoundExtension(
  namespace: string,
  rest: string,
  types: readonly ResourceDeclaration[],
): RefusedError {
  const lower = namespace.toLowerCase();
  const isKnown =
    PLATFORM_NAMESPACES.includes(lower) ||
    types.some((type) => type.namespace.toLowerCase() === lower);
  return isKnown ? errors.notSimulated(namespace, rest) : errors.invalidNamespace(namespace);
}

/** What is wrong with a path that no route has: in ARM's words where the path is one of ARM's. */
function notFound(provider: Provider, request: FastifyRequest): RefusedError {
  const path = pathOf(request);
  const version = askedVersion(request.query as Query);
  const match =
    /^\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?\/providers\/([^/]+)\/(.+)$/i.exec(path);
  if (match === null) return errors.routeNotFound(request.method, path);
  if (version === undefined) return errors.missingApiVersion();
  const [, namespace = '', rest = ''] = match;
  const types: readonly ResourceDeclaration[] = [...provider.registry.values()];
  const ofNamespace = types.filter(
    (type) => type.namespace.toLowerCase() === namespace.toLowerCase(),
  );
  if (ofNamespace.length === 0) {
    return PLATFORM_NAMESPACES.includes(namespace.toLowerCase())
      ? errors.notSimulated(namespace, rest)
      : errors.invalidNamespace(namespace);
  }
  const extension = /^(.*?)\/providers\/([^/]+)\/(.+)$/i.exec(rest);
  if (extension !== null) return notFoundExtension(extension[2] ?? '', extension[3] ?? '', types);
  const segments = rest.split('/');
  const typePath = segments.filter((_, index) => index % 2 === 0).join('/');
  const known = ofNamespace.find(
    (type) => typeKey(type) === `${namespace}/${typePath}`.toLowerCase(),
  );
  const name = segments.length % 2 === 0 ? (segments.at(-1) ?? '') : '';
  const { singleton = name } = known ?? {};
  if (singleton.toLowerCase() !== name.toLowerCase() && name !== '')
    return errors.entityNotFound(name);
  const isAction = ofNamespace.some((type) =>
    Object.keys(type.operations.actions ?? {}).some(
      (action) => `${type.type}/${action}`.toLowerCase() === typePath.toLowerCase(),
    ),
  );
  if (known !== undefined || isAction) return errors.methodNotAllowed(request.method, path);
  return errors.invalidResourceType({ type: typePath, namespace, version, versions: [] });
}
