/** POST of an action: answered at once (`act`), or a 202 and an operation (`plan`). */
import { present } from '#shared/assert.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { checkBody } from '../body-check.ts';
import { errors } from '../errors.ts';
import type { Answer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import type { ActionOperation, Existing } from '../resource-type.ts';
import { nodeOf, shownWithSecrets } from '../schema.ts';
import { acceptOperation, checkIdle, checkPlan, writeNow } from './accept.ts';
import { existingTarget, foundTarget, idOf, targetOf } from './target.ts';

/** Stands for the operation's id while the plan is only asked whether it would be refused: ids are drawn by what is accepted. */
const NOT_YET = 'not-yet';

/** `name` is the action as the type declares it. */
export async function actOn<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  name: string,
): Promise<Answer> {
  const { type } = request;
  const action = present(type.operations.actions?.[name], `the action ${name}`);
  const isStored = type.find === undefined;
  const target = await (isStored ? existingTarget : foundTarget)(provider, type, idOf(request));
  const body = await received(target, action, readBody(request, action));
  if (action.act !== undefined) {
    const answer = await action.act(
      await changed(provider, request, { target, action, body }),
      body,
    );
    if (action.answer === undefined) return { status: 200, body: answer };
    const shape = nodeOf(action.answer);
    return { status: 200, body: shownWithSecrets(shape, answer, request.version) as JsonObject };
  }
  // A job leaves the resource free: what a machine cannot do at once, it refuses itself.
  const isJob = action.style === 'job' || action.leavesFree === true;
  if (!isJob) checkIdle(target.resource);
  const plan = present(action.plan, `the plan of ${name}`);
  await checkPlan(await plan(target, body, NOT_YET));
  return await acceptOperation(provider, request, {
    resource: isStored ? target.resource : undefined,
    verb: name,
    input: body,
    isJob,
    style: action.style,
    ...(action.pollPath === undefined ? {} : { pollPath: `/${action.pollPath}` }),
  });
}

async function received<Ports>(
  target: Existing<Ports>,
  action: ActionOperation<Ports>,
  body: JsonObject,
): Promise<JsonObject> {
  const taken = await action.receive?.(target, body);
  if (taken === undefined) return body;
  if ('faults' in taken) throw errors.invalidContent(taken.faults);
  return taken.body;
}

/** The target as the action's own change of it leaves it. */
async function changed<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  given: {
    readonly target: Existing<Ports>;
    readonly action: ActionOperation<Ports>;
    readonly body: JsonObject;
  },
): Promise<Existing<Ports>> {
  const { target, action } = given;
  const body = action.change?.(target, given.body);
  if (body === undefined) return target;
  checkIdle(target.resource);
  const row = await writeNow(provider, request, { resource: target.resource, body });
  return targetOf(provider, row, target.root === target.resource ? row : target.root);
}

function readBody<Ports>(request: ArmRequest<Ports>, action: ActionOperation<Ports>): JsonObject {
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
