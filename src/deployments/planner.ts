/** The plans of deployments, for the engine. */
import type { Planner } from '#operations/operation.ts';
import type { DeploymentParts } from './parts.ts';
import { DEPLOYMENT_TYPE } from './resources.ts';
import { deploymentPlan } from './run.ts';

/** Plans deployments; `others` plans all other operations. */
export function deploymentPlanner(parts: DeploymentParts, others: Planner): Planner {
  return async (operation) =>
    operation.type === DEPLOYMENT_TYPE ? deploymentPlan(parts, operation) : await others(operation);
}
