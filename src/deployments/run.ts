/**
 * The run of a deployment: one step of the engine that looks again until every resource stands. What has been begun and
 * what came of it is stored resource by resource, so that a run which is cut off goes on where it was; a resource whose
 * beginning was not written down is put once more, or found to be under way for this very deployment.
 */
import { storedRequest } from '#arm/provider.ts';
import { storedTypeOf } from '#arm/resource-type.ts';
import { deleteResource } from '#arm/verbs/delete.ts';
import { putResource } from '#arm/verbs/put.ts';
import type { Step, StepResult } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import { type ErrorBody, RefusedError } from '#shared/failure.ts';
import { milliseconds } from '#shared/instant.ts';
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
import { type Asking, settledValue } from './answers.ts';
import { TemplateError } from './expressions/template-error.ts';
import { outputsView } from './outputs.ts';
import { type DeploymentParts, requestOf } from './parts.ts';
import { bodyOf, nestedRequest, prepare, type Prepared } from './prepare.ts';
import { deploymentFailed, failureOfTemplate } from './refusals.ts';
import { type PlannedResource, scopeIdOf } from './resources.ts';
import { armRequestTo, askPlatform, registeredType, targetOf } from './targets.ts';
import { admitWrite } from './write-hooks.ts';
import { consistently } from '#store/read-set.ts';

/** The plan of a deployment: one step, and the deletions that complete it. */
export function deploymentPlan(parts: DeploymentParts, operation: OperationRow): Step[] {
  return [
    { name: 'deploy', run: async () => await refusingAll(parts, operation, deploy) },
    { name: 'complete', run: async () => await refusingAll(parts, operation, complete) },
  ];
}

/** One look of a run at its deployment. */
interface Run {
  readonly parts: DeploymentParts;
  readonly operation: OperationRow;
  readonly prepared: Prepared;
  /** By position. */
  readonly done: Map<number, DeploymentOperationRow>;
}

async function refusingAll(
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
    const done = new Map(rows.map((known) => [known.position, known]));
    return await work({ parts, operation, prepared, done });
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

/** Begins whatever may begin, until all that is left waits for something. */
async function deploy(run: Run): Promise<StepResult> {
  const { prepared, done } = run;
  for (;;) {
    for (const row of [...done.values()]) if (row.status === 'Running') await look(run, row);
    const rows = [...done.values()];
    const isRunning = rows.some(({ status }) => status === 'Running');
    const failures = rows.flatMap(({ failure, target }) =>
      failure === undefined ? [] : [{ ...failure, target }],
    );
    if (failures.length > 0) {
      return isRunning ? untilOne(rows) : { failed: deploymentFailed(prepared.id, failures) };
    }
    const left = prepared.resources.filter(
      ({ isDeployed, position }) => isDeployed && !done.has(position),
    );
    if (left.length === 0) return isRunning ? untilOne(rows) : { done: true };
    if (await beginSome(run, left)) continue;
    if (isRunning) return untilOne([...done.values()]);
    throw new TemplateError(
      `Circular dependency detected on resource: '${left[0]?.id ?? ''}'. ` +
        'Please see https://aka.ms/arm-syntax-resources for usage details.',
    );
  }
}

/** Waits until one of the resources that are being deployed stands or has failed. */
const untilOne = (rows: readonly DeploymentOperationRow[]): StepResult => ({
  until: rows.flatMap(({ status, operationId }) =>
    status === 'Running' && operationId !== undefined ? [{ operation: operationId }] : [],
  ),
});

const isSettled = ({ done, prepared }: Run, position: number): boolean =>
  prepared.resources[position]?.isDeployed === false || done.get(position)?.status === 'Succeeded';

/** Whether any of them could begin. */
async function beginSome(run: Run, left: readonly PlannedResource[]): Promise<boolean> {
  let hasBegun = false;
  for (const resource of left) {
    if (!resource.waitsFor.every((position) => isSettled(run, position))) continue;
    hasBegun = (await begin(run, resource)) || hasBegun;
  }
  return hasBegun;
}

/** Begins one resource and writes that down; false where its expressions ask for one that is not deployed yet. */
async function begin(run: Run, resource: PlannedResource): Promise<boolean> {
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
    const begun = await place(run, resource);
    if (begun === undefined) return false;
    const { operationId } = begun;
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

/** Puts the resource as a client would: the operation that this takes, if any; undefined where it must wait. */
async function place(
  run: Run,
  resource: PlannedResource,
): Promise<{ readonly operationId: string | undefined } | undefined> {
  const { parts, operation, prepared } = run;
  const { provider } = parts;
  const { correlationId } = operation;
  const actor = actorIn(operation);
  const asking: Asking = { prepared, correlationId, isSettled: (at) => isSettled(run, at) };
  const target = targetOf(parts, resource);
  await admitWrite(provider, { id: resource.id, type: registeredType(target, resource.type) });
  if (target.kind === 'deployment') {
    const nested = await settledValue(parts, asking, () =>
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
  const body = await settledValue(parts, asking, () => bodyOf(resource));
  if ('waits' in body) return undefined;
  const message = { ...resource, correlationId, actor, body: body.value };
  if (target.kind === 'platform') {
    await askPlatform(target, 'PUT', message);
    return { operationId: undefined };
  }
  const request = armRequestTo(provider, target, message);
  try {
    const answer = await consistently(async () => putResource(provider, storedRequest(request)));
    const url = answer.headers?.['azure-asyncoperation'] ?? answer.headers?.location;
    return { operationId: answer.status === 202 ? operationIn(url) : undefined };
  } catch (error) {
    const ours = await underWay(run, resource);
    if (ours !== undefined) return { operationId: ours };
    throw error;
  }
}

const operationIn = (url: string | undefined): string =>
  present(/\/([0-9a-f-]{36})\?/i.exec(url ?? '')?.[1], 'the operation in a poll URL');

/** The operation by which this very deployment is at work on the resource: begun before a crash, and not written down. */
async function underWay(
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

/** Whether what was begun has ended. */
async function look(run: Run, row: DeploymentOperationRow): Promise<void> {
  const { database, clock } = run.parts.provider;
  const found = await findOperation(database, row.operationId ?? '');
  if (found?.status === 'Running') return;
  const endedAt = found?.endedAt ?? clock.now();
  const failure = found?.failure;
  const status = failure === undefined ? 'Succeeded' : 'Failed';
  await write(run, { ...row, status, failure, endedAt });
}

async function write(run: Run, row: DeploymentOperationRow): Promise<void> {
  await run.parts.provider.database.write(async (writer) => putDeploymentOperation(writer, row));
  run.done.set(row.position, row);
}

/** Mode Complete: what the group holds beside the template goes. Then the outputs are made. */
async function complete(run: Run): Promise<StepResult> {
  const { parts, prepared, operation } = run;
  if (prepared.request.mode === 'Complete') {
    const left = await strangersOf(parts, prepared);
    for (const resource of left) {
      if (resource.operationId !== undefined) continue;
      const message = { correlationId: operation.correlationId };
      await consistently(async () =>
        deleteResource(parts.provider, requestFor(parts.provider, resource, message)),
      );
    }
    const deleting = await strangersOf(parts, prepared);
    const operations = deleting.flatMap(({ operationId }) => operationId ?? []);
    if (operations.length > 0) return { until: operations.map((id) => ({ operation: id })) };
    if (deleting.length > 0) return { again: milliseconds(1) };
  }
  const asking: Asking = {
    prepared,
    correlationId: operation.correlationId,
    isSettled: () => true,
  };
  const outputs = await settledValue(parts, asking, () => outputsView(prepared));
  const output: JsonObject = {
    ...('value' in outputs ? { outputs: outputs.value } : {}),
    outputResources: prepared.resources
      .filter(({ isDeployed }) => isDeployed)
      .map(({ id }) => ({ id })),
  };
  return { done: true, output };
}

/** The resources of the group that the template does not have, nor made by any that it has. */
export async function strangersOf(
  { provider }: DeploymentParts,
  { place, resources }: Prepared,
): Promise<ResourceRow[]> {
  if (place.group === undefined) return [];
  const kept = new Set(resources.filter(({ isDeployed }) => isDeployed).map(({ key }) => key));
  const scope = scopeIdOf(place).toLowerCase();
  const strangers: ResourceRow[] = [];
  for await (const row of eachTracked(provider.database.reader, scope, { isWithHidden: true })) {
    const { key, type, origin } = row;
    const isMade =
      origin !== undefined &&
      [...kept].some((own) => origin === own || origin.startsWith(`${own}/`));
    const isDeletable = storedTypeOf(provider.registry, type)?.operations.delete !== undefined;
    if (!kept.has(key) && !isMade && isDeletable) strangers.push(row);
  }
  return strangers;
}
