/**
 * Provider registration and the life cycle of subscriptions. Both are enforced by hooks, for the requests of every type
 * (arm-protocol §6.3, §7).
 */
import { errors } from '#arm/errors.ts';
import { cascadeDelete } from '#arm/cascade-delete.ts';
import type { Answer } from '#arm/polling.ts';
import type { Hook, Provider } from '#arm/provider.ts';
import { fact } from '#shared/facts.ts';
import { minutes, plus } from '#shared/instant.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import { removeLocksBelow } from '#store/locks.ts';
import { addRegistration, registeredAt, removeRegistration } from '#store/registrations.ts';
import { listResourceGroups, removeResourceGroup } from '#store/resource-groups.ts';
import { removeResource } from '#store/resources.ts';
import { listTracked } from '#store/tracked-resources.ts';
import {
  addSubscription,
  setSubscriptionState,
  type SubscriptionState,
  subscriptionState,
} from '#store/subscriptions.ts';
import type { PlatformCall } from '#arm/platform-route.ts';

/** A registration takes "several minutes" (arc); here it takes one [ours]. */
const REGISTRATION_DURATION = minutes(1);

export type RegistrationState = 'NotRegistered' | 'Registering' | 'Registered';

const isWrite = (method: string): boolean =>
  method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

/** The state of a registration. Where registration is not enforced, every provider is registered from the start. */
export async function registrationState(
  provider: Provider,
  subscriptionId: string,
  namespace: string,
): Promise<RegistrationState> {
  if (!provider.isRegistrationEnforced) return 'Registered';
  const completeAt = await registeredAt(provider.database, subscriptionId, namespace);
  if (completeAt === undefined) return 'NotRegistered';
  return completeAt <= provider.clock.now() ? 'Registered' : 'Registering';
}

export async function register(
  { database, clock }: Provider,
  subscriptionId: string,
  namespace: string,
): Promise<void> {
  const completeAt = plus(clock.now(), REGISTRATION_DURATION);
  await database.write(async (writer) =>
    addRegistration(writer, { subscriptionId, namespace, completeAt }),
  );
}

export async function unregister(
  { database }: Provider,
  subscriptionId: string,
  namespace: string,
): Promise<void> {
  await database.write(async (writer) => removeRegistration(writer, subscriptionId, namespace));
}

/** Refuses writes to a provider that the subscription has not registered, where that is enforced. */
export function registrationHook(provider: Provider): Hook {
  const namespaces = new Set([...provider.registry.values()].map((type) => type.namespace));
  const check = async (subscriptionId: string, namespace: string): Promise<void> => {
    const state = await registrationState(provider, subscriptionId, namespace);
    if (state !== 'Registered') throw errors.missingRegistration(namespace);
  };
  return ({ method, subscriptionId, type }) => {
    if (!isWrite(method) || subscriptionId === undefined) return undefined;
    const namespace = type?.split('/')[0] ?? '';
    return namespaces.has(namespace) ? check(subscriptionId, namespace) : undefined;
  };
}

/**
 * Refuses writes other than deletions in warned and suspended subscriptions, all writes in unregistered ones, and every
 * request in deleted ones [rpc].
 */
export function lifeCycleHook(database: Database): Hook {
  return async ({ method, subscriptionId, type }) => {
    if (subscriptionId === undefined || type === SUBSCRIPTION_TYPE) return;
    const state = await subscriptionState(database, subscriptionId);
    switch (state) {
      case 'Deleted':
        throw errors.subscriptionNotFound(subscriptionId);
      case 'Warned':
      case 'Suspended':
        if (isWrite(method) && method !== 'DELETE') {
          throw errors.readOnlySubscription(subscriptionId);
        }
        return;
      case 'Unregistered':
        if (isWrite(method)) throw errors.readOnlySubscription(subscriptionId);
        return;
      case 'Registered':
      case undefined:
    }
  };
}

/** The type of subscriptions themselves, whose own requests the life cycle does not refuse. */
export const SUBSCRIPTION_TYPE = 'Microsoft.Resources/subscriptions';

const STATES: readonly SubscriptionState[] = [
  'Registered',
  'Unregistered',
  'Warned',
  'Suspended',
  'Deleted',
];

/**
 * `PUT /subscriptions/{id}?api-version=2.0`, by which ARM notifies providers of a subscription's state. Answers 200 with the
 * same body; every transition and unknown members are accepted. The deletion of a subscription removes all its resources
 * at once and ends its billing.
 */
export async function putLifeCycle(provider: Provider, call: PlatformCall): Promise<Answer> {
  const state = stateIn(call.body);
  const { database, clock } = provider;
  const { subscriptionId: id } = call;
  await database.write(async (writer) => {
    await addSubscription(writer, id, clock.now());
    await setSubscriptionState(writer, id, state);
    if (state !== 'Deleted') return;
    for (const resource of await listTracked(writer, `/subscriptions/${id}`, {
      isWithHidden: true,
    })) {
      await cascadeDelete(provider, resource, writer);
      await removeResource(writer, resource.key);
      const subject = {
        subscriptionId: id,
        resourceKey: resource.key,
        resourceId: resource.id,
        cause: `request/${call.correlationId}`,
      };
      await appendFacts(writer, subject, [
        fact(clock.now(), 'resource.deleted', { type: resource.type }),
      ]);
    }
    for (const group of await listResourceGroups(writer, id)) {
      await removeResourceGroup(writer, group.key);
    }
    await removeLocksBelow(writer, `/subscriptions/${id}`);
  });
  return { status: 200, body: isJsonObject(call.body) ? call.body : { state } };
}

function stateIn(body: Json | undefined): SubscriptionState {
  const given = isJsonObject(body) ? body.state : undefined;
  const state = STATES.find((known) => known === given);
  if (state !== undefined) return state;
  throw errors.invalidContent([
    { target: 'state', message: `The value of 'state' must be one of: ${STATES.join(', ')}.` },
  ]);
}
