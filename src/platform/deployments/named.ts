/** Deployments by the paths of calls: their ids, and their rows. */
import { type DeploymentRow, findDeployment } from '#store/deployments.ts';
import type { PlatformCall } from '../platform-route.ts';
import { checkScope, scopeIn } from '../scopes.ts';
import type { DeploymentParts } from './parts.ts';
import { deploymentErrors } from './refusals.ts';

/** As it is shown. */
export const SHOWN_TYPE = 'Microsoft.Resources/deployments';

/** The id of the deployment that a call is about, once its scope and name have been looked at. */
export async function deploymentIdIn(
  { provider }: DeploymentParts<unknown>,
  call: PlatformCall,
): Promise<string> {
  const scope = scopeIn(call.path, 'Microsoft.Resources');
  await checkScope(provider.database, scope);
  const name = call.parameters.deploymentName ?? '';
  if (!/^[-\w.()]{1,64}$/.test(name)) throw deploymentErrors.invalidName(name);
  return `${scope}/providers/${SHOWN_TYPE}/${name}`;
}

/** The deployment that a call is about, or a refusal. */
export async function deploymentIn(
  parts: DeploymentParts<unknown>,
  call: PlatformCall,
): Promise<DeploymentRow> {
  const id = await deploymentIdIn(parts, call);
  const row = await findDeployment(parts.provider.database.reader, id.toLowerCase());
  if (row === undefined) throw deploymentErrors.notFound(call.parameters.deploymentName ?? '');
  return row;
}
