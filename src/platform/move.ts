/**
 * Moves resources to another group of the same subscription: `moveResources` and its validation. A move is long-running,
 * and the resources are busy meanwhile. The resources below a moved one move with it, and its machine, operations, locks
 * and usage are kept under the new ids; connected clusters stay in their own group (arm-protocol §3.3, §6.4).
 */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { Provider } from '#arm/provider.ts';
import { pathInGroup, resourceGroupKey, resourceIdOf } from '#shared/arm-id.ts';
import { checkIdle } from '#arm/verbs/accept.ts';
import { newOperation, startOperation } from '#operations/begin.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import { fact } from '#shared/facts.ts';
import type { Fault } from '#shared/failure.ts';
import { between, milliseconds, minutes, plus } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { appendFacts } from '#store/journal.ts';
import { relocate } from '#store/move.ts';
import type { OperationRow } from '#store/operations.ts';
import { findResourceGroup, type ResourceGroupRow } from '#store/resource-groups.ts';
import { changeResource, findResource, type ResourceRow } from '#store/resources.ts';
import { removeDiagnosticSettingsBelow } from '#store/diagnostic-settings.ts';
import { removeAssignmentsBelow } from '#store/role-assignments.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { runningAnswer } from './polls.ts';
import { writeConsistently } from '#store/read-set.ts';

/** The type of a move's stored operation. */
export const MOVE_TYPE = 'microsoft.resources/moves';
const GROUP_TYPE = 'Microsoft.Resources/subscriptions/resourceGroups';

/** How long a move takes `[ours]`: in ARM it takes minutes. */
const MOVE_DURATION = minutes(2);
/** ARM's own limit [rpc]. */
const MAX_RESOURCES = 800;

/** The routes of a move and of its validation. */
export function moveRoutes(provider: Provider): PlatformRoute[] {
  const group = '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName';
  const type = GROUP_TYPE;
  return [
    {
      type,
      method: 'POST',
      permission: 'moveResources/action',
      path: `${group}/moveResources`,
      summary: 'Moves resources to another group: {targetResourceGroup, resources}.',
      carryOut: async (call) => await beginMove(provider, call, await readMove(provider, call)),
    },
    {
      type,
      method: 'POST',
      permission: 'validateMoveResources/action',
      path: `${group}/validateMoveResources`,
      summary: 'Checks whether a move would be accepted; 204 where it would.',
      carryOut: async (call) => {
        await readMove(provider, call);
        return { status: 204 };
      },
    },
  ];
}

interface Move {
  readonly source: ResourceGroupRow;
  readonly target: ResourceGroupRow;
  readonly resources: readonly ResourceRow[];
}

/** Reads and checks a requested move; throws all its faults. */
async function readMove(provider: Provider, call: PlatformCall): Promise<Move> {
  const { database } = provider;
  const name = call.parameters.resourceGroupName ?? '';
  const source = await findResourceGroup(database, resourceGroupKey(call.subscriptionId, name));
  if (source === undefined) throw errors.resourceGroupNotFound(name);
  const body: JsonObject = isJsonObject(call.body) ? call.body : {};
  const faults: Fault[] = [];
  const target = await targetIn(provider, body, { source, faults });
  const ids = idsIn(body, faults);
  const resources: ResourceRow[] = [];
  for (const [index, id] of ids.entries()) {
    const resource = await findResource(database, id.toLowerCase());
    const place = `resources[${index}]`;
    if (resource?.isVisible !== true || resource.resourceGroup !== source.key) {
      faults.push({ target: place, message: `'${id}' is not in resource group '${name}'.` });
    } else if (resource.parent !== undefined) {
      const message = `'${id}' is a child resource: it moves with its parent.`;
      faults.push({ target: place, message });
    } else {
      resources.push(resource);
      faults.push(...(await nameConflicts(provider, resource, { target, place })));
    }
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  const checked = present(target, 'a target without faults');
  await admitTarget(call, checked);
  for (const resource of resources) checkIdle(resource);
  return { source, target: checked, resources };
}

/** Checks the caller's right to write to the target group. */
async function admitTarget(
  call: PlatformCall,
  { subscriptionId, name }: ResourceGroupRow,
): Promise<void> {
  await call.admit({
    method: 'PUT',
    path: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    subscriptionId,
    resourceGroup: name,
    type: GROUP_TYPE,
    permission: 'write',
  });
}

async function targetIn(
  { database }: Provider,
  { targetResourceGroup: id }: JsonObject,
  { source, faults }: { source: ResourceGroupRow; faults: Fault[] },
): Promise<ResourceGroupRow | undefined> {
  const group =
    typeof id === 'string' ? await findResourceGroup(database, id.toLowerCase()) : undefined;
  const message = targetFault(id, group, source);
  if (message === undefined) return group;
  faults.push({ target: 'targetResourceGroup', message });
  return undefined;
}

function targetFault(
  id: Json | undefined,
  group: ResourceGroupRow | undefined,
  source: ResourceGroupRow,
): string | undefined {
  if (typeof id !== 'string') return 'The id of the target resource group is required.';
  if (group === undefined) return `Resource group '${id}' could not be found.`;
  if (group.key === source.key) return 'The target is the resource group of the resources.';
  if (group.subscriptionId !== source.subscriptionId) {
    return 'Resources cannot be moved to another subscription here.';
  }
  return group.operationId === undefined ? undefined : `Resource group '${id}' is being deleted.`;
}

function idsIn({ resources }: JsonObject, faults: Fault[]): string[] {
  const target = 'resources';
  const given: Json[] = Array.isArray(resources) ? resources : [];
  const ids = given.filter((id) => typeof id === 'string');
  if (ids.length === 0 || ids.length !== given.length || ids.length > MAX_RESOURCES) {
    const message = `'resources' must contain 1 to ${MAX_RESOURCES} resource ids.`;
    faults.push({ target, message });
  }
  return [...new Set(ids)];
}

async function nameConflicts(
  { database }: Provider,
  resource: ResourceRow,
  { target, place }: { target: ResourceGroupRow | undefined; place: string },
): Promise<Fault[]> {
  if (target === undefined) return [];
  const id = movedId(resource, target);
  if ((await findResource(database, id.toLowerCase())) === undefined) return [];
  const message = `The target group already has a resource named '${resource.name}'.`;
  return [{ target: place, message }];
}

/** The id of `resource` in `target`. */
function movedId(resource: Pick<ResourceRow, 'id'>, target: ResourceGroupRow): string {
  const id = resourceIdOf(resource.id);
  const group = `/subscriptions/${target.subscriptionId}/resourceGroups/${target.name}`;
  return group + pathInGroup(id);
}

async function beginMove(
  provider: Provider,
  call: PlatformCall,
  { source, target, resources }: Move,
): Promise<Answer> {
  const { database, clock, seed } = provider;
  const operation = await writeConsistently(database, async (writer) => {
    const begun = await newOperation(writer, seed, {
      now: clock.now(),
      operation: {
        resourceKey: source.key,
        resourceId: `/subscriptions/${source.subscriptionId}/resourceGroups/${source.name}`,
        type: MOVE_TYPE,
        verb: 'move',
        isCreation: false,
        input: { target: target.key, resources: resources.map((resource) => resource.key) },
        style: 'location',
        pollPath: '',
        correlationId: call.correlationId,
      },
    });
    for (const resource of resources) {
      await changeResource(writer, resource.key, { operationId: begun.id });
    }
    await startOperation(writer, begun);
    return begun;
  });
  return runningAnswer(provider, operation, call.origin);
}

/** The plan of a move: wait, then change the ids, each resource's in one transaction. */
export function movePlan(provider: Provider, operation: OperationRow): Step[] {
  const { database } = provider;
  const input = operation.input as { target: string; resources: string[] };
  return [
    {
      name: 'move',
      run: async ({ now }): Promise<StepResult> => {
        const doneAt = plus(operation.startedAt, MOVE_DURATION);
        if (now < doneAt) return { again: milliseconds(between(now, doneAt)) };
        const target = present(
          await findResourceGroup(database, input.target),
          'the target of a move',
        );
        for (const key of input.resources) {
          await moveOne(provider, operation, { key, target });
        }
        return { done: true };
      },
    },
  ];
}

/** Moves one resource. Where the step is repeated, a resource that has moved already is no longer found under its old id. */
async function moveOne(
  { database, clock }: Provider,
  operation: OperationRow,
  { key, target }: { key: string; target: ResourceGroupRow },
): Promise<void> {
  const resource = await findResource(database, key);
  if (resource?.operationId !== operation.id) return;
  const id = movedId(resource, target);
  await database.write(async (writer) => {
    await changeResource(writer, key, { operationId: null, changedAt: clock.now() });
    // Role assignments are not moved [doc]: they must be made again at the new id.
    await removeAssignmentsBelow(writer, key);
    // Nor are diagnostic settings, which have to be deleted before a move [doc].
    await removeDiagnosticSettingsBelow(writer, key);
    await relocate(writer, { from: resource.id, to: id, resourceGroup: target.key });
    const subject = {
      subscriptionId: resource.subscriptionId,
      resourceKey: id.toLowerCase(),
      resourceId: id,
      cause: `operation/${operation.id}`,
    };
    await appendFacts(writer, subject, [
      fact(clock.now(), 'resource.moved', { from: resource.id, type: resource.type }),
    ]);
  });
}
