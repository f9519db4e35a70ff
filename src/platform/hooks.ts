/** The platform's checks on every request, in the order in which ARM would make them. One list. */
import type { Hook, Provider } from '#arm/provider.ts';
import { lockHook } from './locks.ts';
import { lifeCycleHook, registrationHook } from './registration.ts';

/** Life cycle → registration → locks: the wider the reason, the earlier it is told. */
export function platformHooks<Ports>(provider: Provider<Ports>): Hook[] {
  return [
    lifeCycleHook(provider.database),
    registrationHook(provider),
    lockHook(provider.database),
  ];
}
