/** Mounts the platform's routes: what ARM itself offers around a provider. Mounted by `doors.ts` on the provider's door. */
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { admitByHooks, admitSubscription } from '#arm/admission.ts';
import { admitted, carriedOut, hasBody, originOf, pathOf, respond } from '#arm/door.ts';
import { errors } from '#arm/errors.ts';
import type { IncomingRequest, Provider } from '#arm/provider.ts';
import { actorOf } from '#arm/system-data.ts';
import { askedVersion, PLATFORM_VERSIONS } from '#arm/versions.ts';
import type { Json } from '#shared/json.ts';
import { mountBatch } from './batch.ts';
import { documentOf } from './documented-bodies.ts';
import { emptyListRoutes } from './empty-lists.ts';
import { exportTemplateRoutes } from './export-template.ts';
import { genericResourceRoutes } from './generic-resources.ts';
import type { Identity } from '#identity/identity.ts';
import { lockRoutes } from './locks.ts';
import { moveRoutes } from './move.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { pollRoute } from './polls.ts';
import { resourceGroupRoutes } from './resource-groups.ts';
import { subscriptionRoutes } from './subscriptions.ts';
import { tagNameRoutes } from './tag-names.ts';
import { tagRoutes } from './tags.ts';

type Parameters = Readonly<Record<string, string>>;
type Query = Readonly<Record<string, unknown>>;

export interface PlatformParts {
  readonly identity: Identity;
  /** Routes of other rooms, which are mounted in the same way after the platform's own. */
  readonly routes: readonly PlatformRoute[];
}

/** Mounts every route of the platform. */
export function mountPlatform(
  door: FastifyInstance,
  provider: Provider,
  parts: PlatformParts,
): void {
  for (const route of [...platformRoutes(provider, parts.identity), ...parts.routes]) {
    door.route(routeOptions(provider, parts, route));
  }
  mountBatch(door);
}

function routeOptions(
  provider: Provider,
  { identity }: PlatformParts,
  route: PlatformRoute,
): RouteOptions {
  return {
    method: route.method,
    url: route.path,
    schema: documentOf(route),
    // The checks come before a body is read.
    onRequest: async (request) => {
      admitPlatformVersion(provider, request);
      if (hasBody(route.method)) {
        await admitted(request, async () => admit(provider, route, request));
      }
    },
    handler: (request, reply) => {
      const caller = identity.callers?.admitted(request.headers);
      const call: PlatformCall = {
        ...callOf(request),
        caller,
        admit: async (other) =>
          await admitByHooks(provider, { ...other, headers: request.headers }),
      };
      respond(reply, request, async () =>
        carriedOut(request, {
          check: async () => admit(provider, route, request),
          work: async () => route.carryOut(call),
        }),
      );
    },
  };
}

async function admit(
  provider: Provider,
  route: PlatformRoute,
  request: FastifyRequest,
): Promise<void> {
  const { subscriptionId } = request.params as Parameters;
  if (subscriptionId !== undefined) await admitSubscription(provider, subscriptionId);
  await admitByHooks(provider, incomingRequestOf(route, request));
}

/** Every route of the platform, in one list. */
function platformRoutes(provider: Provider, { access }: Identity): PlatformRoute[] {
  return [
    ...subscriptionRoutes(provider, access),
    ...resourceGroupRoutes(provider),
    ...moveRoutes(provider),
    pollRoute(provider),
    ...genericResourceRoutes(provider),
    ...tagRoutes(provider),
    ...tagNameRoutes(provider),
    ...lockRoutes(provider),
    ...exportTemplateRoutes(provider),
    ...emptyListRoutes(),
  ];
}

function incomingRequestOf(route: PlatformRoute, request: FastifyRequest): IncomingRequest {
  const parameters = request.params as Parameters;
  return {
    method: request.method,
    path: pathOf(request),
    headers: request.headers,
    subscriptionId: parameters.subscriptionId?.toLowerCase(),
    resourceGroup: parameters.resourceGroupName,
    type: route.type,
    permission: route.permission,
  };
}

function callOf(request: FastifyRequest): Omit<PlatformCall, 'caller' | 'admit'> {
  const parameters = request.params as Parameters;
  const origin = originOf(request);
  return {
    parameters,
    subscriptionId: parameters.subscriptionId?.toLowerCase() ?? '',
    path: pathOf(request),
    query: request.query as Query,
    body: request.body as Json | undefined,
    bodyText: request.bodyText,
    origin,
    url: origin + request.url,
    correlationId: request.correlationId,
    actor: actorOf(request.headers.authorization),
  };
}

/** The first year of Resource Manager, and the last one whose versions a client of today can know `[ours]`. */
const [FIRST_VERSION, LAST_VERSION] = ['2014-01-01', '2027-12-31'];

/**
 * Accepts every api-version that ARM may have, since clients of any age use these routes (arm-protocol §6.3): a date from its
 * first year on, and no date that is still to come, but with loose versions.
 */
function admitPlatformVersion({ hasLooseVersions }: Provider, request: FastifyRequest): void {
  const asked = askedVersion(request.query as Query);
  if (asked === undefined) throw errors.missingApiVersion();
  // ARM uses 2.0 for the life cycle of subscriptions [rpc].
  if (asked === '2.0') return;
  const isKnown =
    /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(asked) &&
    asked >= FIRST_VERSION &&
    (asked.slice(0, 10) <= LAST_VERSION || hasLooseVersions);
  if (!isKnown) throw errors.invalidApiVersion(asked, PLATFORM_VERSIONS, asked > LAST_VERSION);
}
