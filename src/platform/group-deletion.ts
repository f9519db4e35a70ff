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
import type { Reader, Writer } from '#store/database.ts';
import { removeDeploymentsOf } from '#store/deployments.ts';
import { removeLocksBelow } from '#store/locks.ts';
import type { OperationRow } from '#store/operations.ts';
import {
  findResourceGroup,
  markResourceGroup,
  removeResourceGroup,
} from '#store/resource-groups.ts';
import { findResourcesByKey, type ResourceRow } from '#store/resources.ts';
import { listTracked } from '#store/tracked-resources.ts';
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
      const refusals: ErrorBody[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await heldAfter(database.reader, key, after);
        if (page.length === 0) break;
        const refused = await deletePage(provider, operation, page);
        if (refused.length < page.length) return await untilLess(provider, page);
        refusals.push(...refused);
        after = page.at(-1)?.key;
      }
      if (refusals.length > 0) {
        await database.write(async (writer) => markResourceGroup(writer, key, null));
        return { failed: notDeleted(operation, refusals) };
      }
      return await database.write(async (writer) => await removeGroup(provider, operation, writer));
    },
  };
}

/** So many resources of a group are deleted at once; the others when these have gone, or cannot go. */
const PAGE = 500;

async function heldAfter(
  reader: Reader,
  group: string,
  after: string | undefined,
): Promise<ResourceRow[]> {
  return await listTracked(reader, group, {
    isWithHidden: true,
    limit: PAGE,
    ...(after === undefined ? {} : { after }),
  });
}

/** Deletes what nothing is at work on; the refusals. */
async function deletePage(
  provider: Provider,
  { correlationId }: OperationRow,
  page: readonly ResourceRow[],
): Promise<ErrorBody[]> {
  const refusals: ErrorBody[] = [];
  for (const resource of page) {
    if (resource.operationId !== undefined) continue;
    const refusal = await refusalOfDeletion(provider, resource, correlationId);
    if (refusal !== undefined) refusals.push({ ...refusal, target: resource.id });
  }
  return refusals;
}

/** Waits for the operations that are at work on these; what went at once is looked at again at once. */
async function untilLess(
  { database }: Provider,
  page: readonly ResourceRow[],
): Promise<StepResult> {
  const keys = page.map(({ key }) => key);
  const held = await findResourcesByKey(database.reader, keys);
  const operations = [...held.values()].flatMap(({ operationId }) => operationId ?? []);
  return operations.length === 0
    ? { again: milliseconds(1) }
    : { until: operations.map((operation) => ({ operation })) };
}

/** Removes the group with what hangs on it, unless something has come into it meanwhile (a cluster that Arc has connected). */
async function removeGroup(
  { clock }: Provider,
  { id, resourceKey: key }: OperationRow,
  writer: Writer,
): Promise<StepResult> {
  if ((await heldAfter(writer, key, undefined)).length > 0) return { again: milliseconds(1) };
  await cutOffOperations(writer, { key, operationId: id }, clock.now());
  await removeDeploymentsOf(writer, key);
  await removeAssignmentsBelow(writer, key);
  await removeLocksBelow(writer, key);
  await removeResourceGroup(writer, key);
  return { done: true };
}

/** Deletes one resource as a client would; why that was refused, or undefined. */
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
