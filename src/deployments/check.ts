/**
 * Checks a deployment before it is accepted: the types and api-versions of its resources, and its expressions; also those of
 * nested templates, as far as their parameters are known.
 */
import { RefusedError } from '#shared/failure.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import type { PendingReference } from './expressions/template-error.ts';
import { TemplateError } from './expressions/template-error.ts';
import type { DeploymentParts } from './parts.ts';
import {
  resolved,
  nestedRequest,
  outputsOf,
  prepare,
  type Prepared,
  resourceNamed,
  type DeploymentInput,
} from './prepare.ts';
import { deploymentErrors } from './refusals.ts';
import { DEPLOYMENT_TYPE, type PlannedResource } from './resources.ts';
import { checkPut, registeredType, targetOf, typeIn } from './targets.ts';
import { pendingReferencesIn, pendingReferencesOfBody } from './pending-references.ts';
import { type OwnRequest, requestOf, writeOf } from './write-hooks.ts';

export interface Checked {
  readonly prepared: Prepared;
  /** The requests that the deployment will make, as far as they are known; the caller must have the right to each. */
  readonly requests: readonly OwnRequest[];
}

/** Throws a TemplateError for faults of the template, and a refusal for those that the resources' own checks find. */
export async function checkDeployment(
  parts: DeploymentParts,
  input: DeploymentInput,
): Promise<Checked> {
  const prepared = await prepare(parts.provider, input);
  const requests: OwnRequest[] = [];
  for (const resource of prepared.resources) {
    if (!resource.isDeployed) continue;
    const target = targetOf(parts, resource);
    requests.push(writeOf(resource.id, registeredType(target, resource.type)));
    try {
      checkPut(parts.provider, target, resource);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      throw deploymentErrors.invalidDeployment({ ...error.failure, target: resource.id });
    }
    if (target.kind === 'deployment') {
      requests.push(...(await checkNested(parts, { prepared, resource, at: input.at })));
    } else {
      requests.push(...requestsOf(parts, prepared, pendingReferencesOfBody(resource)));
    }
  }
  for (const [, { condition = true, value = null }] of outputsOf(prepared)) {
    requests.push(
      ...requestsOf(parts, prepared, pendingReferencesIn([condition, value], prepared.scope)),
    );
  }
  return { prepared, requests };
}

/** The requests of references: to resources outside of the deployment, and to all `list…` actions. */
function requestsOf(
  parts: DeploymentParts,
  prepared: Prepared,
  references: readonly PendingReference[],
): OwnRequest[] {
  return references.flatMap((reference): OwnRequest[] => {
    const id = referencedId(prepared, reference);
    const isOwn = resourceNamed(prepared, reference.resource)?.isDeployed === true;
    if (reference.kind === 'reference' && isOwn) return [];
    const target = targetOf(parts, { id, type: typeIn(id) });
    return [requestOf(id, registeredType(target, typeIn(id)), reference.action)];
  });
}

/** The id of the resource that a reference names. */
export function referencedId(
  prepared: Prepared,
  { resource: text, action }: PendingReference,
): string {
  const id = resourceNamed(prepared, text)?.id ?? (text.startsWith('/') ? text : undefined);
  if (id !== undefined) return id;
  throw new TemplateError(
    `The template function '${action === '' ? 'reference' : action}' names the resource '${text}', which is not ` +
      'defined in the template. Please see https://aka.ms/arm-function-reference for usage details.',
  );
}

async function checkNested(
  parts: DeploymentParts,
  nested: { readonly prepared: Prepared; readonly resource: PlannedResource } & Pick<
    DeploymentInput,
    'at'
  >,
): Promise<readonly OwnRequest[]> {
  const { prepared, resource, at } = nested;
  const request = resolved(() => nestedRequest(resource, prepared.request));
  if ('value' in request) {
    const input = { id: resource.id, request: request.value, at };
    try {
      return (await checkDeployment(parts, input)).requests;
    } catch (error) {
      // Its place is one of the nested template.
      if (error instanceof TemplateError) error.place = undefined;
      throw error;
    }
  }
  // Its parameters depend on other resources; the types that it writes are known, if they are literals.
  const scope = resource.id.split(/\/providers\//i)[0] ?? '';
  return declaredTypes(resource).map((type) => writeOf(scope, type));
}

function declaredTypes({ declaration, name }: PlannedResource): string[] {
  const types: string[] = [];
  const walk = (owner: Json | undefined, above: string): void => {
    const resources = isJsonObject(owner) ? owner.resources : undefined;
    const declarations = isJsonObject(resources) ? Object.values(resources) : (resources ?? []);
    for (const one of Array.isArray(declarations) ? declarations.filter(isJsonObject) : []) {
      const own = typeof one.type === 'string' ? one.type : '[';
      if (own.startsWith('[')) {
        const message = `In the nested deployment '${name}', whose parameters depend on other resources, types must be literals.`;
        throw new TemplateError(message);
      }
      const type = above === '' || own.includes('/') ? own : `${above}/${own}`;
      types.push(type);
      if (type.toLowerCase() === DEPLOYMENT_TYPE) {
        walk(isJsonObject(one.properties) ? one.properties.template : undefined, '');
      } else {
        walk(one, type);
      }
    }
  };
  const { properties } = declaration;
  walk(isJsonObject(properties) ? properties.template : undefined, '');
  return types;
}
