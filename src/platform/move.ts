/**
 * Moving resources to another group of the same subscription: `moveResources` and its dry run. Long-running; meanwhile
 * the resources are busy. Everything below a moved resource goes along, and so do what it made (connected clusters stay
 * in their own group), its machine, its operations and its bill; only ids change (arm-protocol §3.3, §6.4).
 */
import type { Answer } from '#arm/polling.ts';
import { errors } from '#arm/errors.ts';
import type { Provider } from '#arm/provider.ts';
import { pathInGroup, resourceGroupKey, resourceIdOf } from '#shared/arm-id.ts';
import { checkIdle } from '#arm/verbs/accept.ts';
import { beginOperation, drawOperationId } from '#operations/engine.ts';
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
import { removeAssignmentsBelow } from '#store/role-assignments.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { runningAnswer } from './polls.ts';

/** The type under which a move is kept among the operations. */
export const MOVE_TYPE = 'microsoft.resources/moves';
const GROUP_TYPE = 'Microsoft.Resources/subscriptions/resourceGroups';

/** How long a move takes `[ours]`: ARM's own are a matter of minutes. */
const MOVE_LASTS = minutes(2);
/** ARM's own limit [rpc]. */
const MOST_RESOURCES = 800;

/** Both calls. */
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
      summary: 'Tells whether a move would be accepted; 204 where it would.',
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

/** The move that is asked for, or a throw of every fault. */
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
      const message = `'${id}' is a child: it moves with the resource above it.`;
      faults.push({ target: place, message });
    } else {
      resources.push(resource);
      faults.push(...(await takenFaults(provider, resource, { target, place })));
    }
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  const free = present(target, 'a target without faults');
  await admitTarget(call, free);
  for (const resource of resources) checkIdle(resource);
  return { source, target: free, resources };
}

/** Whoever moves something into a group writes into it. */
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
  if (group.key === source.key) return 'The target is the group that they are in.';
  if (group.subscriptionId !== source.subscriptionId) {
    return 'Resources cannot be moved to another subscription here.';
  }
  return group.operationId === undefined ? undefined : `Resource group '${id}' is being deleted.`;
}

function idsIn({ resources }: JsonObject, faults: Fault[]): string[] {
  const target = 'resources';
  const given: Json[] = Array.isArray(resources) ? resources : [];
  const ids = given.filter((id) => typeof id === 'string');
  if (ids.length === 0 || ids.length !== given.length || ids.length > MOST_RESOURCES) {
    const message = `'resources' must hold 1 to ${MOST_RESOURCES} resource ids.`;
    faults.push({ target, message });
  }
  return [...new Set(ids)];
}

async function takenFaults(
  { database }: Provider,
  resource: ResourceRow,
  { target, place }: { target: ResourceGroupRow | undefined; place: string },
): Promise<Fault[]> {
  if (target === undefined) return [];
  const id = movedId(resource, target);
  if ((await findResource(database, id.toLowerCase())) === undefined) return [];
  const message = `There is a resource named '${resource.name}' in the target group already.`;
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
  const operation = await database.write(async (writer) => {
    const id = await drawOperationId(writer, seed, { resourceKey: source.key, now: clock.now() });
    for (const resource of resources) {
      await changeResource(writer, resource.key, { operationId: id });
    }
    return await beginOperation(
      writer,
      {
        id,
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
      clock.now(),
    );
  });
  return runningAnswer(provider, operation, call.origin);
}

/** The plan of a move: wait, then give everything its new id in one transaction. */
export function movePlan(provider: Provider, operation: OperationRow): Step[] {
  const { database } = provider;
  const input = operation.input as { target: string; resources: string[] };
  return [
    {
      name: 'move',
      run: async ({ now }): Promise<StepResult> => {
        const doneAt = plus(operation.startedAt, MOVE_LASTS);
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

/** Once: a resource that is no longer under its old id has been moved already. */
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
    // Roles do not go along [doc]: they are given again where the resource has come to.
    await removeAssignmentsBelow(writer, key);
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
