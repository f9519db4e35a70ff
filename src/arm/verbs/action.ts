/** POST of an action: answered at once (`act`), or a 202 and an operation (`plan`). */
import { assert, present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { checkBody } from '../body-check.ts';
import type { DeclaredAction } from '../declaration.ts';
import { errors } from '../errors.ts';
import type { Answer } from '../polling.ts';
import { type ArmRequest, isStoredRequest, type Provider } from '../provider.ts';
import type { Existing, ObservedType, StoredAction, StoredType } from '../resource-type.ts';
import { projectJsonWithSecrets } from '../projection.ts';
import { nodeOf } from '../schema.ts';
import { acceptOperation, checkIdle, checkPlan, writeNow } from './accept.ts';
import { existingTarget, idOf, observedTarget, targetOf } from './target.ts';

/** Stands for the operation's id while the plan is only asked whether it would be refused: ids are drawn on acceptance. */
const NO_OPERATION = 'not-yet';

/** `name` is the action as the type declares it. */
export async function actOn(
  provider: Provider,
  request: ArmRequest,
  name: string,
): Promise<Answer> {
  if (isStoredRequest(request)) return await actOnStored(provider, request, name);
  const { type } = request;
  assert(type.category === 'observed', `there are no actions on ${type.type}`);
  return await actOnObserved(provider, { ...request, type }, name);
}

async function actOnStored(
  provider: Provider,
  request: ArmRequest<StoredType>,
  name: string,
): Promise<Answer> {
  const { type } = request;
  const action = present(type.operations.actions?.[name], `the action ${name}`);
  const target = await existingTarget(provider, type, idOf(request));
  const sent = readBody(request, action);
  throwFaults(await action.check?.(target, sent));
  const body = action.isBodySecret === true ? {} : sent;
  if (action.act !== undefined) {
    const changedTarget = await changed(provider, request, { target, action, body: sent });
    return answerOf(request, action, await action.act(changedTarget, sent));
  }
  // A job leaves the resource free: what a machine cannot do at once, it refuses itself.
  const isJob = action.style === 'job' || action.leavesFree === true;
  if (!isJob) checkIdle(target.resource);
  const plan = present(action.plan, `the plan of ${name}`);
  await checkPlan(await plan(target, body, NO_OPERATION));
  return await acceptOperation(provider, request, {
    resource: target.resource,
    verb: name,
    input: body,
    isJob,
    style: action.style,
    ...pollPathOf(action),
  });
}

async function actOnObserved(
  provider: Provider,
  request: ArmRequest<ObservedType>,
  name: string,
): Promise<Answer> {
  const { type } = request;
  const action = present(type.operations.actions?.[name], `the action ${name}`);
  const target = await observedTarget(provider, type, idOf(request));
  const sent = readBody(request, action);
  throwFaults(await action.check?.(target, sent));
  const body = action.isBodySecret === true ? {} : sent;
  if (action.act !== undefined) return answerOf(request, action, await action.act(target, sent));
  const plan = present(action.plan, `the plan of ${name}`);
  await checkPlan(await plan(target, body, NO_OPERATION));
  return await acceptOperation(provider, request, {
    resource: undefined,
    verb: name,
    input: body,
    isJob: action.leavesFree,
    style: action.style,
    ...pollPathOf(action),
  });
}

const pollPathOf = ({ pollPath }: DeclaredAction): { readonly pollPath?: string } =>
  pollPath === undefined ? {} : { pollPath: `/${pollPath}` };

function answerOf(request: ArmRequest, action: DeclaredAction, body: JsonObject): Answer {
  if (action.answer === undefined) return { status: 200, body };
  const shown = projectJsonWithSecrets(nodeOf(action.answer), body, request.version) as JsonObject;
  return { status: 200, body: shown };
}

function throwFaults(faults: readonly Fault[] = []): void {
  if (faults.length > 0) throw errors.invalidContent(faults);
}

/** The target as the action's own change of it leaves it. */
async function changed(
  provider: Provider,
  request: ArmRequest<StoredType>,
  given: {
    readonly target: Existing;
    readonly action: StoredAction;
    readonly body: JsonObject;
  },
): Promise<Existing> {
  const { target, action } = given;
  const body = action.change?.(target, given.body);
  if (body === undefined) return target;
  checkIdle(target.resource);
  const row = await writeNow(provider, request, { resource: target.resource, body });
  return targetOf(provider, row, target.root === target.resource ? row : target.root);
}

function readBody(request: ArmRequest, action: DeclaredAction): JsonObject {
  if (action.body === undefined) return {};
  if (request.body === undefined) {
    if (action.isBodyOptional === true) return {};
    throw errors.malformedContent('The request body is empty.');
  }
  if (!isJsonObject(request.body)) {
    throw errors.invalidContent([{ target: 'body', message: 'The body must be a JSON object.' }]);
  }
  const checked = checkBody(nodeOf(action.body), request.version, request.body);
  if ('faults' in checked) throw errors.invalidContent(checked.faults);
  return checked.body;
}
