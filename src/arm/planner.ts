/** Makes the plan of a stored operation anew, from its resource type's declaration. Handed to the engine by `app.ts`. */
import { resourceIdOf } from '#shared/arm-id.ts';
import { assert, present } from '#shared/assert.ts';
import type { OperationRow, Planner } from '#operations/operation.ts';
import { type Failure } from '#shared/failure.ts';
import type { Provider } from './provider.ts';
import type { ObservedType, Plan, StoredType, Target } from './resource-type.ts';
import { loadTarget } from './verbs/target.ts';

/** The planner over the provider's types. */
export function plannerOf(provider: Provider): Planner {
  return async (operation): Promise<Plan> => {
    const type = present(provider.registry.get(operation.type), `the type ${operation.type}`);
    assert(type.category !== 'subscription', `nothing runs on the type ${operation.type}`);
    const id = resourceIdOf(operation.resourceId);
    const target = await loadTarget(provider, id);
    return type.category === 'stored'
      ? await storedPlan(type, operation, target)
      : await observedPlan(type, operation, target);
  };
}

async function storedPlan(
  { operations }: StoredType,
  operation: OperationRow,
  target: Target,
): Promise<Plan> {
  const { verb, input } = operation;
  if (verb === 'put') return (await operations.put?.plan?.(target, input)) ?? [];
  const { resource } = target;
  // A job leaves its resource free, so the resource may be deleted while the job runs.
  if (resource === undefined) return planOfDeleted(operation);
  const existing = { ...target, resource };
  if (verb === 'delete') return (await operations.delete?.plan(existing)) ?? [];
  const action = present(operations.actions?.[verb], `the action ${verb}`);
  return (await action.plan?.(existing, input, operation.id)) ?? [];
}

async function observedPlan(
  { operations }: ObservedType,
  operation: OperationRow,
  target: Target,
): Promise<Plan> {
  const { verb, input } = operation;
  const device = target.root;
  if (device === undefined) return planOfDeleted(operation);
  const action = present(operations.actions?.[verb], `the action ${verb}`);
  return (await action.plan?.({ ...target, device }, input, operation.id)) ?? [];
}

/** Fails at whichever step the operation is. */
function planOfDeleted({ step, resourceId }: OperationRow): Plan {
  const failed: Failure = {
    kind: 'invalid',
    code: 'GatewayUserErrorOperationCanceled',
    message: `The resource '${resourceId}' was deleted while the operation was running.`,
  };
  return Array.from({ length: step + 1 }, (_, index) => ({
    name: `gone-${index}`,
    run: async () => ({ failed }),
  }));
}
