/**
 * The door of the provider: one route an operation, made from the list of resource types; the ordered checks; the
 * headers that ARM puts on every answer; every refusal in the envelope. Called by `app.ts`. The verbs know no HTTP.
 */
import { randomUUID } from 'node:crypto';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
} from 'fastify';
import { present } from '#shared/assert.ts';
import { envelopeOf } from '#shared/envelope.ts';
import { RefusedError } from '#shared/failure.ts';
import { calendarOf, wallNow } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import type { Logger } from '#shared/logger.ts';
import {
  admitGroupName,
  admitSubscription,
  admitVersion,
  type KnownSubscriptions,
  type Route,
} from './admission.ts';
import { errors } from './errors.ts';
import { isGuid } from './names.ts';
import type { RouteDoc } from './openapi.ts';
import type { Answer } from './polling.ts';
import type { ArmRequest, Provider } from './provider.ts';
import { cleanPath, parseResourceId } from './resource-id.ts';
import { type ArmRoute, routesOf } from './routes.ts';
import { typeKey } from './resource-type.ts';
import { askedVersion } from './versions.ts';

/** Largest body, in bytes: ARM's own limit is 4 MB [mem]. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** ids go to some 1,500 characters, skip tokens beyond; Fastify's own limit is 100 (arm-protocol §1.1). */
const LONGEST_PARAMETER = 8192;

declare module 'fastify' {
  interface FastifyRequest {
    /** Kept from the caller or made [rpc]. */
    correlationId: string;
  }
}

/** A Fastify instance with ARM's tolerance, headers and envelope; every door of the service is mounted on it. */
export function openDoor(log: Logger): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: LONGEST_PARAMETER,
    },
    // A path that cannot be decoded never reaches a route.
    frameworkErrors: (error, request, reply) => {
      refuse(reply, request, errors.routeNotFound(request.method, request.url), log, error);
    },
  });
  // Bodies are checked by the verbs, by version, and written by JSON.stringify.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'text/json'],
    { parseAs: 'string' },
    (request, body, done) => {
      // Many clients send the header without a body (arm-protocol §3).
      if (body === '') {
        done(null, undefined);
        return;
      }
      void app.getDefaultJsonParser('error', 'error')(request, body as string, done);
    },
  );
  app.decorateRequest('correlationId', '');
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers['x-ms-correlation-request-id'];
    request.correlationId = typeof given === 'string' && isGuid(given) ? given : randomUUID();
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    refuse(reply, request, refusalOf(error as FastifyError, request), log, error);
  });
  return app;
}

/** Mounts the provider's routes, and the answer for paths that no door has. */
export function mountProvider<Ports>(
  app: FastifyInstance,
  provider: Provider<Ports>,
): { readonly forgetSubscriptions: () => void } {
  const known: KnownSubscriptions = new Set();
  for (const route of routesOf([...provider.registry.values()])) {
    mount(app, provider, known, route);
  }
  app.setNotFoundHandler((request, reply) => {
    refuse(reply, request, notFound(provider, request), provider.log);
  });
  return {
    forgetSubscriptions: () => {
      known.clear();
    },
  };
}

function mount<Ports>(
  app: FastifyInstance,
  provider: Provider<Ports>,
  known: KnownSubscriptions,
  route: ArmRoute<Ports>,
): void {
  app.route({
    method: route.method as HTTPMethods,
    url: route.path,
    schema: route.doc as RouteDoc & object,
    // The checks come before the body is read: a wrong api-version is told before a malformed body.
    onRequest: async (request) => {
      await admit(provider, known, route, request);
    },
    handler: async (request, reply) => {
      const { armRequest, rest } = armRequestOf(route, request);
      send(reply, request, await route.carryOut(provider, armRequest, rest));
      return reply;
    },
  });
}

async function admit<Ports>(
  provider: Provider<Ports>,
  known: KnownSubscriptions,
  route: Route<Ports>,
  request: FastifyRequest,
): Promise<void> {
  const parameters = request.params as Readonly<Record<string, string>>;
  admitVersion(route, request.query as Readonly<Record<string, unknown>>);
  await admitSubscription(provider, known, parameters.subscriptionId ?? '');
  if (parameters.resourceGroupName !== undefined) admitGroupName(parameters.resourceGroupName);
}

function armRequestOf<Ports>(
  route: ArmRoute<Ports>,
  request: FastifyRequest,
): { armRequest: ArmRequest<Ports>; rest: string } {
  const query = request.query as Readonly<Record<string, unknown>>;
  const { served, asked } = admitVersion(route, query);
  const path = pathOf(request);
  const depth = route.idSegments;
  const idPath = depth === undefined ? undefined : path.split('/').slice(0, depth).join('/');
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
      subscriptionId: path.split('/')[2]?.toLowerCase() ?? '',
      id: idPath === undefined ? undefined : present(parseResourceId(idPath), 'the id of a route'),
      body: request.body as Json | undefined,
    },
    rest: path
      .split('/')
      .slice(depth ?? 0)
      .join('/'),
  };
}

/** The decoded path, cleaned, without the query. A segment that decodes to a slash is no name: refused by its rule. */
export function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?');
  const raw = end === -1 ? request.url : request.url.slice(0, end);
  if (!raw.includes('%')) return cleanPath(raw);
  const decoded = cleanPath(raw)
    .split('/')
    .map((segment) => {
      const name = decodeURIComponent(segment);
      if (name.includes('/')) throw errors.invalidName(name, 'it must not contain a slash.');
      return name;
    });
  return decoded.join('/');
}

/** Scheme and host as the caller used them: the base of every URL that goes back. */
export function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

let routedSecond = '';
let routedAt = 0;

/** `EDGETWIN:20261124T180000Z:{guid}`; the stamp is made once a second. */
function routingId(requestId: string): string {
  const second = Math.floor(wallNow() / 1000);
  if (second !== routedAt) {
    const { year, month, day, hour, minute, second: s } = calendarOf(wallNow());
    const two = (value: number): string => String(value).padStart(2, '0');
    routedSecond = `EDGETWIN:${year}${two(month)}${two(day)}T${two(hour)}${two(minute)}${two(s)}Z:`;
    routedAt = second;
  }
  return routedSecond + requestId;
}

/** What is left of the hour's calls, as recorded; nothing is counted yet [rec]. */
const REMAINING: Readonly<Record<string, readonly [string, string]>> = {
  GET: ['x-ms-ratelimit-remaining-subscription-reads', '11999'],
  PUT: ['x-ms-ratelimit-remaining-subscription-writes', '1199'],
  PATCH: ['x-ms-ratelimit-remaining-subscription-writes', '1199'],
  POST: ['x-ms-ratelimit-remaining-subscription-writes', '1199'],
  DELETE: ['x-ms-ratelimit-remaining-subscription-deletes', '14999'],
};

/** The headers of every answer (arm-protocol §5.1) [rec]. */
function putHeaders(reply: FastifyReply, request: FastifyRequest): void {
  const requestId = randomUUID();
  const clientId = request.headers['x-ms-client-request-id'];
  const remaining = REMAINING[request.method];
  reply.headers({
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': request.correlationId,
    'x-ms-routing-request-id': routingId(requestId),
  });
  if (typeof clientId === 'string') reply.header('x-ms-client-request-id', clientId);
  if (remaining !== undefined) reply.header(remaining[0], remaining[1]);
}

/** Sends an answer with ARM's headers. */
export function send(reply: FastifyReply, request: FastifyRequest, answer: Answer): void {
  putHeaders(reply, request);
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.body === undefined) {
    reply.send();
    return;
  }
  reply.header('content-type', 'application/json; charset=utf-8');
  reply.send(JSON.stringify(answer.body));
}

/** Sends a refusal in the envelope; a 5xx is logged with its cause. */
function refuse(
  reply: FastifyReply,
  request: FastifyRequest,
  refused: RefusedError,
  log: Logger,
  cause?: unknown,
): void {
  if (refused.status >= 500) {
    log.error(
      { err: cause, correlationId: request.correlationId, method: request.method },
      'a request failed',
    );
  }
  const headers = { 'x-ms-failure-cause': refused.refusedBy };
  const body = envelopeOf(refused.failure) as unknown as NonNullable<Answer['body']>;
  send(reply, request, { status: refused.status, headers, body });
}

/** Whatever was thrown, as a refusal. */
function refusalOf(error: FastifyError, request: FastifyRequest): RefusedError {
  if (error instanceof RefusedError) return error;
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return errors.unsupportedMediaType(request.headers['content-type'] ?? '');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return errors.contentTooLarge(BODY_LIMIT_BYTES);
    default:
      return (error.statusCode ?? 500) < 500
        ? errors.malformedContent(error.message)
        : errors.internal(request.correlationId);
  }
}

/** What is wrong with a path that no route has: in ARM's words where the path is one of ARM's. */
function notFound<Ports>(provider: Provider<Ports>, request: FastifyRequest): RefusedError {
  let path: string;
  try {
    path = pathOf(request);
  } catch (error) {
    return error instanceof RefusedError
      ? error
      : errors.routeNotFound(request.method, request.url);
  }
  const version = askedVersion(request.query as Readonly<Record<string, unknown>>);
  const match =
    /^\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?\/providers\/([^/]+)\/(.+)$/i.exec(path);
  if (match === null) return errors.routeNotFound(request.method, path);
  if (version === undefined) return errors.missingApiVersion();
  const [, namespace = '', rest = ''] = match;
  const types = [...provider.registry.values()];
  const ofNamespace = types.filter(
    (type) => type.namespace.toLowerCase() === namespace.toLowerCase(),
  );
  if (ofNamespace.length === 0) return errors.invalidNamespace(namespace);
  const segments = rest.split('/');
  const typePath = segments.filter((_, index) => index % 2 === 0).join('/');
  const known = ofNamespace.find(
    (type) => typeKey(type) === `${namespace}/${typePath}`.toLowerCase(),
  );
  if (known !== undefined) return errors.methodNotAllowed(request.method, path);
  return errors.invalidResourceType(typePath, namespace, version, []);
}
