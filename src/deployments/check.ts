/**
 * Looks a deployment over before it is accepted: every resource is of a type that can be deployed, in an api-version that
 * there is, with expressions that have a value; nested templates too, as far as their parameters are known.
 */
import { RefusedError } from '#shared/failure.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Want } from './expressions/template-error.ts';
import { TemplateError } from './expressions/template-error.ts';
import type { DeploymentParts } from './parts.ts';
import {
  known,
  nestedRequest,
  outputsOf,
  prepare,
  type Prepared,
  resourceNamed,
  type Undertaking,
} from './prepare.ts';
import { deploymentErrors } from './refusals.ts';
import { DEPLOYMENT_TYPE, type PlannedResource } from './resources.ts';
import { checkPut, registeredType, targetOf, typeIn } from './targets.ts';
import { wantsIn, wantsOfBody } from './wants.ts';
import { type OwnRequest, requestOf, writeOf } from './write-hooks.ts';

export interface Checked {
  readonly prepared: Prepared;
  /** The requests that the deployment will make as far as they are known: the caller must have the right to each. */
  readonly requests: readonly OwnRequest[];
}

/** Throws a TemplateError for what is wrong in itself, and a refusal for what the resources' own checks say. */
export async function checkDeployment(
  parts: DeploymentParts,
  undertaking: Undertaking,
): Promise<Checked> {
  const prepared = await prepare(parts.provider, undertaking);
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
      requests.push(...(await checkNested(parts, { prepared, resource, at: undertaking.at })));
    } else {
      requests.push(...asked(parts, prepared, wantsOfBody(resource)));
    }
  }
  for (const [, { condition = true, value = null }] of outputsOf(prepared)) {
    requests.push(...asked(parts, prepared, wantsIn([condition, value], prepared.scope)));
  }
  return { prepared, requests };
}

/** What the deployment will ask of resources that are not its own, and of all their `list…` actions. */
function asked(parts: DeploymentParts, prepared: Prepared, wants: readonly Want[]): OwnRequest[] {
  return wants.flatMap((want): OwnRequest[] => {
    const id = idWanted(prepared, want);
    const isOwn = resourceNamed(prepared, want.resource)?.isDeployed === true;
    if (want.kind === 'reference' && isOwn) return [];
    const target = targetOf(parts, { id, type: typeIn(id) });
    return [requestOf(id, registeredType(target, typeIn(id)), want.action)];
  });
}

/** The id of the resource that is asked for. */
export function idWanted(prepared: Prepared, { resource: text, action }: Want): string {
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
    Undertaking,
    'at'
  >,
): Promise<readonly OwnRequest[]> {
  const { prepared, resource, at } = nested;
  const request = known(() => nestedRequest(resource, prepared.request));
  if ('value' in request) {
    const undertaking = { id: resource.id, request: request.value, at };
    return (await checkDeployment(parts, undertaking)).requests;
  }
  // Its parameters come of other resources: at least what types it will write is known, if they are plain texts.
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
        const message = `In the nested deployment '${name}', whose parameters come of other resources, types must be literals.`;
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
