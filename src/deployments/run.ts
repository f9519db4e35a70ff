/**
 * Runs a deployment: a step of the engine that is repeated until every resource is deployed. The state of each resource is
 * stored, so that a deployment continues after a crash. A resource whose start was not stored is put again, unless an
 * operation of this deployment is already running on it.
 */
import { storedRequest } from '#arm/provider.ts';
import { storedTypeOf } from '#arm/resource-type.ts';
import { deleteResource } from '#arm/verbs/delete.ts';
import { putResource } from '#arm/verbs/put.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { type ErrorBody, RefusedError } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type DeploymentOperationRow,
  findDeployment,
  listDeploymentOperations,
  putDeploymentOperation,
} from '#store/deployments.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';
import { eachTracked } from '#store/tracked-resources.ts';
import { requestFor } from '#arm/internal-request.ts';
import { acceptDeployment, actorIn } from './accept.ts';
import { type ReferenceContext, resolvedValue } from './answers.ts';
import { TemplateError } from './expressions/template-error.ts';
import { outputsView } from './outputs.ts';
import { type DeploymentParts, requestOf } from './parts.ts';
import { bodyOf, nestedRequest, prepare, type Prepared } from './prepare.ts';
import { deploymentErrors, deploymentFailed, failureOfTemplate } from './refusals.ts';
import { type PlannedResource, scopeIdOf } from './resources.ts';
import { armRequestTo, callPlatform, registeredType, targetOf } from './targets.ts';
import { admitWrite } from './write-hooks.ts';
import { consistently } from '#store/read-set.ts';

/** The plan of a deployment: one step that deploys, and one for the deletions of mode Complete and the outputs. */
export function deploymentPlan(parts: DeploymentParts, operation: OperationRow): Step[] {
  return [
    { name: 'deploy', run: async () => await runStep(parts, operation, deploy) },
    { name: 'complete', run: async () => await runStep(parts, operation, complete) },
  ];
}

/** One run of a step: the deployment, and the state of its resources. */
interface Run {
  readonly parts: DeploymentParts;
  readonly operation: OperationRow;
  readonly prepared: Prepared;
  /** The resources that have been started, by position. */
  readonly started: Map<number, DeploymentOperationRow>;
}

/** Runs `work` on the deployment, and makes its refusals and template errors the failure of the deployment. */
async function runStep(
  parts: DeploymentParts,
  operation: OperationRow,
  work: (run: Run) => Promise<StepResult>,
): Promise<StepResult> {
  const { database } = parts.provider;
  const row = await findDeployment(database.reader, operation.resourceKey);
  if (row?.operationId !== operation.id) {
    const message = 'The deployment was deleted.';
    return { failed: { kind: 'notFound', code: 'DeploymentNotFound', message } };
  }
  try {
    const request = requestOf(parts, row);
    const prepared = await prepare(parts.provider, {
      id: row.id,
      request,
      at: operation.startedAt,
    });
    const rows = await listDeploymentOperations(database.reader, row.key);
    const started = new Map(rows.map((known) => [known.position, known]));
    return await work({ parts, operation, prepared, started });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { failed: deploymentFailed(row.id, [failure]) };
  }
}

function failureOf(error: unknown): ErrorBody | undefined {
  if (error instanceof TemplateError) return failureOfTemplate(error);
  return error instanceof RefusedError ? error.failure : undefined;
}

/** Starts every resource whose dependencies are deployed, until all others must wait. */
async function deploy(run: Run): Promise<StepResult> {
  const { prepared, started } = run;
  for (;;) {
    for (const row of [...started.values()]) if (row.status === 'Running') await refresh(run, row);
    const rows = [...started.values()];
    const isRunning = rows.some(({ status }) => status === 'Running');
    const failures = rows.flatMap(({ failure, target }) =>
      failure === undefined ? [] : [{ ...failure, target }],
    );
    if (failures.length > 0) {
      return isRunning ? untilOne(rows) : { failed: deploymentFailed(prepared.id, failures) };
    }
    const left = prepared.resources.filter(
      ({ isDeployed, position }) => isDeployed && !started.has(position),
    );
    if (left.length === 0) return isRunning ? untilOne(rows) : { done: true };
    if (await startReady(run, left)) continue;
    if (isRunning) return untilOne([...started.values()]);
    throw new TemplateError(
      `Circular dependency detected on resource: '${left[0]?.id ?? ''}'. ` +
        'Please see https://aka.ms/arm-syntax-resources for usage details.',
    );
  }
}

/** Waits until the operation of one of the resources ends. */
const untilOne = (rows: readonly DeploymentOperationRow[]): StepResult => ({
  until: rows.flatMap(({ status, operationId }) =>
    status === 'Running' && operationId !== undefined ? [{ operation: operationId }] : [],
  ),
});

const isSettled = ({ started, prepared }: Run, position: number): boolean =>
  prepared.resources[position]?.isDeployed === false ||
  started.get(position)?.status === 'Succeeded';

/** Starts the resources whose dependencies are deployed; whether there were any. */
async function startReady(run: Run, left: readonly PlannedResource[]): Promise<boolean> {
  let hasStarted = false;
  for (const resource of left) {
    if (!resource.waitsFor.every((position) => isSettled(run, position))) continue;
    hasStarted = (await start(run, resource)) || hasStarted;
  }
  return hasStarted;
}

/** Starts a resource and stores that; false where its expressions refer to one that is not deployed yet. */
async function start(run: Run, resource: PlannedResource): Promise<boolean> {
  const { parts, operation } = run;
  const now = parts.provider.clock.now();
  const common = {
    deployment: operation.resourceKey,
    position: resource.position,
    target: resource.id,
    startedAt: now,
    isCreation: (await findResource(parts.provider.database, resource.key)) === undefined,
  };
  try {
    const result = await deployResource(run, resource);
    if (result === undefined) return false;
    const { operationId } = result;
    const isRunning = operationId !== undefined;
    await write(run, {
      ...common,
      status: isRunning ? 'Running' : 'Succeeded',
      operationId,
      failure: undefined,
      endedAt: isRunning ? undefined : now,
    });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    await write(run, {
      ...common,
      status: 'Failed',
      operationId: undefined,
      failure,
      endedAt: now,
    });
  }
  return true;
}

/** Puts the resource as a client would; gives the operation of that, if any, or undefined where the resource must wait. */
async function deployResource(
  run: Run,
  resource: PlannedResource,
): Promise<{ readonly operationId: string | undefined } | undefined> {
  const { parts, operation, prepared } = run;
  const { provider } = parts;
  const { correlationId } = operation;
  const actor = actorIn(operation);
  const context: ReferenceContext = {
    prepared,
    correlationId,
    isSettled: (at) => isSettled(run, at),
  };
  const target = targetOf(parts, resource);
  const admitted = { id: resource.id, type: registeredType(target, resource.type) };
  const check = async (): Promise<void> => admitWrite(provider, admitted);
  if (target.kind === 'deployment') {
    await check();
    const nested = await resolvedValue(parts, context, () =>
      nestedRequest(resource, prepared.request),
    );
    if ('waits' in nested) return undefined;
    const accepted = await acceptDeployment(parts, {
      id: resource.id,
      request: nested.value,
      at: provider.clock.now(),
      correlationId,
      actor,
      parent: operation.resourceKey,
    });
    return { operationId: accepted.operation.id };
  }
  const body = await resolvedValue(parts, context, () => bodyOf(resource));
  if ('waits' in body) return undefined;
  const message = { ...resource, correlationId, actor, body: body.value };
  if (target.kind === 'platform') {
    await callPlatform(target, { method: 'PUT', check }, message);
    return { operationId: undefined };
  }
  const request = armRequestTo(provider, target, message);
  try {
    const answer = await consistently(async () => {
      await check();
      return await putResource(provider, storedRequest(request));
    });
    const url = answer.headers?.['azure-asyncoperation'] ?? answer.headers?.location;
    return { operationId: answer.status === 202 ? operationIn(url) : undefined };
  } catch (error) {
    const ours = await runningOperationOf(run, resource);
    if (ours !== undefined) return { operationId: ours };
    throw error;
  }
}

const operationIn = (url: string | undefined): string =>
  present(/\/([0-9a-f-]{36})\?/i.exec(url ?? '')?.[1], 'the operation in a poll URL');

/** The operation that this deployment started on the resource before a crash, without having stored it. */
async function runningOperationOf(
  { parts, operation }: Run,
  { key }: PlannedResource,
): Promise<string | undefined> {
  const { database } = parts.provider;
  const id = (await findResource(database, key))?.operationId;
  const found = id === undefined ? undefined : await findOperation(database, id);
  return found?.verb === 'put' && found.correlationId === operation.correlationId
    ? found.id
    : undefined;
}

/** Updates the state of a resource whose operation was running. */
async function refresh(run: Run, row: DeploymentOperationRow): Promise<void> {
  const { database, clock } = run.parts.provider;
  const found = await findOperation(database, row.operationId ?? '');
  if (found?.status === 'Running') return;
  const endedAt = found?.endedAt ?? clock.now();
  const failure = found?.failure;
  const status = failure === undefined ? 'Succeeded' : 'Failed';
  await write(run, { ...row, status, failure, endedAt });
}

/** Stores the state of a resource; refuses where the deployment was deleted meanwhile, or replaced by another one. */
async function write(run: Run, row: DeploymentOperationRow): Promise<void> {
  const { parts, operation } = run;
  await parts.provider.database.write(async (writer) => {
    const deployment = await findDeployment(writer, row.deployment);
    if (deployment?.operationId !== operation.id) {
      throw deploymentErrors.notFound(lastSegmentOf(operation.resourceId));
    }
    await putDeploymentOperation(writer, row);
  });
  run.started.set(row.position, row);
}

/** In mode Complete the deletions of so many resources are under way at once `[ours]`. */
const MAX_DELETED_AT_ONCE = 100;

/** In mode Complete, deletes the other resources of the group; then evaluates the outputs. */
async function complete(run: Run): Promise<StepResult> {
  const { parts, prepared, operation } = run;
  if (prepared.request.mode === 'Complete') {
    const left = await unmanagedResources(parts, prepared, MAX_DELETED_AT_ONCE);
    for (const resource of left) {
      if (resource.operationId !== undefined) continue;
      const message = { correlationId: operation.correlationId };
      await consistently(async () =>
        deleteResource(parts.provider, requestFor(parts.provider, resource, message)),
      );
    }
    const deleting = await unmanagedResources(parts, prepared, MAX_DELETED_AT_ONCE);
    const operations = deleting.flatMap(({ operationId }) => operationId ?? []);
    if (operations.length > 0) return { until: operations.map((id) => ({ operation: id })) };
    if (deleting.length > 0) return { more: true };
  }
  const context: ReferenceContext = {
    prepared,
    correlationId: operation.correlationId,
    isSettled: () => true,
  };
  const outputs = await resolvedValue(parts, context, () => outputsView(prepared));
  const output: JsonObject = {
    ...('value' in outputs ? { outputs: outputs.value } : {}),
    outputResources: prepared.resources
      .filter(({ isDeployed }) => isDeployed)
      .map(({ id }) => ({ id })),
  };
  return { done: true, output };
}

/** The resources of the group that are neither in the template nor created by one that is; the first `limit` of them. */
export async function unmanagedResources(
  { provider }: DeploymentParts,
  { place, resources }: Prepared,
  limit = Number.POSITIVE_INFINITY,
): Promise<ResourceRow[]> {
  if (place.group === undefined) return [];
  const kept = new Set(resources.filter(({ isDeployed }) => isDeployed).map(({ key }) => key));
  const scope = scopeIdOf(place).toLowerCase();
  const unmanaged: ResourceRow[] = [];
  for await (const row of eachTracked(provider.database.reader, scope, { isWithHidden: true })) {
    const { key, type, origin } = row;
    const isMade =
      origin !== undefined &&
      [...kept].some((own) => origin === own || origin.startsWith(`${own}/`));
    const isDeletable = storedTypeOf(provider.registry, type)?.operations.delete !== undefined;
    if (!kept.has(key) && !isMade && isDeletable) unmanaged.push(row);
    if (unmanaged.length >= limit) break;
  }
  return unmanaged;
}
