/** The door of the platform: what ARM itself offers around a provider. Mounted by `app.ts` on the provider's door. */
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { admitByHooks, admitSubscription } from '#arm/admission.ts';
import { originOf, pathOf, send } from '#arm/door.ts';
import { errors } from '#arm/errors.ts';
import type { Arrival, Provider } from '#arm/provider.ts';
import { askedVersion, PLATFORM_VERSIONS } from '#arm/versions.ts';
import type { Json } from '#shared/json.ts';
import { roleAssignmentRoutes } from './access/role-assignments.ts';
import { roleDefinitionRoutes } from './access/role-definitions.ts';
import { genericResourceRoutes } from './generic-resources.ts';
import type { Identity } from './identity.ts';
import { lockRoutes } from './locks.ts';
import { moveRoutes } from './move.ts';
import type { PlatformCall, PlatformRoute } from './platform-route.ts';
import { pollRoute } from './polls.ts';
import { resourceGroupRoutes } from './resource-groups.ts';
import { subscriptionRoutes } from './subscriptions.ts';
import { tagRoutes } from './tags.ts';

type Parameters = Readonly<Record<string, string>>;
type Query = Readonly<Record<string, unknown>>;

/** Mounts every route of the platform. */
export function mountPlatform<Ports>(
  app: FastifyInstance,
  provider: Provider<Ports>,
  identity: Identity,
): void {
  for (const route of platformRoutes(provider, identity)) {
    app.route({
      method: route.method,
      url: route.path,
      schema: { tags: [route.type.split('/')[0] ?? ''], summary: route.summary },
      onRequest: async (request) => {
        admitPlatformVersion(request);
        const { subscriptionId } = request.params as Parameters;
        if (subscriptionId !== undefined) await admitSubscription(provider, subscriptionId);
        await admitByHooks(provider, arrivalOf(route, request));
      },
      handler: async (request, reply) => {
        const caller = identity.callers?.admitted(request.headers);
        send(reply, request, await route.carryOut({ ...callOf(request), caller }));
        return reply;
      },
    });
  }
}

/** Every route of the platform, in one list. */
function platformRoutes<Ports>(provider: Provider<Ports>, { access }: Identity): PlatformRoute[] {
  const { database, clock } = provider;
  const roleParts = { database, now: () => clock.now() };
  return [
    ...subscriptionRoutes(provider, access),
    ...resourceGroupRoutes(provider),
    ...moveRoutes(provider),
    pollRoute(provider),
    ...genericResourceRoutes(provider),
    ...tagRoutes(provider),
    ...lockRoutes(provider),
    ...roleDefinitionRoutes(roleParts),
    ...roleAssignmentRoutes(roleParts, access),
  ];
}

function arrivalOf(route: PlatformRoute, request: FastifyRequest): Arrival {
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

function callOf(request: FastifyRequest): Omit<PlatformCall, 'caller'> {
  const parameters = request.params as Parameters;
  const origin = originOf(request);
  return {
    parameters,
    subscriptionId: parameters.subscriptionId?.toLowerCase() ?? '',
    path: pathOf(request),
    query: request.query as Query,
    body: request.body as Json | undefined,
    origin,
    url: origin + request.url,
    correlationId: request.correlationId,
  };
}

/** Every plausible date is served: clients of all ages look around here (arm-protocol §6.3). */
function admitPlatformVersion(request: FastifyRequest): void {
  const asked = askedVersion(request.query as Query);
  if (asked === undefined) throw errors.missingApiVersion();
  // 2.0 is what ARM tells a subscription's life cycle with [rpc].
  if (asked !== '2.0' && !/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(asked)) {
    throw errors.invalidApiVersion(asked, PLATFORM_VERSIONS);
  }
}
