/** Makes the plan of a stored operation anew, from its resource type's declaration. Handed to the engine by `app.ts`. */
import { resourceIdOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import type { OperationRow, Planner } from '#operations/operation.ts';
import { type Failure } from '#shared/failure.ts';
import type { Provider } from './provider.ts';
import type { Plan } from './resource-type.ts';
import { loadTarget } from './verbs/target.ts';

/** The planner over the provider's types. */
export function plannerOf<Ports>(provider: Provider<Ports>): Planner {
  return async (operation): Promise<Plan> => {
    const type = present(provider.registry.get(operation.type), `the type ${operation.type}`);
    const id = resourceIdOf(operation.resourceId);
    const target = await loadTarget(provider, id);
    if (operation.verb === 'put') {
      return (await type.operations.put?.plan?.(target, operation.input)) ?? [];
    }
    const resource = type.find === undefined ? target.resource : target.root;
    // What a job is about may go while it runs: it leaves the resource free.
    if (resource === undefined) return planOfGone(operation);
    const existing = { ...target, resource };
    if (operation.verb === 'delete') {
      return (await type.operations.delete?.plan(existing)) ?? [];
    }
    const action = present(
      type.operations.actions?.[operation.verb],
      `the action ${operation.verb}`,
    );
    return (await action.plan?.(existing, operation.input, operation.id)) ?? [];
  };
}

/** Fails at whatever step the operation is. */
function planOfGone({ step, resourceId }: OperationRow): Plan {
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
