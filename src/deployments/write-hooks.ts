/** The platform's checks on what a running deployment writes: those that need no caller, since there is none any more. */
import { admitByHooks, admitSubscription } from '#arm/admission.ts';
import type { Arrival, Provider } from '#arm/provider.ts';
import { parseEnclosing } from '#shared/arm-id.ts';

/** Refuses what a lock, the registration or the subscription's life cycle forbids. */
export async function admitWrite(
  provider: Provider,
  { id, type }: { readonly id: string; readonly type: string },
): Promise<void> {
  const arrival = writeOf(id, type);
  await admitSubscription(provider, arrival.subscriptionId ?? '');
  // Headers of no request: access has nobody to refuse.
  await admitByHooks(provider, { ...arrival, headers: {} });
}

/** A request as the hooks see it; whose it is, the caller of the deployment or nobody, is to be said by the headers. */
export type OwnRequest = Omit<Arrival, 'headers'>;

/** A PUT of `id`. */
export const writeOf = (id: string, type: string): OwnRequest => ({
  ...requestOf(id, type, ''),
  method: 'PUT',
  permission: 'write',
});

/** A GET of `id`, or a POST of its action. */
export function requestOf(id: string, type: string, action: string): OwnRequest {
  const enclosing = parseEnclosing(id);
  return {
    method: action === '' ? 'GET' : 'POST',
    path: id,
    subscriptionId: enclosing?.subscriptionId,
    resourceGroup: enclosing?.resourceGroup,
    type,
    permission: action === '' ? 'read' : `${action}/action`,
  };
}
