/** Reads the references of a running deployment's expressions: resources, and the answers of their `list…` actions. */
import { bodyOfAnswer } from '#arm/polling.ts';
import type { ResourceType } from '#arm/resource-type.ts';
import { getResource } from '#arm/verbs/get.ts';
import { actOn } from '#arm/verbs/action.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { consistently } from '#store/read-set.ts';
import { referencedId } from './check.ts';
import {
  keyOfReference,
  TemplateError,
  type PendingReference,
} from './expressions/template-error.ts';
import type { DeploymentParts } from './parts.ts';
import { resolved, type Prepared, resourceNamed } from './prepare.ts';
import { armRequestTo, callPlatform, type TargetRequest, targetOf, typeIn } from './targets.ts';
import { viewOfDeploymentId } from './view.ts';

/** How many references one value may have `[ours]`. */
const MAX_REFERENCES = 2000;

export interface ReferenceContext {
  readonly prepared: Prepared;
  readonly correlationId: string;
  /** Whether the resource at a position of the template has been deployed. */
  readonly isSettled: (position: number) => boolean;
}

/** The value, after its references have been read; `waits` where it refers to a resource that is not deployed yet. */
export async function resolvedValue<T>(
  parts: DeploymentParts,
  context: ReferenceContext,
  evaluate: () => T,
): Promise<{ readonly value: T } | { readonly waits: true }> {
  for (let count = 0; count < MAX_REFERENCES; count++) {
    const found = resolved(evaluate);
    if ('value' in found) return found;
    const { reference } = found;
    const resource = resourceNamed(context.prepared, reference.resource);
    if (resource?.isDeployed === true && !context.isSettled(resource.position))
      return { waits: true };
    context.prepared.answers.set(
      keyOfReference(reference),
      await answerOf(parts, context, reference),
    );
  }
  throw new TemplateError(`An expression refers to more than ${MAX_REFERENCES} resources.`);
}

async function answerOf(
  parts: DeploymentParts,
  { prepared, correlationId }: ReferenceContext,
  reference: PendingReference,
): Promise<Json> {
  const id = referencedId(prepared, reference);
  const apiVersion =
    reference.apiVersion ?? resourceNamed(prepared, reference.resource)?.apiVersion;
  if (apiVersion === undefined) {
    throw new TemplateError(`The template function 'reference' needs an api-version for '${id}'.`);
  }
  const body = reference.body === undefined ? {} : { body: reference.body };
  const request: TargetRequest = { id, apiVersion, correlationId, ...body };
  if (reference.kind === 'list') return await listed(parts, request, reference.action);
  const view = await viewOf(parts, request);
  if (reference.isFull) return { ...view, apiVersion };
  return view.properties ?? {};
}

async function viewOf(parts: DeploymentParts, request: TargetRequest): Promise<JsonObject> {
  const { provider } = parts;
  const target = targetOf(parts, { id: request.id, type: typeIn(request.id) });
  switch (target.kind) {
    case 'deployment':
      return await viewOfDeploymentId(parts, request.id);
    case 'resource': {
      const body = bodyOfAnswer(
        await getResource(provider, armRequestTo(provider, target, request)),
      );
      return isJsonObject(body) ? body : {};
    }
    case 'platform':
      return bodyOfAnswer(await callPlatform(target, { method: 'GET' }, request)) ?? {};
  }
}

const actionsOf = (type: ResourceType) =>
  type.category === 'subscription' ? {} : (type.operations.actions ?? {});

async function listed(
  parts: DeploymentParts,
  request: TargetRequest,
  action: string,
): Promise<Json> {
  const { provider } = parts;
  const target = targetOf(parts, { id: request.id, type: typeIn(request.id) });
  const actions = target.kind === 'resource' ? actionsOf(target.type) : {};
  const name = Object.keys(actions).find((own) => own.toLowerCase() === action.toLowerCase());
  if (target.kind !== 'resource' || name === undefined || actions[name]?.act === undefined) {
    throw new TemplateError(`The resource '${request.id}' has no action '${action}'.`);
  }
  const body = bodyOfAnswer(
    await consistently(async () => actOn(provider, armRequestTo(provider, target, request), name)),
  );
  return body ?? {};
}
