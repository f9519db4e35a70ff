/**
 * The deletion of a resource group: a long-running operation that deletes the group's resources and then the group.
 * Refused deletions are retried as long as others succeed; if some stay refused, the operation fails and the group
 * stays [rpc].
 */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { Provider } from '#arm/provider.ts';
import { deleteResource } from '#arm/verbs/delete.ts';
import { newOperation, startOperation } from '#operations/begin.ts';
import { cutOffOperations } from '#operations/outcome.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import { type ErrorBody, type Failure, RefusedError } from '#shared/failure.ts';
import type { Reader, Writer } from '#store/database.ts';
import type { OperationRow } from '#store/operations.ts';
import {
  findResourceGroup,
  markResourceGroup,
  removeResourceGroup,
} from '#store/resource-groups.ts';
import { findResourcesByKey, type ResourceRow } from '#store/resources.ts';
import { listTracked } from '#store/tracked-resources.ts';
import { requestFor } from '#arm/internal-request.ts';
import { runningAnswer } from './polls.ts';
import { PIECE, removeAccessAndLocks, removeDeployments } from './removal.ts';
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
    const begun = await newOperation(writer, seed, {
      now: clock.now(),
      operation: {
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
    });
    await markResourceGroup(writer, key, begun.id);
    await startOperation(writer, begun);
    return begun;
  });
  return runningAnswer(provider, operation, request.origin);
}

/** The plan of a deletion: one step, repeated until the group is gone or all deletions are refused. */
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
      return await database.write(async (writer) => removePiece(provider, operation, writer));
    },
  };
}

/** The deletions of so many resources of a group are under way at once `[ours]`; of others, once one of these has ended. */
const MAX_AT_ONCE = 100;

async function heldAfter(
  reader: Reader,
  group: string,
  after: string | undefined,
): Promise<ResourceRow[]> {
  return await listTracked(reader, group, {
    isWithHidden: true,
    limit: MAX_AT_ONCE,
    ...(after === undefined ? {} : { after }),
  });
}

/** Deletes what nothing is at work on, each resource in a transaction of its own; the refusals. */
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

/** Waits for the operations that are at work on these, unless some went at once: they make room for others. */
async function untilLess(
  { database }: Provider,
  page: readonly ResourceRow[],
): Promise<StepResult> {
  const keys = page.map(({ key }) => key);
  const held = await findResourcesByKey(database.reader, keys);
  const operations = [...held.values()].flatMap(({ operationId }) => operationId ?? []);
  return held.size < page.length || operations.length === 0
    ? { more: true }
    : { until: operations.map((operation) => ({ operation })) };
}

/**
 * Removes some of what hangs on the empty group, and in the end the group, unless something has come into it meanwhile (a cluster that
 * Arc has connected). A group that is no longer being deleted by this operation is another one of the same name.
 */
async function removePiece(
  { clock }: Provider,
  { id, resourceKey: key }: OperationRow,
  writer: Writer,
): Promise<StepResult> {
  const now = clock.now();
  if ((await findResourceGroup(writer, key))?.operationId !== id) return { done: true };
  if ((await heldAfter(writer, key, undefined)).length > 0) return { more: true };
  const removed = await removeDeployments(writer, { scope: key, limit: PIECE, now });
  if (removed === PIECE || !(await removeAccessAndLocks(writer, key))) return { more: true };
  await cutOffOperations(writer, { key, operationId: id }, now);
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
