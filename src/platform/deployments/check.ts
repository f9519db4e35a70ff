/**
 * Looks a deployment over before it is accepted: every resource is of a type that can be deployed, in an api-version that
 * there is, with expressions that have a value; nested templates too, as far as their parameters are known.
 */
import { RefusedError } from '#shared/failure.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Want } from './expressions/template-error.ts';
import { TemplateError } from './expressions/template-error.ts';
import { evaluated } from './loops.ts';
import type { DeploymentParts } from './parts.ts';
import {
  bodyOf,
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
import { checkPut, registeredType, targetOf } from './targets.ts';

/** A write that the deployment will make: the caller must have the right to it. */
export interface Write {
  readonly path: string;
  readonly type: string;
}

export interface Checked {
  readonly prepared: Prepared;
  readonly writes: readonly Write[];
}

/** Throws a TemplateError for what is wrong in itself, and a refusal for what the resources' own checks say. */
export async function checkDeployment<Ports>(
  parts: DeploymentParts<Ports>,
  undertaking: Undertaking,
): Promise<Checked> {
  const prepared = await prepare(parts.provider, undertaking);
  const writes: Write[] = [];
  for (const resource of prepared.resources) {
    if (!resource.isDeployed) continue;
    const target = targetOf(parts.provider, resource);
    writes.push({ path: resource.id, type: registeredType(target, resource.type) });
    try {
      checkPut(parts.provider, target, resource);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      throw deploymentErrors.invalidDeployment({ ...error.failure, target: resource.id });
    }
    if (target.kind === 'deployment') {
      writes.push(...(await checkNested(parts, { prepared, resource, at: undertaking.at })));
    } else {
      checkWant(prepared, () => bodyOf(resource));
    }
  }
  for (const [, { condition = true, value = null }] of outputsOf(prepared)) {
    checkWant(prepared, () => evaluated([condition, value], prepared.scope));
  }
  return { prepared, writes };
}

/** What an expression asks of the world must at least be something that can be asked. */
function checkWant(prepared: Prepared, evaluate: () => Json): void {
  const found = known(evaluate);
  if ('want' in found) idWanted(prepared, found.want);
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

async function checkNested<Ports>(
  parts: DeploymentParts<Ports>,
  nested: { readonly prepared: Prepared; readonly resource: PlannedResource } & Pick<
    Undertaking,
    'at'
  >,
): Promise<readonly Write[]> {
  const { prepared, resource, at } = nested;
  const request = known(() => nestedRequest(resource, prepared.request));
  if ('value' in request) {
    const undertaking = { id: resource.id, request: request.value, at };
    return (await checkDeployment(parts, undertaking)).writes;
  }
  // Its parameters come of other resources: at least what types it will write is known, if they are plain texts.
  return declaredTypes(resource).map((type) => ({
    path: resource.id.split(/\/providers\//i)[0] ?? '',
    type,
  }));
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
