/** The scopes, ids and rows of deployments, from the paths of calls. */
import { errors } from '#arm/errors.ts';
import { resourceGroupKey } from '#shared/arm-id.ts';
import { type DeploymentRow, findDeployment } from '#store/deployments.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import type { PlatformCall } from '#arm/platform-route.ts';
import { groupId, subscriptionId as subscriptionPath } from './expressions/ids.ts';
import type { DeploymentParts } from './parts.ts';
import { deploymentErrors } from './refusals.ts';

/** The type of deployments in its public casing. */
export const SHOWN_TYPE = 'Microsoft.Resources/deployments';

/** The id of the group or subscription of a call, in its stored casing; refuses an unknown group. */
export async function scopeIdIn(
  { provider }: DeploymentParts,
  { subscriptionId, parameters }: PlatformCall,
): Promise<string> {
  const { resourceGroupName: name } = parameters;
  if (name === undefined) return subscriptionPath(subscriptionId);
  const group = await findResourceGroup(provider.database, resourceGroupKey(subscriptionId, name));
  if (group === undefined) throw errors.resourceGroupNotFound(name);
  return groupId(subscriptionId, group.name);
}

/** The id of the deployment of a call; refuses an unknown group and an invalid name. */
export async function deploymentIdIn(parts: DeploymentParts, call: PlatformCall): Promise<string> {
  const scope = await scopeIdIn(parts, call);
  const name = call.parameters.deploymentName ?? '';
  if (!/^[-\w.()]{1,64}$/.test(name)) throw deploymentErrors.invalidName(name);
  return `${scope}/providers/${SHOWN_TYPE}/${name}`;
}

/** The deployment of a call; refuses an unknown one. */
export async function deploymentIn(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<DeploymentRow> {
  const id = await deploymentIdIn(parts, call);
  const row = await findDeployment(parts.provider.database.reader, id.toLowerCase());
  if (row === undefined) throw deploymentErrors.notFound(call.parameters.deploymentName ?? '');
  return row;
}
