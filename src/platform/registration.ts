/**
 * Provider registration and the life cycle of subscriptions. Both are enforced by hooks, for the requests of every type
 * (arm-protocol §6.3, §7).
 */
import { errors } from '#arm/errors.ts';
import type { Answer } from '#arm/polling.ts';
import type { Hook, Provider } from '#arm/provider.ts';
import { namespaceOfType } from '#shared/arm-id.ts';
import { minutes, plus } from '#shared/instant.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { addRegistration, registeredAt, removeRegistration } from '#store/registrations.ts';
import {
  addSubscription,
  setSubscriptionState,
  type SubscriptionState,
  subscriptionState,
} from '#store/subscriptions.ts';
import type { PlatformCall } from '#arm/platform-route.ts';
import { deleteSubscription, isBeingDeleted } from './subscription-deletion.ts';
import { writeConsistently } from '#store/read-set.ts';

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
  await writeConsistently(database, async (writer) =>
    addRegistration(writer, { subscriptionId, namespace, completeAt }),
  );
}

export async function unregister(
  { database }: Provider,
  subscriptionId: string,
  namespace: string,
): Promise<void> {
  await writeConsistently(database, async (writer) =>
    removeRegistration(writer, subscriptionId, namespace),
  );
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
    const namespace = namespaceOfType(type ?? '');
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
 * same body; every transition and unknown members are accepted, except that a deleted subscription does not come back before
 * everything that was in it is gone. Its deletion removes all its resources and ends its billing (subscription-deletion.ts).
 */
export async function putLifeCycle(provider: Provider, call: PlatformCall): Promise<Answer> {
  const state = stateIn(call.body);
  const { database, clock } = provider;
  const { subscriptionId, correlationId } = call;
  await database.write(async (writer) => {
    const isGoing = await isBeingDeleted(writer, subscriptionId);
    if (isGoing && state !== 'Deleted') throw errors.subscriptionBeingDeleted(subscriptionId);
    await addSubscription(writer, subscriptionId, clock.now());
    await setSubscriptionState(writer, subscriptionId, state);
    if (state !== 'Deleted' || isGoing) return;
    await deleteSubscription(provider, writer, { subscriptionId, correlationId });
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
