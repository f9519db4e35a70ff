/** Subscriptions and providers as clients look them up before and around their work (arm-protocol §6.3). */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { ResourceType } from '#arm/resource-type.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import { listSubscriptions } from '#store/subscriptions.ts';

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
export async function subscriptionList(database: Database, seed: string): Promise<Answer> {
  const rows = await listSubscriptions(database.reader);
  return { status: 200, body: { value: rows.map((row) => subscriptionView(row.id, seed)) } };
}

export function subscriptionAnswer(id: string, seed: string): Answer {
  return { status: 200, body: subscriptionView(id.toLowerCase(), seed) };
}

/** One provider with its types, or all of them: every namespace of the list is registered from the start. */
export function providersAnswer(
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
