/** Subscriptions, tenants, locations and resource providers (arm-protocol §6.3). */
import { errors } from '#arm/errors.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { Answer } from '#arm/polling.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Provider } from '#arm/provider.ts';
import { tenantOf } from '#arm/tenant.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  listSubscriptions,
  type SubscriptionState,
  subscriptionState,
} from '#store/subscriptions.ts';
import type { Access } from '#identity/access/access.ts';
import {
  putLifeCycle,
  register,
  registrationState,
  SUBSCRIPTION_TYPE,
  unregister,
} from './registration.ts';

/** The values of `subscription.state` for the stored states [inf]. */
const PUBLIC_STATES: Readonly<Record<SubscriptionState, string>> = {
  Registered: 'Enabled',
  Unregistered: 'Disabled',
  Warned: 'Warned',
  Suspended: 'Disabled',
  Deleted: 'Deleted',
};

function subscriptionView(id: string, state: SubscriptionState, seed: string): JsonObject {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: tenantOf(seed),
    displayName: `Edgetwin ${id.slice(0, 8)}`,
    state: PUBLIC_STATES[state],
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionPolicies: {
      locationPlacementId: 'Internal_2014-09-01',
      quotaId: 'Internal_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

/** The subscriptions in which the caller has a role. In an open service a subscription exists from its first use on. */
async function subscriptionPage(
  { database, seed }: Provider,
  access: Access,
  { caller, query, url }: PlatformCall,
): Promise<Answer> {
  const { limit, after } = pageOf(query);
  const seesAll = caller === undefined || access.seesEverySubscription(caller.objectId);
  const rows = await listSubscriptions(database.reader, {
    ...(seesAll ? {} : { principalId: caller.objectId }),
    ...(after === undefined ? {} : { after: lastSegmentOf(after) }),
    limit: limit + 1,
  });
  const { shown, next } = cutToPage(rows, { limit, url }, ({ id }) => `/subscriptions/${id}`);
  const value = shown.map(({ id, state }) => subscriptionView(id, state, seed));
  return { status: 200, body: { value, ...next } };
}

async function subscriptionAnswer({ database, seed }: Provider, id: string): Promise<Answer> {
  const state = (await subscriptionState(database, id)) ?? 'Registered';
  return { status: 200, body: subscriptionView(id, state, seed) };
}

/** A namespace with its types and the state of its registration in the subscription. */
async function providerView(
  provider: Provider,
  subscriptionId: string,
  namespace: string,
): Promise<JsonObject> {
  const types = [...provider.registry.values()].filter((type) => type.namespace === namespace);
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationState: await registrationState(provider, subscriptionId, namespace),
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: types.map((type) => ({
      resourceType: type.type,
      locations: [...(type.locations ?? [])],
      apiVersions: [...type.versions.versions],
      capabilities: type.locations === undefined ? 'None' : 'SupportsTags, SupportsLocation',
    })),
  };
}

const namespacesOf = (provider: Provider): string[] => [
  ...new Set([...provider.registry.values()].map((type) => type.namespace)),
];

/** The namespace in the path, in its registered casing; refuses an unknown one. */
function namespaceIn(provider: Provider, { parameters }: PlatformCall): string {
  const given = parameters.namespace ?? '';
  const known = namespacesOf(provider).find(
    (namespace) => namespace.toLowerCase() === given.toLowerCase(),
  );
  if (known === undefined) throw errors.invalidNamespace(given);
  return known;
}

async function providersAnswer(
  provider: Provider,
  { subscriptionId }: PlatformCall,
): Promise<Answer> {
  const value = await Promise.all(
    namespacesOf(provider).map(async (name) => providerView(provider, subscriptionId, name)),
  );
  return { status: 200, body: { value } };
}

async function providerAnswer(provider: Provider, call: PlatformCall): Promise<Answer> {
  const namespace = namespaceIn(provider, call);
  return { status: 200, body: await providerView(provider, call.subscriptionId, namespace) };
}

const SUBSCRIPTIONS = SUBSCRIPTION_TYPE;
const PROVIDERS = 'Microsoft.Resources/subscriptions/providers';

/** The regions: name and display name. */
const REGIONS: readonly (readonly [name: string, displayName: string])[] = [
  ['eastus', 'East US'],
  ['westus', 'West US'],
  ['westus2', 'West US 2'],
  ['westeurope', 'West Europe'],
  ['southeastasia', 'Southeast Asia'],
  ['eastus2euap', 'East US 2 EUAP'],
  ['centraluseuap', 'Central US EUAP'],
];

/** Their names. */
export const REGION_NAMES: readonly string[] = REGIONS.map(([name]) => name);

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

const ONE = '/subscriptions/:subscriptionId';

/** Tenants, subscriptions, their locations and life cycle. */
export function subscriptionRoutes(provider: Provider, access: Access): PlatformRoute[] {
  const { seed } = provider;
  const read = { method: 'GET', permission: 'read', type: SUBSCRIPTIONS } as const;
  return [
    ...providerRoutes(provider),
    {
      ...read,
      path: '/tenants',
      summary: 'Lists the tenants; there is one.',
      carryOut: async () => tenantsAnswer(seed),
    },
    {
      ...read,
      path: '/subscriptions',
      summary: 'Lists the subscriptions that exist.',
      carryOut: async (call) => await subscriptionPage(provider, access, call),
    },
    {
      ...read,
      path: ONE,
      summary: 'Shows a subscription.',
      carryOut: async ({ subscriptionId }) => await subscriptionAnswer(provider, subscriptionId),
    },
    {
      method: 'PUT',
      permission: 'write',
      type: SUBSCRIPTIONS,
      path: ONE,
      summary: "Changes a subscription's state: {state}; api-version 2.0.",
      carryOut: async (call) => await putLifeCycle(provider, call),
    },
    {
      ...read,
      path: `${ONE}/locations`,
      summary: 'Lists the regions.',
      carryOut: async ({ subscriptionId }) => locationsAnswer(subscriptionId),
    },
  ];
}

function providerRoutes(provider: Provider): PlatformRoute[] {
  const one = `${ONE}/providers/:namespace`;
  const type = PROVIDERS;
  return [
    {
      type,
      method: 'GET',
      permission: 'read',
      path: `${ONE}/providers`,
      summary: 'Lists the resource providers.',
      carryOut: async (call) => await providersAnswer(provider, call),
    },
    {
      type,
      method: 'GET',
      permission: 'read',
      path: one,
      summary: 'Shows a resource provider and its types.',
      carryOut: async (call) => await providerAnswer(provider, call),
    },
    {
      type,
      method: 'POST',
      permission: 'register/action',
      path: `${one}/register`,
      summary: 'Registers a resource provider.',
      carryOut: async (call) => {
        await register(provider, call.subscriptionId, namespaceIn(provider, call));
        return await providerAnswer(provider, call);
      },
    },
    {
      type,
      method: 'POST',
      permission: 'unregister/action',
      path: `${one}/unregister`,
      summary: 'Unregisters a resource provider.',
      carryOut: async (call) => {
        await unregister(provider, call.subscriptionId, namespaceIn(provider, call));
        return await providerAnswer(provider, call);
      },
    },
  ];
}
