/** The plans of the platform's own operations, for the engine. */
import type { Provider } from '#arm/provider.ts';
import type { Planner } from '#operations/operation.ts';
import { GROUP_TYPE, groupDeletionPlan } from './group-deletion.ts';
import { MOVE_TYPE, movePlan } from './move.ts';
import { SUBSCRIPTION_DELETION_TYPE, subscriptionDeletionPlan } from './subscription-deletion.ts';

/** Plans the platform's operations; `others` plans the rest. */
export function platformPlanner(provider: Provider, others: Planner): Planner {
  return async (operation) => {
    switch (operation.type) {
      case GROUP_TYPE:
        return groupDeletionPlan(provider, operation);
      case MOVE_TYPE:
        return movePlan(provider, operation);
      case SUBSCRIPTION_DELETION_TYPE:
        return subscriptionDeletionPlan(provider, operation);
      default:
        return await others(operation);
    }
  };
}
