/** The platform's hooks: the checks of every request, in the order in which ARM makes them. */
import type { Hook, Provider } from '#arm/provider.ts';
import type { Identity } from '#identity/identity.ts';
import { lockHook } from './locks.ts';
import { lifeCycleHook, registrationHook } from './registration.ts';

/** Access, life cycle, registration, locks: from the widest reason of a refusal to the narrowest. */
export function platformHooks(provider: Provider, { hook }: Identity): Hook[] {
  return [
    ...(hook === undefined ? [] : [hook]),
    lifeCycleHook(provider.database),
    registrationHook(provider),
    lockHook(provider.database),
  ];
}
