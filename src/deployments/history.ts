/** Shows, lists and deletes deployments and their operations: the routes that start none. */
import { errors } from '#arm/errors.ts';
import { filterValues } from '#arm/filter-clauses.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import { type Answer, statusAnswer } from '#arm/polling.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type DeploymentOperationRow,
  type DeploymentRow,
  type DeploymentState,
  findDeployment,
  findDeploymentOperation,
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
  operationOf,
  operationView,
  positionIn,
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

const STATES: readonly DeploymentState[] = ['Running', 'Succeeded', 'Failed', 'Canceled'];

/** The state that `$filter` asks for; deployments here are in no other than these. */
function stateIn(filter: unknown): DeploymentState | undefined {
  const { provisioningstate: asked } = filterValues(filter, { fields: ['provisioningstate'] });
  if (asked === undefined) return undefined;
  const state = STATES.find((known) => known.toLowerCase() === asked.toLowerCase());
  if (state !== undefined) return state;
  const message = `The provisioning state '${asked}' must be one of: ${STATES.join(', ')}.`;
  throw errors.invalidQuery('$filter', message);
}

export async function listOfDeployments(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<Answer> {
  const { database } = parts.provider;
  const scope = await scopeIdIn(parts, call);
  const state = stateIn(call.query.$filter);
  const { limit, ...from } = pageOf(call.query);
  const rows = await listDeployments(database.reader, scope.toLowerCase(), {
    ...(state === undefined ? {} : { state }),
    ...from,
    limit: limit + 1,
  });
  const { shown, next } = cutToPage(rows, { limit, url: call.url }, ({ key }) => key);
  const value: JsonObject[] = [];
  for (const row of shown) value.push(await viewOfDeployment(parts, row));
  return { status: 200, body: { value, ...next } };
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
  const row = await deploymentIn(parts, call);
  const { limit, after } = pageOf(call.query);
  const done = await listDeploymentOperations(parts.provider.database.reader, row.key, {
    ...(after === undefined ? {} : { after: Number(lastSegmentOf(after)) || 0 }),
    limit: limit + 1,
  });
  const { shown, next } = cutToPage(
    done,
    { limit, url: call.url },
    ({ position }) => `/${position}`,
  );
  return { status: 200, body: { value: await operationViews(parts, row, shown), ...next } };
}

async function operationViews(
  parts: DeploymentParts,
  row: DeploymentRow,
  done: readonly DeploymentOperationRow[],
): Promise<JsonObject[]> {
  const { startedAt: at } = await operationOf(parts, row);
  const request = requestOf(parts, row);
  const prepared = await prepare(parts.provider, { id: row.id, request, at });
  return done.map((one) => operationView(row, one, prepared.resources[one.position]));
}

export async function showOperation(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const row = await deploymentIn(parts, call);
  const id = call.parameters.operationId ?? '';
  const position = positionIn(row, id);
  const { reader } = parts.provider.database;
  const done =
    position === undefined ? undefined : await findDeploymentOperation(reader, row.key, position);
  if (done === undefined) throw deploymentErrors.operationNotFound(id);
  const [body] = await operationViews(parts, row, [done]);
  return { status: 200, body: present(body, 'the view of an operation') };
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
