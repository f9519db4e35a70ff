/** The poll URL of the platform's own operations: `/subscriptions/{s}/operationresults/{id}` (arm-protocol §6.4). */
import { errors } from '#arm/errors.ts';
import { isGuid } from '#arm/names.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { subscriptionIdOf } from '#shared/arm-id.ts';
import { envelopeOf } from '#shared/envelope.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import type { PlatformRoute } from '#arm/platform-route.ts';

/** [mem] */
const RETRY_AFTER_S = 15;

/** The 202 of a running operation, with its poll URL. */
export function runningAnswer(
  { clock }: Provider,
  operation: OperationRow,
  origin: string,
): Answer {
  const subscription = subscriptionIdOf(operation.resourceKey);
  const wait = clock.isFrozen ? 1 : Math.max(1, Math.ceil(RETRY_AFTER_S / clock.rate));
  return {
    status: 202,
    headers: {
      location: `${origin}/subscriptions/${subscription}/operationresults/${operation.id}?api-version=2021-04-01`,
      'retry-after': String(wait),
    },
  };
}

/** 202 while the operation runs, then 200 (204 for a move) without a body, or its failure. */
export function pollRoute(provider: Provider): PlatformRoute {
  return {
    type: 'Microsoft.Resources/subscriptions/operationresults',
    path: '/subscriptions/:subscriptionId/operationresults/:operationId',
    method: 'GET',
    permission: 'read',
    summary: 'Polls the deletion of a resource group or a move.',
    carryOut: async ({ subscriptionId, origin, parameters }) => {
      const id = parameters.operationId ?? '';
      const operation = isGuid(id) ? await findOperation(provider.database, id) : undefined;
      const isOurs =
        operation?.type.startsWith('microsoft.resources/') === true &&
        operation.resourceKey.startsWith(`/subscriptions/${subscriptionId}/`);
      if (!isOurs) throw errors.operationNotFound();
      if (operation.status === 'Running') return runningAnswer(provider, operation, origin);
      if (operation.failure === undefined) {
        return { status: operation.verb === 'delete' ? 200 : 204 };
      }
      return { status: 409, body: envelopeOf(operation.failure) };
    },
  };
}
