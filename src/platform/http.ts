/** The door of the platform: what ARM itself offers around a provider. Mounted by `app.ts` on the provider's door. */
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { admitSubscription, type KnownSubscriptions } from '#arm/admission.ts';
import { errors } from '#arm/errors.ts';
import { send } from '#arm/door.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { askedVersion, PLATFORM_VERSIONS } from '#arm/versions.ts';
import type { Json } from '#shared/json.ts';
import { ResourceGroups } from './resource-groups.ts';
import { providersAnswer, subscriptionAnswer, subscriptionList } from './subscriptions.ts';

type Parameters = Readonly<Record<string, string>>;

interface PlatformRoute {
  readonly method: HTTPMethods;
  readonly path: string;
  readonly summary: string;
  carryOut(parameters: Parameters, body: Json | undefined): Promise<Answer>;
}

const GROUPS = '/subscriptions/:subscriptionId/resourceGroups';

/** Mounts subscriptions, providers and resource groups. */
export function mountPlatform<Ports>(app: FastifyInstance, provider: Provider<Ports>): void {
  const known: KnownSubscriptions = new Set();
  for (const route of [...subscriptionRoutes(provider), ...groupRoutes(provider)]) {
    app.route({
      method: route.method,
      url: route.path,
      schema: { tags: ['Microsoft.Resources'], summary: route.summary },
      onRequest: async (request) => {
        admitPlatformVersion(request);
        const { subscriptionId } = request.params as Parameters;
        if (subscriptionId !== undefined) await admitSubscription(provider, known, subscriptionId);
      },
      handler: async (request, reply) => {
        const parameters = request.params as Parameters;
        const body = request.body as Json | undefined;
        send(reply, request, await route.carryOut(parameters, body));
        return reply;
      },
    });
  }
}

/** Every plausible date is served: clients of all ages look around here (arm-protocol §6.3). */
function admitPlatformVersion(request: FastifyRequest): void {
  const asked = askedVersion(request.query as Readonly<Record<string, unknown>>);
  if (asked === undefined) throw errors.missingApiVersion();
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(asked)) {
    throw errors.invalidApiVersion(asked, PLATFORM_VERSIONS);
  }
}

const idIn = (parameters: Parameters): string => parameters.subscriptionId?.toLowerCase() ?? '';

function subscriptionRoutes<Ports>(provider: Provider<Ports>): PlatformRoute[] {
  const { database, seed } = provider;
  const types = [...provider.registry.values()];
  return [
    {
      method: 'GET',
      path: '/subscriptions',
      summary: 'Lists the subscriptions that exist.',
      carryOut: async () => await subscriptionList(database, seed),
    },
    {
      method: 'GET',
      path: '/subscriptions/:subscriptionId',
      summary: 'Shows a subscription.',
      carryOut: async (parameters) => subscriptionAnswer(idIn(parameters), seed),
    },
    {
      method: 'GET',
      path: '/subscriptions/:subscriptionId/providers',
      summary: 'Lists the resource providers.',
      carryOut: async (parameters) => providersAnswer(idIn(parameters), types),
    },
    {
      method: 'GET',
      path: '/subscriptions/:subscriptionId/providers/:namespace',
      summary: 'Shows a resource provider and its types.',
      carryOut: async (parameters) =>
        providersAnswer(idIn(parameters), types, parameters.namespace),
    },
    {
      method: 'POST',
      path: '/subscriptions/:subscriptionId/providers/:namespace/register',
      summary: 'Registers a resource provider; all of ours are registered already.',
      carryOut: async (parameters) =>
        providersAnswer(idIn(parameters), types, parameters.namespace),
    },
  ];
}

function groupRoutes<Ports>({ database, clock }: Provider<Ports>): PlatformRoute[] {
  const groups = new ResourceGroups(database, () => clock.now());
  const name = (parameters: Parameters): string => parameters.resourceGroupName ?? '';
  const one = `${GROUPS}/:resourceGroupName`;
  return [
    {
      method: 'GET',
      path: GROUPS,
      summary: 'Lists the resource groups of a subscription.',
      carryOut: async (parameters) => await groups.list(idIn(parameters)),
    },
    {
      method: 'PUT',
      path: one,
      summary: 'Creates or replaces a resource group.',
      carryOut: async (parameters, body) =>
        await groups.put(idIn(parameters), name(parameters), body),
    },
    {
      method: 'PATCH',
      path: one,
      summary: 'Changes a resource group.',
      carryOut: async (parameters, body) =>
        await groups.patch(idIn(parameters), name(parameters), body),
    },
    {
      method: 'GET',
      path: one,
      summary: 'Shows a resource group.',
      carryOut: async (parameters) => await groups.get(idIn(parameters), name(parameters)),
    },
    {
      method: 'HEAD',
      path: one,
      summary: 'Tells whether a resource group exists.',
      carryOut: async (parameters) => await groups.head(idIn(parameters), name(parameters)),
    },
    {
      method: 'DELETE',
      path: one,
      summary: 'Deletes an empty resource group.',
      carryOut: async (parameters) => await groups.remove(idIn(parameters), name(parameters)),
    },
  ];
}
