/** Accepts deployments of clients and nested ones; each starts an operation. */
import { errors } from '#arm/errors.ts';
import { newOperation, startOperation } from '#operations/begin.ts';
import type { NewOperation } from '#operations/operation.ts';
import { enclosingOf, lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { type DeploymentRow, findDeployment, putDeployment } from '#store/deployments.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import { type Actor, PLATFORM } from '#arm/system-data.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { subscriptionState } from '#store/subscriptions.ts';
import { limitHistory } from './history-limit.ts';
import { type DeploymentParts, sealedRequest } from './parts.ts';
import { deploymentErrors } from './refusals.ts';
import type { DeploymentRequest } from './request.ts';
import { DEPLOYMENT_TYPE } from './resources.ts';

/** Who started the operation of a deployment. */
export const actorIn = ({ input }: Pick<OperationRow, 'input'>): Actor =>
  (input.actor as Actor | undefined) ?? PLATFORM;

export interface NewDeployment {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly at: Instant;
  readonly correlationId: string;
  readonly actor: Actor;
  /** Key of the outer deployment; undefined for a client's. */
  readonly parent: string | undefined;
}

export interface Accepted {
  readonly operation: OperationRow;
  readonly isCreation: boolean;
  readonly id: string;
}

/**
 * Starts the deployment. A deployment that is running is refused, unless the same outer deployment started it: a step that
 * is repeated after a crash finds the one that it had started.
 */
export async function acceptDeployment(
  parts: DeploymentParts,
  deployment: NewDeployment,
): Promise<Accepted> {
  const { provider } = parts;
  const key = deployment.id.toLowerCase();
  return await provider.database.write(async (writer) => {
    await checkScopeStays(writer, deployment.id);
    const old = await findDeployment(writer, key);
    const running = old === undefined ? undefined : await findOperation(writer, old.operationId);
    if (old !== undefined && running?.status === 'Running') {
      const isSame =
        deployment.parent !== undefined &&
        old.parent === deployment.parent &&
        running.correlationId === deployment.correlationId;
      if (!isSame) throw deploymentErrors.active(old.id);
      return { operation: running, isCreation: false, id: old.id };
    }
    const id = old?.id ?? deployment.id;
    const operation = await newOperation(writer, provider.seed, {
      now: deployment.at,
      operation: operationOf({ key, id }, deployment),
    });
    const row: DeploymentRow = {
      key,
      id,
      name: lastSegmentOf(deployment.id),
      scope: key.slice(0, key.lastIndexOf('/providers/')),
      location: deployment.request.location,
      tags: deployment.request.tags,
      mode: deployment.request.mode,
      request: sealedRequest(parts, key, deployment.request),
      operationId: operation.id,
      canceledAt: undefined,
      parent: deployment.parent,
    };
    await putDeployment(writer, row);
    if (old === undefined) await limitHistory(writer, row.scope, deployment.at);
    await startOperation(writer, operation);
    return { operation, isCreation: old === undefined, id };
  });
}

const operationOf = (
  { key, id }: Pick<DeploymentRow, 'key' | 'id'>,
  deployment: NewDeployment,
): NewOperation => ({
  resourceKey: key,
  resourceId: id,
  type: DEPLOYMENT_TYPE,
  verb: 'put',
  isCreation: false,
  input: { actor: { ...deployment.actor } },
  style: 'async',
  pollPath: '',
  correlationId: deployment.correlationId,
});

async function checkScopeStays(writer: Writer, id: string): Promise<void> {
  const { subscriptionId, resourceGroup: name } = enclosingOf(id);
  if ((await subscriptionState(writer, subscriptionId)) === 'Deleted') {
    throw errors.subscriptionNotFound(subscriptionId);
  }
  if (name === undefined) return;
  const group = await findResourceGroup(writer, resourceGroupKey(subscriptionId, name));
  if (group === undefined) throw errors.resourceGroupNotFound(name);
  if (group.operationId !== undefined) throw errors.groupBeingDeleted(group.name);
}
