/** The hooks for requests that a running deployment makes; it has no caller, so that access was checked at its start. */
import { admitByHooks, admitSubscription } from '#arm/admission.ts';
import type { IncomingRequest, Provider } from '#arm/provider.ts';
import { parseEnclosing } from '#shared/arm-id.ts';

/** Refuses what a lock, the registration or the subscription's life cycle forbids. */
export async function admitWrite(
  provider: Provider,
  { id, type }: { readonly id: string; readonly type: string },
): Promise<void> {
  const incoming = writeOf(id, type);
  await admitSubscription(provider, incoming.subscriptionId ?? '');
  // Without a request's headers there is no caller, and the hook of access permits everything.
  await admitByHooks(provider, { ...incoming, headers: {} });
}

/** A request of a deployment as hooks see it, without headers: with those of a call it is checked for that call's caller. */
export type OwnRequest = Omit<IncomingRequest, 'headers'>;

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
