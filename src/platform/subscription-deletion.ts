/**
 * The deletion of a subscription, which removes everything in it and ends its billing. Nothing in it is asked whether it may go: ARM
 * says so once the customer has lost the subscription [rpc]. What a first piece leaves is removed by an operation, which nobody polls.
 */
import { cascadeDelete } from '#arm/cascade-delete.ts';
import type { Provider } from '#arm/provider.ts';
import { newOperation, startOperation } from '#operations/begin.ts';
import { cutOffOperations } from '#operations/outcome.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { fact } from '#shared/facts.ts';
import type { Source, Writer } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import { isRunningOn, type OperationRow } from '#store/operations.ts';
import { removeRegistrationsOf } from '#store/registrations.ts';
import { listResourceGroups, removeResourceGroup } from '#store/resource-groups.ts';
import { removeResource } from '#store/resources.ts';
import { listTracked } from '#store/tracked-resources.ts';
import { PIECE, removeAccessAndLocks, removeDeployments } from './removal.ts';

/** The type of a deletion's stored operation. */
export const SUBSCRIPTION_DELETION_TYPE = 'microsoft.resources/subscriptions';

const keyOf = (subscriptionId: string): string => `/subscriptions/${subscriptionId}`;

/** Whether things of a deleted subscription are still being removed. `subscriptionId` is in lower case. */
export async function isBeingDeleted(source: Source, subscriptionId: string): Promise<boolean> {
  return await isRunningOn(source, {
    type: SUBSCRIPTION_DELETION_TYPE,
    key: keyOf(subscriptionId),
  });
}

/** Removes a first piece, and begins the operation that removes the rest. Part of the transaction that marks it as deleted. */
export async function deleteSubscription(
  provider: Provider,
  writer: Writer,
  {
    subscriptionId,
    correlationId,
  }: { readonly subscriptionId: string; readonly correlationId: string },
): Promise<void> {
  const cause = `request/${correlationId}`;
  if (await removePiece(provider, writer, { subscriptionId, cause, operationId: undefined }))
    return;
  const now = provider.clock.now();
  const key = keyOf(subscriptionId);
  const operation = await newOperation(writer, provider.seed, {
    now,
    operation: {
      resourceKey: key,
      resourceId: key,
      type: SUBSCRIPTION_DELETION_TYPE,
      verb: 'delete',
      isCreation: false,
      input: { subscriptionId },
      style: 'location',
      pollPath: '',
      correlationId,
    },
  });
  await startOperation(writer, operation);
}

/** The plan of the operation: pieces, until nothing is left. */
export function subscriptionDeletionPlan(provider: Provider, operation: OperationRow): Step[] {
  const { subscriptionId } = operation.input as { subscriptionId: string };
  const what = { subscriptionId, cause: `operation/${operation.id}`, operationId: operation.id };
  return [
    {
      name: 'remove',
      runIn: async (writer): Promise<StepResult> =>
        (await removePiece(provider, writer, what)) ? { done: true } : { more: true },
    },
  ];
}

interface Removal {
  readonly subscriptionId: string;
  /** For the journal. */
  readonly cause: string;
  /** The operation that removes. */
  readonly operationId: string | undefined;
}

/** Removes some of what there is; whether nothing is left. Deployments go first: they would make new resources. */
async function removePiece(provider: Provider, writer: Writer, removal: Removal): Promise<boolean> {
  const { subscriptionId, operationId } = removal;
  const now = provider.clock.now();
  const key = keyOf(subscriptionId);
  let limit = PIECE;
  limit -= await removeDeployments(writer, { scope: key, limit, now });
  if (limit > 0) limit -= await removeResources(provider, writer, { ...removal, limit });
  if (limit > 0) limit -= await removeGroups(provider, writer, { ...removal, limit });
  if (limit === 0 || !(await removeAccessAndLocks(writer, key))) return false;
  await removeRegistrationsOf(writer, subscriptionId);
  await cutOffOperations(writer, { key, operationId }, now);
  return true;
}

async function removeResources(
  provider: Provider,
  writer: Writer,
  { subscriptionId, cause, limit }: Removal & { readonly limit: number },
): Promise<number> {
  const page = { isWithHidden: true, limit };
  const resources = await listTracked(writer, keyOf(subscriptionId), page);
  for (const resource of resources) {
    await cascadeDelete(provider, resource, writer);
    await removeResource(writer, resource.key);
    const subject = { subscriptionId, resourceKey: resource.key, resourceId: resource.id, cause };
    const { type } = resource;
    await appendFacts(writer, subject, [fact(provider.clock.now(), 'resource.deleted', { type })]);
  }
  return resources.length;
}

async function removeGroups(
  { clock }: Provider,
  writer: Writer,
  { subscriptionId, limit }: Removal & { readonly limit: number },
): Promise<number> {
  const groups = await listResourceGroups(writer, subscriptionId, { limit });
  for (const { key } of groups) {
    // Its own deletion may be under way, or a move out of it.
    await cutOffOperations(writer, { key, operationId: undefined }, clock.now());
    await removeResourceGroup(writer, key);
  }
  return groups.length;
}
