/**
 * The deletion of a resource group: a long-running operation that deletes the group's resources and then the group.
 * Refused deletions are retried as long as others succeed; if some stay refused, the operation fails and the group
 * stays [rpc].
 */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { Provider } from '#arm/provider.ts';
import { deleteResource } from '#arm/verbs/delete.ts';
import { beginOperation, cutOffOperations, drawOperationId } from '#operations/engine.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import { type ErrorBody, type Failure, RefusedError } from '#shared/failure.ts';
import { milliseconds } from '#shared/instant.ts';
import { removeDeploymentsOf } from '#store/deployments.ts';
import { removeLocksBelow } from '#store/locks.ts';
import type { OperationRow } from '#store/operations.ts';
import {
  findResourceGroup,
  markResourceGroup,
  removeResourceGroup,
} from '#store/resource-groups.ts';
import { listTracked, type ResourceRow } from '#store/resources.ts';
import { removeAssignmentsBelow } from '#store/role-assignments.ts';
import { requestFor } from '#arm/internal-request.ts';
import { runningAnswer } from './polls.ts';
import { consistently, writeConsistently } from '#store/read-set.ts';

/** The type of a deletion's stored operation. */
export const GROUP_TYPE = 'microsoft.resources/resourcegroups';

/** Begins the deletion and answers the 202. */
export async function beginGroupDeletion(
  provider: Provider,
  request: { subscriptionId: string; name: string; origin: string; correlationId: string },
): Promise<Answer> {
  const { database, clock, seed } = provider;
  const key = resourceGroupKey(request.subscriptionId, request.name);
  const group = await findResourceGroup(database, key);
  if (group === undefined) throw errors.resourceGroupNotFound(request.name);
  if (group.operationId !== undefined) throw errors.groupBeingDeleted(group.name);
  const operation = await writeConsistently(database, async (writer) => {
    const id = await drawOperationId(writer, seed, { resourceKey: key, now: clock.now() });
    await markResourceGroup(writer, key, id);
    return await beginOperation(
      writer,
      {
        id,
        resourceKey: key,
        resourceId: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
        type: GROUP_TYPE,
        verb: 'delete',
        isCreation: false,
        input: {},
        style: 'location',
        pollPath: '',
        correlationId: request.correlationId,
      },
      clock.now(),
    );
  });
  return runningAnswer(provider, operation, request.origin);
}

/** The plan of a deletion: one step, repeated until the group is empty or all deletions are refused. */
export function groupDeletionPlan(provider: Provider, operation: OperationRow): Step[] {
  return [deletion(provider, operation)];
}

function deletion(provider: Provider, operation: OperationRow): Step {
  const { database } = provider;
  const key = operation.resourceKey;
  return {
    name: 'delete-resources',
    run: async (): Promise<StepResult> => {
      const remaining = await listTracked(database.reader, { resourceGroup: key });
      if (remaining.length === 0) {
        await database.write(async (writer) => {
          await cutOffOperations(writer, { key, operationId: operation.id }, provider.clock.now());
          await removeDeploymentsOf(writer, key);
          await removeAssignmentsBelow(writer, key);
          await removeLocksBelow(writer, key);
          await removeResourceGroup(writer, key);
        });
        return { done: true };
      }
      const refusals: ErrorBody[] = [];
      for (const resource of remaining) {
        if (resource.operationId !== undefined) continue;
        const refusal = await refusalOfDeletion(provider, resource, operation.correlationId);
        if (refusal !== undefined) refusals.push({ ...refusal, target: resource.id });
      }
      if (refusals.length < remaining.length) return await untilProgress(provider, key);
      await database.write(async (writer) => markResourceGroup(writer, key, null));
      return { failed: notDeleted(operation, refusals) };
    },
  };
}

/** Waits for the operations that run in the group; repeats the step at once where there are none. */
async function untilProgress(provider: Provider, key: string): Promise<StepResult> {
  const remaining = await listTracked(provider.database.reader, { resourceGroup: key });
  const operations = remaining.flatMap(({ operationId }) => operationId ?? []);
  return operations.length === 0
    ? { again: milliseconds(1) }
    : { until: operations.map((operation) => ({ operation })) };
}

/** Deletes a resource as a client would; gives the refusal, or undefined where the deletion was accepted. */
async function refusalOfDeletion(
  provider: Provider,
  resource: ResourceRow,
  correlationId: string,
): Promise<ErrorBody | undefined> {
  try {
    await consistently(async () =>
      deleteResource(provider, requestFor(provider, resource, { correlationId })),
    );
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.failure;
    throw error;
  }
}

function notDeleted(operation: OperationRow, refusals: readonly ErrorBody[]): Failure {
  const name = lastSegmentOf(operation.resourceId);
  return {
    kind: 'conflict',
    code: 'ResourceGroupDeletionBlocked',
    message:
      `Deletion of resource group '${name}' failed as resources with identifiers ` +
      `'${refusals.map((refusal) => refusal.target ?? '').join(',')}' could not be deleted. ` +
      (refusals[0]?.message ?? ''),
    details: refusals,
  };
}
