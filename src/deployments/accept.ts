/** Accepts deployments: those that clients ask for, and those that stand in templates. Either begins an operation. */
import { errors } from '#arm/errors.ts';
import { beginOperation, drawOperationId } from '#operations/engine.ts';
import { enclosingOf, lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { type DeploymentRow, findDeployment, putDeployment } from '#store/deployments.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import { type Actor, PLATFORM } from '#arm/system-data.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { type DeploymentParts, sealedRequest } from './parts.ts';
import { deploymentErrors } from './refusals.ts';
import type { DeploymentRequest } from './request.ts';
import { DEPLOYMENT_TYPE } from './resources.ts';

/** Who began the run of a deployment. */
export const actorIn = ({ input }: Pick<OperationRow, 'input'>): Actor =>
  (input.actor as Actor | undefined) ?? PLATFORM;

export interface NewDeployment {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly at: Instant;
  readonly correlationId: string;
  readonly actor: Actor;
  /** Key of the deployment whose template made it. */
  readonly parent: string | undefined;
}

export interface Accepted {
  readonly operation: OperationRow;
  readonly isCreation: boolean;
  readonly id: string;
}

/**
 * Begins it. One that is active already is refused, but for the very one that is asked for: a step that runs again after a
 * crash finds what it had begun.
 */
export async function acceptDeployment(
  parts: DeploymentParts,
  asked: NewDeployment,
): Promise<Accepted> {
  const { provider } = parts;
  const key = asked.id.toLowerCase();
  return await provider.database.write(async (writer) => {
    await checkScopeStays(writer, asked.id);
    const old = await findDeployment(writer, key);
    const running = old === undefined ? undefined : await findOperation(writer, old.operationId);
    if (old !== undefined && running?.status === 'Running') {
      const isSame =
        asked.parent !== undefined &&
        old.parent === asked.parent &&
        running.correlationId === asked.correlationId;
      if (!isSame) throw deploymentErrors.active(old.id);
      return { operation: running, isCreation: false, id: old.id };
    }
    const drawn = { resourceKey: key, now: provider.clock.now() };
    const operationId = await drawOperationId(writer, provider.seed, drawn);
    const row: DeploymentRow = {
      key,
      id: old?.id ?? asked.id,
      name: lastSegmentOf(asked.id),
      scope: key.slice(0, key.lastIndexOf('/providers/')),
      location: asked.request.location,
      tags: asked.request.tags,
      mode: asked.request.mode,
      request: sealedRequest(parts, key, asked.request),
      operationId,
      canceledAt: undefined,
      parent: asked.parent,
    };
    await putDeployment(writer, row);
    const operation = await beginOperation(writer, operationOf(row, asked), asked.at);
    return { operation, isCreation: old === undefined, id: row.id };
  });
}

const operationOf = (row: DeploymentRow, asked: NewDeployment) =>
  ({
    id: row.operationId,
    resourceKey: row.key,
    resourceId: row.id,
    type: DEPLOYMENT_TYPE,
    verb: 'put',
    isCreation: false,
    input: { actor: { ...asked.actor } },
    style: 'async',
    pollPath: '',
    correlationId: asked.correlationId,
  }) as const;

async function checkScopeStays(writer: Writer, id: string): Promise<void> {
  const { subscriptionId, resourceGroup: name } = enclosingOf(id);
  if (name === undefined) return;
  const group = await findResourceGroup(writer, resourceGroupKey(subscriptionId, name));
  if (group === undefined) throw errors.resourceGroupNotFound(name);
  if (group.operationId !== undefined) throw errors.groupBeingDeleted(group.name);
}
