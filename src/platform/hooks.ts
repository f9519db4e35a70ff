/** The platform's checks on every request, in the order in which ARM would make them. One list. */
import type { Hook, Provider } from '#arm/provider.ts';
import type { Identity } from '#identity/identity.ts';
import { lockHook } from './locks.ts';
import { lifeCycleHook, registrationHook } from './registration.ts';

/** Access → life cycle → registration → locks: the wider the reason, the earlier it is told. */
export function platformHooks(provider: Provider, { hook }: Identity): Hook[] {
  return [
    ...(hook === undefined ? [] : [hook]),
    lifeCycleHook(provider.database),
    registrationHook(provider),
    lockHook(provider.database),
  ];
}
