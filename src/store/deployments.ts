/**
 * Template deployments, keyed by their id in lower case, and what each has done to each of its resources so far. How a
 * deployment fares is its operation's to say (operations.ts). Written by `deployments/`.
 */
import type { ErrorBody } from '#shared/failure.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import type { OperationStatus } from './operations.ts';
import { isBelow } from './ranges.ts';
import type { KeyPage } from './resource-lists.ts';
import type { Tables } from './tables.ts';

export interface DeploymentRow {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  /** Key of the resource group or subscription that it deploys to. */
  readonly scope: string;
  readonly location: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly mode: string;
  /** What was asked for, sealed: parameters may be secrets, and so may literals in a template. */
  readonly request: string;
  /** Its run: the latest one. */
  readonly operationId: string;
  readonly canceledAt: Instant | undefined;
  /** Key of the deployment whose template made this one. */
  readonly parent: string | undefined;
}

export async function findDeployment(
  reader: Reader,
  key: string,
): Promise<DeploymentRow | undefined> {
  const row = await reader
    .selectFrom('deployments')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

/** The state of a deployment: that of its run, unless it was canceled. */
export type DeploymentState = OperationStatus | 'Canceled';

/** Which deployments of a scope a page is read of. */
export interface DeploymentPage extends KeyPage {
  readonly state?: DeploymentState;
  readonly limit: number;
}

/** A page of the deployments of a scope, in the order of their keys. */
export async function listDeployments(
  reader: Reader,
  scope: string,
  { state, after, limit }: DeploymentPage,
): Promise<DeploymentRow[]> {
  let query = reader
    .selectFrom('deployments')
    .selectAll()
    .where('scope', '=', scope)
    .orderBy('key')
    .limit(limit);
  if (after !== undefined) query = query.where('key', '>', after);
  if (state === 'Canceled') query = query.where('canceled_at', 'is not', null);
  else if (state !== undefined) {
    query = query
      .where('canceled_at', 'is', null)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('operations')
            .select('id')
            .whereRef('id', '=', 'deployments.operation_id')
            .where('status', '=', state),
        ),
      );
  }
  return (await query.execute()).map(rowOf);
}

/** How many deployments the history of a scope has. */
export async function countDeployments(reader: Reader, scope: string): Promise<number> {
  const { count } = await reader
    .selectFrom('deployments')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('scope', '=', scope)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Keys of the deployments of a scope that have ended, and whose outer one has, those that began first at the head. */
export async function oldestDeploymentKeys(
  reader: Reader,
  scope: string,
  limit: number,
): Promise<string[]> {
  const rows = await reader
    .selectFrom('deployments')
    .innerJoin('operations', 'operations.id', 'deployments.operation_id')
    .select('deployments.key')
    .where('deployments.scope', '=', scope)
    .where('operations.ended_at', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('deployments as outer')
            .innerJoin('operations as run', 'run.id', 'outer.operation_id')
            .select('outer.key')
            .whereRef('outer.key', '=', 'deployments.parent')
            .where('run.ended_at', 'is', null),
        ),
      ),
    )
    .orderBy('operations.started_at')
    .orderBy('deployments.key')
    .limit(limit)
    .execute();
  return rows.map(({ key }) => key);
}

/** The deployments that the template of `parent` made: at most as many as a template has resources. */
export async function listNested(reader: Reader, parent: string): Promise<DeploymentRow[]> {
  const rows = await reader
    .selectFrom('deployments')
    .selectAll()
    .where('parent', '=', parent)
    .orderBy('key')
    .execute();
  return rows.map(rowOf);
}

/** Makes the deployment, or replaces it whole, with what its former run has done. */
export async function putDeployment(writer: Writer, deployment: DeploymentRow): Promise<void> {
  await removeDeployment(writer, deployment.key);
  await writer
    .insertInto('deployments')
    .values({
      key: deployment.key,
      id: deployment.id,
      name: deployment.name,
      scope: deployment.scope,
      location: deployment.location ?? null,
      tags: JSON.stringify(deployment.tags),
      mode: deployment.mode,
      request: deployment.request,
      operation_id: deployment.operationId,
      canceled_at: deployment.canceledAt ?? null,
      parent: deployment.parent ?? null,
    })
    .execute();
}

export async function markCanceled(writer: Writer, key: string, at: Instant): Promise<void> {
  await writer.updateTable('deployments').set({ canceled_at: at }).where('key', '=', key).execute();
}

export async function removeDeployment(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('deployment_operations').where('deployment', '=', key).execute();
  await writer.deleteFrom('deployments').where('key', '=', key).execute();
}

/** The keys of the first `limit` deployments at `scope` and everywhere below it. */
export async function deploymentKeysWithin(
  reader: Reader,
  scope: string,
  limit: number,
): Promise<string[]> {
  const rows = await reader
    .selectFrom('deployments')
    .select('key')
    .where((eb) => isBelow(eb, 'key', scope))
    .orderBy('key')
    .limit(limit)
    .execute();
  return rows.map(({ key }) => key);
}

export type DeploymentOperationStatus = 'Running' | 'Succeeded' | 'Failed';

/** What a deployment has done to one resource. */
export interface DeploymentOperationRow {
  /** Key of the deployment. */
  readonly deployment: string;
  /** Of the resource among those of the template, as they were planned. */
  readonly position: number;
  /** Id of the resource. */
  readonly target: string;
  readonly status: DeploymentOperationStatus;
  /** The operation on the resource, where it takes one. */
  readonly operationId: string | undefined;
  readonly failure: ErrorBody | undefined;
  /** The resource was not there before. */
  readonly isCreation: boolean;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
}

/** What a deployment has done, in the order of positions: all of it, at most as many as a template has resources. */
export async function listDeploymentOperations(
  reader: Reader,
  deployment: string,
  { after, limit }: { readonly after?: number; readonly limit?: number } = {},
): Promise<DeploymentOperationRow[]> {
  let query = reader
    .selectFrom('deployment_operations')
    .selectAll()
    .where('deployment', '=', deployment)
    .orderBy('position');
  if (after !== undefined) query = query.where('position', '>', after);
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(operationRowOf);
}

/** What a deployment has done to the resource of that position; undefined: nothing yet. */
export async function findDeploymentOperation(
  reader: Reader,
  deployment: string,
  position: number,
): Promise<DeploymentOperationRow | undefined> {
  const row = await reader
    .selectFrom('deployment_operations')
    .selectAll()
    .where('deployment', '=', deployment)
    .where('position', '=', position)
    .executeTakeFirst();
  return row && operationRowOf(row);
}

/** Writes it, in place of an earlier state of the same. */
export async function putDeploymentOperation(
  writer: Writer,
  operation: DeploymentOperationRow,
): Promise<void> {
  const changing = {
    status: operation.status,
    operation_id: operation.operationId ?? null,
    failure: operation.failure === undefined ? null : JSON.stringify(operation.failure),
    ended_at: operation.endedAt ?? null,
  };
  await writer
    .insertInto('deployment_operations')
    .values({
      deployment: operation.deployment,
      position: operation.position,
      target: operation.target,
      creates: operation.isCreation ? 1 : 0,
      started_at: operation.startedAt,
      ...changing,
    })
    .onConflict((conflict) => conflict.columns(['deployment', 'position']).doUpdateSet(changing))
    .execute();
}

const operationRowOf = (row: Tables['deployment_operations']): DeploymentOperationRow => ({
  deployment: row.deployment,
  position: row.position,
  target: row.target,
  status: row.status as DeploymentOperationStatus,
  operationId: row.operation_id ?? undefined,
  failure: row.failure === null ? undefined : (JSON.parse(row.failure) as ErrorBody),
  isCreation: row.creates !== 0,
  startedAt: instant(Number(row.started_at)),
  endedAt: row.ended_at === null ? undefined : instant(Number(row.ended_at)),
});

function rowOf(row: Tables['deployments']): DeploymentRow {
  return {
    key: row.key,
    id: row.id,
    name: row.name,
    scope: row.scope,
    location: row.location ?? undefined,
    tags: JSON.parse(row.tags) as Record<string, string>,
    mode: row.mode,
    request: row.request,
    operationId: row.operation_id,
    canceledAt: row.canceled_at === null ? undefined : instant(Number(row.canceled_at)),
    parent: row.parent ?? undefined,
  };
}
