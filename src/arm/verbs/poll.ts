/** GET of the poll URL `…/operationResults/{id}`, which every resource has. (`operationsStatus` is a type of its own.) */
import { isGuid } from '../names.ts';
import type { DeclaredOperations } from '../declaration.ts';
import { errors } from '../errors.ts';
import { type Answer, resultAnswer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import { findResource } from '#store/resources.ts';
import { render } from './present.ts';
import { targetOf } from './target.ts';
import { isWithin, rootKeyOf, type ResourceId } from '#shared/arm-id.ts';
import { idOf } from './target.ts';

/** `operationResults/{operationId}`, in the style that the operation was accepted with. */
export async function pollResult(
  provider: Provider,
  request: ArmRequest,
  operationId: string,
): Promise<Answer> {
  const operation = await operationOf(provider, idOf(request), operationId);
  const base = {
    origin: request.origin,
    version: request.askedVersion,
    clock: provider.clock,
    era: provider.era,
  };
  const isDonePut = operation.status === 'Succeeded' && operation.verb === 'put';
  const resource = isDonePut
    ? await findResource(provider.database, operation.resourceKey)
    : undefined;
  const type = provider.registry.get(operation.type);
  const operations: DeclaredOperations | undefined = type?.operations;
  const isOutputFlat = operations?.actions?.[operation.verb]?.isOutputFlat === true;
  if (resource === undefined || type?.category !== 'stored') {
    return resultAnswer(operation, base, { resource: undefined, isOutputFlat });
  }
  const root = await findResource(provider.database, rootKeyOf(idOf(request)));
  const target = targetOf(provider, resource, root);
  const view = await render({ ...request, type }, target);
  return resultAnswer(operation, base, { resource: view, isOutputFlat });
}

/** The operation, where it belongs to what the URL names; of another subscription or device it is not there [aro]. */
async function operationOf(
  provider: Provider,
  id: ResourceId,
  operationId: string,
): Promise<OperationRow> {
  const operation = isGuid(operationId)
    ? await findOperation(provider.database, operationId)
    : undefined;
  if (operation === undefined || !isWithin(operation.resourceKey, id.key)) {
    throw errors.operationNotFound();
  }
  return operation;
}
