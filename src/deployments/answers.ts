/** What a running deployment's expressions ask of the world: how resources stand, and what their `list…` actions say. */
import { bodyOfAnswer } from '#arm/polling.ts';
import type { ResourceType } from '#arm/resource-type.ts';
import { getResource } from '#arm/verbs/get.ts';
import { actOn } from '#arm/verbs/action.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { idWanted } from './check.ts';
import { keyOfWant, TemplateError, type Want } from './expressions/template-error.ts';
import type { DeploymentParts } from './parts.ts';
import { known, type Prepared, resourceNamed } from './prepare.ts';
import { armRequestTo, askPlatform, type Message, targetOf, typeIn } from './targets.ts';
import { shownDeployment } from './view.ts';
import { consistently } from '#store/read-set.ts';

/** How often one value may ask before it is given up `[ours]`. */
const MOST_WANTS = 2000;

export interface Asking {
  readonly prepared: Prepared;
  readonly correlationId: string;
  /** Whether the resource at a position has been deployed. */
  readonly isSettled: (position: number) => boolean;
}

/** The value, once all that it asks for has been answered; `waits`: it asks for what is not deployed yet. */
export async function settledValue<T>(
  parts: DeploymentParts,
  asking: Asking,
  evaluate: () => T,
): Promise<{ readonly value: T } | { readonly waits: true }> {
  for (let count = 0; count < MOST_WANTS; count++) {
    const found = known(evaluate);
    if ('value' in found) return found;
    const { want } = found;
    const resource = resourceNamed(asking.prepared, want.resource);
    if (resource?.isDeployed === true && !asking.isSettled(resource.position))
      return { waits: true };
    asking.prepared.answers.set(keyOfWant(want), await answerOf(parts, asking, want));
  }
  throw new TemplateError(`An expression asks for more than ${MOST_WANTS} resources.`);
}

async function answerOf(
  parts: DeploymentParts,
  { prepared, correlationId }: Asking,
  want: Want,
): Promise<Json> {
  const id = idWanted(prepared, want);
  const apiVersion = want.apiVersion ?? resourceNamed(prepared, want.resource)?.apiVersion;
  if (apiVersion === undefined) {
    throw new TemplateError(`The template function 'reference' needs an api-version for '${id}'.`);
  }
  const body = want.body === undefined ? {} : { body: want.body };
  const message: Message = { id, apiVersion, correlationId, ...body };
  if (want.kind === 'list') return await listed(parts, message, want.action);
  const view = await viewOf(parts, message);
  if (want.isFull) return { ...view, apiVersion };
  return view.properties ?? {};
}

async function viewOf(parts: DeploymentParts, message: Message): Promise<JsonObject> {
  const { provider } = parts;
  const target = targetOf(parts, { id: message.id, type: typeIn(message.id) });
  switch (target.kind) {
    case 'deployment':
      return await shownDeployment(parts, message.id);
    case 'resource': {
      const body = bodyOfAnswer(
        await getResource(provider, armRequestTo(provider, target, message)),
      );
      return isJsonObject(body) ? body : {};
    }
    case 'platform':
      return bodyOfAnswer(await askPlatform(target, 'GET', message)) ?? {};
  }
}

const actionsOf = (type: ResourceType) =>
  type.category === 'subscription' ? {} : (type.operations.actions ?? {});

async function listed(parts: DeploymentParts, message: Message, action: string): Promise<Json> {
  const { provider } = parts;
  const target = targetOf(parts, { id: message.id, type: typeIn(message.id) });
  const actions = target.kind === 'resource' ? actionsOf(target.type) : {};
  const name = Object.keys(actions).find((own) => own.toLowerCase() === action.toLowerCase());
  if (target.kind !== 'resource' || name === undefined || actions[name]?.act === undefined) {
    throw new TemplateError(`The resource '${message.id}' has no action '${action}' here.`);
  }
  const body = bodyOfAnswer(
    await consistently(async () => actOn(provider, armRequestTo(provider, target, message), name)),
  );
  return body ?? {};
}
