/** DELETE: 204 where nothing is, 200 where it goes at once, 202 where it takes steps (arm-protocol §3). */
import { present } from '#shared/assert.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { findBuiltIn } from '../built-in.ts';
import { errors } from '../errors.ts';
import { checkConditions } from '../etag.ts';
import type { Answer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { groupKeyOf } from '#shared/arm-id.ts';
import { forBody, type StoredType } from '../resource-type.ts';
import { acceptOperation, checkIdle, checkPlan, removeNow } from './accept.ts';
import { idOf, loadTarget } from './target.ts';

/** Refuses with 409 while the resource is busy or its type says that it may not go. */
export async function deleteResource(
  provider: Provider,
  request: ArmRequest<StoredType>,
): Promise<Answer> {
  const { type } = request;
  const id = idOf(request);
  const operation = present(type.operations.delete, 'the delete operation of a deleted type');
  if ((await findResourceGroup(provider.database, groupKeyOf(id))) === undefined) {
    throw errors.resourceGroupNotFound(id.resourceGroup);
  }
  const target = await loadTarget(provider, id);
  checkIdle(target.resource);
  // What is not there stays so, whatever the condition [rpc].
  if (target.resource === undefined) {
    if ((await findBuiltIn(provider, id)) !== undefined) throw errors.builtIn(target.name);
    return { status: 204 };
  }
  checkConditions(request.conditions, target.resource);
  const existing = { ...target, resource: target.resource };
  const refusal = await operation.refusal?.(existing);
  if (refusal !== undefined) throw errors.refused(refusal, 409);
  const plan = await operation.plan(existing);
  if (plan === undefined) {
    await removeNow(provider, request, target.resource);
    return { status: 200 };
  }
  await checkPlan(plan, { status: 409, isFirstAtOnce: true });
  return await acceptOperation(provider, request, {
    plan,
    refusalStatus: 409,
    resource: target.resource,
    verb: 'delete',
    input: {},
    style: forBody(operation.style, target.resource.body),
  });
}
