/** Shows, lists and deletes deployments and their operations: the routes that start none. */
import { nextLinkOf, pageOf } from '#arm/paging.ts';
import { type Answer, statusAnswer } from '#arm/polling.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type DeploymentRow,
  findDeployment,
  listDeploymentOperations,
  listDeployments,
  removeDeployment,
} from '#store/deployments.ts';
import { findOperation } from '#store/operations.ts';
import type { PlatformCall } from '#arm/platform-route.ts';
import { exportedTemplate } from './export.ts';
import { deploymentIdIn, deploymentIn, scopeIdIn } from './named.ts';
import { type DeploymentParts, requestOf } from './parts.ts';
import { prepare } from './prepare.ts';
import { CANCELED, deploymentErrors } from './refusals.ts';
import {
  errorOf,
  operationIdOf,
  operationOf,
  operationView,
  stateOf,
  viewOfDeployment,
} from './view.ts';

export async function showDeployment(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  return { status: 200, body: await viewOfDeployment(parts, await deploymentIn(parts, call)) };
}

export async function hasDeployment(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const id = await deploymentIdIn(parts, call);
  const row = await findDeployment(parts.provider.database.reader, id.toLowerCase());
  return { status: row === undefined ? 404 : 204 };
}

export async function listOfDeployments(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<Answer> {
  const { database } = parts.provider;
  const scope = await scopeIdIn(parts, call);
  const page = pageOf(call.query);
  const rows = await listDeployments(database.reader, scope.toLowerCase(), {
    after: page.after,
    limit: page.limit + 1,
  });
  const { $filter: given } = call.query;
  const filter = typeof given === 'string' ? given : '';
  const expected = /provisioningState\s+eq\s+'(\w+)'/i.exec(filter)?.[1];
  const value: JsonObject[] = [];
  for (const row of rows.slice(0, page.limit)) {
    const state = stateOf(row, await operationOf(parts, row));
    if (expected !== undefined && expected.toLowerCase() !== state.toLowerCase()) continue;
    value.push(await viewOfDeployment(parts, row));
  }
  const last = rows[page.limit - 1];
  const isMore = rows.length > page.limit && last !== undefined;
  return {
    status: 200,
    body: { value, ...(isMore ? { nextLink: nextLinkOf(call.url, last.key) } : {}) },
  };
}

/** Deletes a deployment from the history; in ARM that is long-running, here it is done at once [ours]. */
export async function deleteDeployment(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<Answer> {
  const id = await deploymentIdIn(parts, call);
  const { database } = parts.provider;
  const row = await findDeployment(database.reader, id.toLowerCase());
  if (row === undefined) return { status: 204 };
  if ((await operationOf(parts, row)).status === 'Running') throw deploymentErrors.active(row.id);
  await database.write(async (writer) => removeDeployment(writer, row.key));
  return { status: 204 };
}

export async function exportTemplate(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const { template } = requestOf(parts, await deploymentIn(parts, call));
  return { status: 200, body: { template: exportedTemplate(template) } };
}

export async function listOfOperations(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<Answer> {
  return { status: 200, body: await operationViews(parts, await deploymentIn(parts, call)) };
}

async function operationViews(
  parts: DeploymentParts,
  row: DeploymentRow,
): Promise<{ value: JsonObject[] }> {
  const { provider } = parts;
  const done = await listDeploymentOperations(provider.database.reader, row.key);
  const { startedAt: at } = await operationOf(parts, row);
  const prepared = await prepare(provider, { id: row.id, request: requestOf(parts, row), at });
  return {
    value: done.map((one) => operationView(row, one, prepared.resources[one.position])),
  };
}

export async function showOperation(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const row = await deploymentIn(parts, call);
  const id = call.parameters.operationId ?? '';
  const done = await listDeploymentOperations(parts.provider.database.reader, row.key);
  const index = done.findIndex((one) => operationIdOf(row, one) === id.toUpperCase());
  const body = (await operationViews(parts, row)).value[index];
  if (body === undefined) throw deploymentErrors.operationNotFound(id);
  return { status: 200, body };
}

/** 200 for every existing operation, whatever its result [rpc]. */
export async function pollDeployment(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const { database, clock } = parts.provider;
  const key = (await deploymentIdIn(parts, call)).toLowerCase();
  const id = call.parameters.operationId ?? '';
  const run = await findOperation(database, id);
  if (run?.resourceKey !== key) throw deploymentErrors.operationNotFound(id);
  const row = await findDeployment(database.reader, key);
  const status = row?.operationId === run.id ? stateOf(row, run) : run.status;
  const failure = status === 'Canceled' ? CANCELED : run.failure;
  return statusAnswer(
    { status, ...(failure === undefined ? {} : { error: errorOf(failure) }) },
    clock,
  );
}
