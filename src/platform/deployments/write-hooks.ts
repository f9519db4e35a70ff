/** The platform's checks on what a running deployment writes: those that need no caller, since there is none any more. */
import { admitSubscription } from '#arm/admission.ts';
import type { Arrival, Provider } from '#arm/provider.ts';
import { lockHook } from '../locks.ts';
import { lifeCycleHook, registrationHook } from '../registration.ts';

/** Refuses what a lock, the registration or the subscription's life cycle forbids. */
export async function admitWrite<Ports>(
  provider: Provider<Ports>,
  { id, type }: { readonly id: string; readonly type: string },
): Promise<void> {
  const arrival = writeOf(id, type);
  await admitSubscription(provider, arrival.subscriptionId ?? '');
  const hooks = [
    lifeCycleHook(provider.database),
    registrationHook(provider),
    lockHook(provider.database),
  ];
  for (const hook of hooks) await hook(arrival);
}

/** A PUT of `id`, as the hooks see it; whose headers they are is the caller's to say. */
export function writeOf(id: string, type: string): Arrival {
  const segments = id.split('/');
  const isGroup = segments[3]?.toLowerCase() === 'resourcegroups';
  return {
    method: 'PUT',
    path: id,
    headers: {},
    subscriptionId: segments[2]?.toLowerCase(),
    resourceGroup: isGroup ? segments[4] : undefined,
    type,
    permission: 'write',
  };
}
