/**
 * Deleting a resource group: a long-running operation that deletes what the group holds, tries again what was refused
 * as long as something goes, and then removes the group; what cannot go makes it fail, and the group stays [rpc].
 */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import { isGuid } from '#arm/names.ts';
import type { Provider } from '#arm/provider.ts';
import { deleteResource } from '#arm/verbs/delete.ts';
import { beginOperation } from '#operations/engine.ts';
import type { Planner, Step, StepResult } from '#operations/operation.ts';
import { envelopeOf } from '#shared/envelope.ts';
import { type Failure, RefusedError } from '#shared/failure.ts';
import { seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { nextNumbers } from '#store/counters.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import {
  findResourceGroup,
  markResourceGroup,
  removeResourceGroup,
  resourceGroupKey,
} from '#store/resource-groups.ts';
import { listTracked, type ResourceRow } from '#store/resources.ts';
import { requestFor } from './arm-request.ts';

/** The type under which a deletion is kept among the operations. */
export const GROUP_TYPE = 'microsoft.resources/resourcegroups';

/** How long ARM lets pass between two looks at what it deletes `[ours]`. */
const LOOK_AGAIN = seconds(15);
/** [mem] */
const RETRY_AFTER_S = 15;

/** Begins the deletion and answers the 202. */
export async function beginGroupDeletion<Ports>(
  provider: Provider<Ports>,
  request: { subscriptionId: string; name: string; origin: string; correlationId: string },
): Promise<Answer> {
  const { database, clock, seed } = provider;
  const key = resourceGroupKey(request.subscriptionId, request.name);
  const group = await findResourceGroup(database, key);
  if (group === undefined) throw errors.resourceGroupNotFound(request.name);
  if (group.operationId !== undefined) throw errors.groupBeingDeleted(group.name);
  const operation = await database.write(async (writer) => {
    const id = guid(seed, 'operation', await nextNumbers(writer, 'operations'));
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

function runningAnswer<Ports>(
  { clock }: Provider<Ports>,
  operation: OperationRow,
  origin: string,
): Answer {
  const subscription = operation.resourceKey.split('/')[2] ?? '';
  const wait = clock.isFrozen ? 1 : Math.max(1, Math.ceil(RETRY_AFTER_S / clock.rate));
  return {
    status: 202,
    headers: {
      location: `${origin}/subscriptions/${subscription}/operationresults/${operation.id}?api-version=2021-04-01`,
      'retry-after': String(wait),
    },
  };
}

/** `…/operationresults/{id}`: 202 while it runs, then 200 without a body, or why it failed. */
export async function pollGroupDeletion<Ports>(
  provider: Provider<Ports>,
  poll: { subscriptionId: string; operationId: string; origin: string },
): Promise<Answer> {
  const operation = isGuid(poll.operationId)
    ? await findOperation(provider.database, poll.operationId)
    : undefined;
  const isOurs =
    operation?.type === GROUP_TYPE &&
    operation.resourceKey.startsWith(`/subscriptions/${poll.subscriptionId}/`);
  if (!isOurs) throw errors.operationNotFound();
  if (operation.status === 'Running') return runningAnswer(provider, operation, poll.origin);
  if (operation.failure === undefined) return { status: 200 };
  return { status: 409, body: envelopeOf(operation.failure) as unknown as JsonObject };
}

/** The planner of `others`, and of group deletions. */
export function withGroupDeletions<Ports>(provider: Provider<Ports>, others: Planner): Planner {
  return async (operation) =>
    operation.type === GROUP_TYPE ? [deletion(provider, operation)] : await others(operation);
}

function deletion<Ports>(provider: Provider<Ports>, operation: OperationRow): Step {
  const { database } = provider;
  const key = operation.resourceKey;
  return {
    name: 'delete-resources',
    run: async (): Promise<StepResult> => {
      const held = await listTracked(database.reader, { resourceGroup: key });
      if (held.length === 0) {
        await database.write(async (writer) => removeResourceGroup(writer, key));
        return { done: true };
      }
      const refusals: Failure[] = [];
      for (const resource of held) {
        if (resource.operationId !== undefined) continue;
        const refusal = await refusalOfDeletion(provider, resource, operation.correlationId);
        if (refusal !== undefined) refusals.push({ ...refusal, target: resource.id });
      }
      if (refusals.length < held.length) return { again: LOOK_AGAIN };
      await database.write(async (writer) => markResourceGroup(writer, key, null));
      return { failed: notDeleted(operation, refusals) };
    },
  };
}

/** Deletes one resource as a client would; why that was refused, or undefined. */
async function refusalOfDeletion<Ports>(
  provider: Provider<Ports>,
  resource: ResourceRow,
  correlationId: string,
): Promise<Failure | undefined> {
  try {
    await deleteResource(provider, requestFor(provider, resource, { correlationId }));
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.failure;
    throw error;
  }
}

function notDeleted(operation: OperationRow, refusals: readonly Failure[]): Failure {
  const name = operation.resourceId.split('/').at(-1) ?? '';
  return {
    code: 'ResourceGroupDeletionBlocked',
    message:
      `Deletion of resource group '${name}' failed as resources with identifiers ` +
      `'${refusals.map((refusal) => refusal.target ?? '').join(',')}' could not be deleted. ` +
      (refusals[0]?.message ?? ''),
    details: refusals,
  };
}
