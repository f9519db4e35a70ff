/** Subscriptions, tenants, locations and providers, as clients look them up around their work (arm-protocol §6.3). */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { Provider } from '#arm/provider.ts';
import type { ResourceType } from '#arm/resource-type.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import { listSubscriptions } from '#store/subscriptions.ts';
import type { PlatformRoute } from './platform-route.ts';

/** The tenant of the world: one, drawn from its seed. */
export const tenantOf = (seed: string): string => guid(seed, 'tenant');

function subscriptionView(id: string, seed: string): JsonObject {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: tenantOf(seed),
    displayName: `Edgetwin ${id.slice(0, 8)}`,
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionPolicies: {
      locationPlacementId: 'Internal_2014-09-01',
      quotaId: 'Internal_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

/** Those that have come into being. */
async function subscriptionList(database: Database, seed: string): Promise<Answer> {
  const rows = await listSubscriptions(database.reader);
  return { status: 200, body: { value: rows.map((row) => subscriptionView(row.id, seed)) } };
}

function subscriptionAnswer(id: string, seed: string): Answer {
  return { status: 200, body: subscriptionView(id.toLowerCase(), seed) };
}

/** One provider with its types, or all of them: every namespace of the list is registered from the start. */
function providersAnswer(
  subscriptionId: string,
  types: readonly Pick<ResourceType<never>, 'namespace' | 'type' | 'versions' | 'locations'>[],
  namespace?: string,
): Answer {
  const namespaces = [...new Set(types.map((type) => type.namespace))];
  const views = namespaces
    .filter((name) => namespace === undefined || name.toLowerCase() === namespace.toLowerCase())
    .map((name) => ({
      id: `/subscriptions/${subscriptionId}/providers/${name}`,
      namespace: name,
      registrationState: 'Registered',
      registrationPolicy: 'RegistrationRequired',
      resourceTypes: types
        .filter((type) => type.namespace === name)
        .map((type) => ({
          resourceType: type.type,
          locations: [...(type.locations ?? [])],
          apiVersions: [...type.versions.versions],
          capabilities: type.locations === undefined ? 'None' : 'SupportsTags, SupportsLocation',
        })),
    }));
  if (namespace === undefined) return { status: 200, body: { value: views } };
  const [view] = views;
  if (view === undefined) throw errors.invalidNamespace(namespace);
  return { status: 200, body: view };
}

const SUBSCRIPTIONS = 'Microsoft.Resources/subscriptions';
const PROVIDERS = 'Microsoft.Resources/subscriptions/providers';

/** The regions that clients may ask about: name and what people call it. */
const REGIONS: readonly (readonly [name: string, displayName: string])[] = [
  ['eastus', 'East US'],
  ['westus', 'West US'],
  ['westeurope', 'West Europe'],
  ['southeastasia', 'Southeast Asia'],
  ['eastus2euap', 'East US 2 EUAP'],
  ['centraluseuap', 'Central US EUAP'],
];

function locationsAnswer(subscriptionId: string): Answer {
  const value = REGIONS.map(([name, displayName]) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: 'Region',
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
  }));
  return { status: 200, body: { value } };
}

function tenantsAnswer(seed: string): Answer {
  const tenantId = tenantOf(seed);
  const tenant = {
    id: `/tenants/${tenantId}`,
    tenantId,
    displayName: 'Edgetwin',
    defaultDomain: 'edgetwin.onmicrosoft.com',
    tenantCategory: 'Home',
  };
  return { status: 200, body: { value: [tenant] } };
}

/** Tenants, subscriptions, their locations and providers. */
export function subscriptionRoutes<Ports>(provider: Provider<Ports>): PlatformRoute[] {
  const { database, seed } = provider;
  const types = [...provider.registry.values()];
  const read = { method: 'GET', permission: 'read', type: SUBSCRIPTIONS } as const;
  const one = '/subscriptions/:subscriptionId';
  const oneProvider = `${one}/providers/:namespace`;
  const showProvider: PlatformRoute['carryOut'] = async ({ subscriptionId, parameters }) =>
    providersAnswer(subscriptionId, types, parameters.namespace);
  return [
    {
      ...read,
      path: '/tenants',
      summary: 'Lists the tenants: one.',
      carryOut: async () => tenantsAnswer(seed),
    },
    {
      ...read,
      path: '/subscriptions',
      summary: 'Lists the subscriptions that exist.',
      carryOut: async () => await subscriptionList(database, seed),
    },
    {
      ...read,
      path: one,
      summary: 'Shows a subscription.',
      carryOut: async ({ subscriptionId }) => subscriptionAnswer(subscriptionId, seed),
    },
    {
      ...read,
      path: `${one}/locations`,
      summary: 'Lists the regions.',
      carryOut: async ({ subscriptionId }) => locationsAnswer(subscriptionId),
    },
    {
      ...read,
      type: PROVIDERS,
      path: `${one}/providers`,
      summary: 'Lists the resource providers.',
      carryOut: async ({ subscriptionId }) => providersAnswer(subscriptionId, types),
    },
    {
      ...read,
      type: PROVIDERS,
      path: oneProvider,
      summary: 'Shows a resource provider and its types.',
      carryOut: showProvider,
    },
    {
      method: 'POST',
      permission: 'register/action',
      type: PROVIDERS,
      path: `${oneProvider}/register`,
      summary: 'Registers a resource provider; all of ours are registered already.',
      carryOut: showProvider,
    },
  ];
}
