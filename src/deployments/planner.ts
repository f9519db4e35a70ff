/** The plans of deployments; all other operations are planned by other rooms. Handed to the engine. */
import type { Planner } from '#operations/operation.ts';
import type { DeploymentParts } from './parts.ts';
import { DEPLOYMENT_TYPE } from './resources.ts';
import { deploymentPlan } from './run.ts';

/** The planner of deployments before `others`. */
export function deploymentPlanner(parts: DeploymentParts, others: Planner): Planner {
  return async (operation) =>
    operation.type === DEPLOYMENT_TYPE ? deploymentPlan(parts, operation) : await others(operation);
}
