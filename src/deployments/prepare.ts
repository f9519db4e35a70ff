/**
 * A deployment made ready: its request and place turned into resources, parameters and a scope. The same request at the
 * same moment gives the same, so nothing of it is stored. Called before a deployment is accepted and at every step of it.
 */
import type { Provider } from '#arm/provider.ts';
import { enclosingOf, lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import type { Instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { tenantOf } from '#arm/tenant.ts';
import { Budget } from './expressions/budget.ts';
import type { Place, Scope, World } from './expressions/scope.ts';
import {
  keyOfReference,
  TemplateError,
  type PendingReference,
  UnresolvedReferenceError,
} from './expressions/template-error.ts';
import { memberOf } from './expressions/values.ts';
import { evaluated } from './loops.ts';
import type { TypedValue } from './parameters.ts';
import { type DeploymentRequest, valuesOf } from './request.ts';
import { type PlannedResource, resourcesOf } from './resources.ts';
import { readTemplate, textOf } from './template.ts';

export interface Prepared {
  readonly request: DeploymentRequest;
  readonly place: Place;
  /** The id of the deployment. */
  readonly id: string;
  readonly parameters: readonly TypedValue[];
  readonly resources: readonly PlannedResource[];
  readonly scope: Scope;
  /** The values of references that have been read so far, by the reference's key. */
  readonly answers: Map<string, Json>;
}

/** A deployment's id, its request, and the time at which it started. */
export interface DeploymentInput {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly at: Instant;
}

/** The scope of a deployment, from its id; a group that does not exist yet has no location. */
async function placeOf(provider: Provider, id: string): Promise<Place> {
  const { subscriptionId: subscription, resourceGroup: name } = enclosingOf(id);
  const tenantId = tenantOf(provider.seed);
  if (name === undefined) {
    return { subscriptionId: subscription, tenantId, group: undefined };
  }
  const row = await findResourceGroup(provider.database, resourceGroupKey(subscription, name));
  const group = { name: row?.name ?? name, location: row?.location ?? '', tags: { ...row?.tags } };
  return { subscriptionId: subscription, tenantId, group };
}

/** Reads a template with its parameters and resources; throws a TemplateError for their faults. */
export async function prepare(
  provider: Provider,
  { id, request, at }: DeploymentInput,
): Promise<Prepared> {
  const place = await placeOf(provider, id);
  const answers = new Map<string, Json>();
  let resources: readonly PlannedResource[] = [];
  const world: World = {
    budget: new Budget(),
    place,
    fresh: undefined,
    deployment: deploymentView(id, request),
    providers: (namespace, type) => providersView(provider, namespace, type),
    resourceInfo: (symbol) => {
      const found = resources.find(
        ({ symbol: own }) => own?.toLowerCase() === symbol.toLowerCase(),
      );
      if (found === undefined) return undefined;
      return { id: found.id, name: found.name, type: found.type, apiVersion: found.apiVersion };
    },
    instancesOf: (name) => instancesOf(resources, name),
    answer: (reference) => {
      const answer = answers.get(keyOfReference(reference));
      if (answer === undefined) throw new UnresolvedReferenceError(reference);
      return answer;
    },
  };
  const newGuid = (parameter: string, count: number): string =>
    guid(provider.seed, 'template', id.toLowerCase(), at, parameter, count);
  const { scope, parameters } = readTemplate(request, world, { now: at, newGuid });
  resources = resourcesOf(request.template, scope);
  return { request, place, id, parameters, resources, scope, answers };
}

function instancesOf(
  resources: readonly PlannedResource[],
  name: string,
): readonly string[] | undefined {
  const lower = name.toLowerCase();
  const instances = resources.filter(({ loopNames }) =>
    loopNames.some((known) => known.toLowerCase() === lower),
  );
  if (instances.length === 0) return undefined;
  return instances.map(({ symbol, id }) => symbol ?? id);
}

function deploymentView(id: string, { template, mode, location }: DeploymentRequest): JsonObject {
  return {
    id,
    name: lastSegmentOf(id),
    ...(location === undefined ? {} : { location }),
    properties: { template, mode, provisioningState: 'Running' },
  };
}

function providersView(
  { registry }: Provider,
  namespace: string,
  type: string | undefined,
): Json | undefined {
  const views = [...registry.values()]
    .filter((known) => known.namespace.toLowerCase() === namespace.toLowerCase())
    .map((known) => ({
      resourceType: known.type,
      locations: [...(known.locations ?? [])],
      apiVersions: [...known.versions.versions],
    }));
  if (type === undefined)
    return views.length === 0 ? undefined : { namespace, resourceTypes: views };
  return views.find(({ resourceType }) => resourceType.toLowerCase() === type.toLowerCase());
}

/** Members of a declaration that control the deployment, and are not part of the resource's body. */
const DEPLOYMENT_MEMBERS = new Set([
  ...['type', 'name', 'apiVersion', 'dependsOn', 'condition', 'copy', 'resources', 'scope'],
  ...['comments', 'metadata', 'existing', 'subscriptionId', 'resourceGroup', 'import', '@options'],
]);

/** The body of the resource's PUT; throws an UnresolvedReferenceError while a reference in it has not been read. */
export function bodyOf({ declaration, scope }: PlannedResource): JsonObject {
  const members = Object.entries(declaration).filter(([name]) => !DEPLOYMENT_MEMBERS.has(name));
  return evaluated(Object.fromEntries(members), scope) as JsonObject;
}

/** The request of a nested deployment. With `outer` expressions it has the names of the enclosing template [doc]. */
export function nestedRequest(
  resource: PlannedResource,
  outer: DeploymentRequest,
): DeploymentRequest {
  const { declaration, scope, name } = resource;
  const { properties } = declaration;
  const template = isJsonObject(properties) ? properties.template : undefined;
  if (!isJsonObject(properties) || !isJsonObject(template)) {
    throw new TemplateError(
      `The nested deployment '${name}' has no inline template; linked templates are not simulated.`,
    );
  }
  const { expressionEvaluationOptions: options, parameters = {}, mode = '' } = properties;
  const evaluationScope = isJsonObject(options)
    ? textOf(options.scope, scope, 'evaluation scope')
    : '';
  const isInner = evaluationScope.toLowerCase() === 'inner';
  const location =
    declaration.location === undefined ? undefined : evaluated(declaration.location, scope);
  const common = {
    mode: evaluated(mode, scope) === 'Complete' ? 'Complete' : 'Incremental',
    location: typeof location === 'string' ? location : undefined,
    tags: {},
  } as const;
  if (isInner) {
    const given = evaluated(parameters, scope);
    const values = valuesOf(isJsonObject(given) ? given : {}, (_name, message) => {
      throw new TemplateError(message);
    });
    return { ...common, template, parameters: values, loops: {} };
  }
  const names = ['parameters', 'variables', 'functions', 'definitions'] as const;
  const outerMembers = names.map((member) => [
    member,
    outer.template[member] ?? (member === 'functions' ? [] : {}),
  ]);
  const merged: JsonObject = { ...template, ...(Object.fromEntries(outerMembers) as JsonObject) };
  return {
    ...common,
    template: merged,
    parameters: outerValues(outer, scope),
    loops: { ...scope.loops },
  };
}

/** The values of the outer template's parameters, including default values. */
function outerValues({ template }: DeploymentRequest, scope: Scope): JsonObject {
  const declared = isJsonObject(template.parameters) ? template.parameters : {};
  return Object.fromEntries(
    Object.keys(declared).map((name) => [name, scope.parameter(name) ?? null]),
  );
}

/** The resource of the template that an expression names: by symbolic name, id, or name. */
export function resourceNamed(prepared: Prepared, text: string): PlannedResource | undefined {
  const lower = text.toLowerCase();
  const { resources } = prepared;
  return (
    resources.find(({ symbol }) => symbol?.toLowerCase() === lower) ??
    resources.find(({ key, isDeployed }) => key === lower && isDeployed) ??
    resources.find(({ key }) => key === lower) ??
    resources.find(({ name }) => name.toLowerCase() === lower)
  );
}

/** The value of `evaluate`, or the reference that it needs and that has not been read yet. */
export function resolved<T>(
  evaluate: () => T,
): { readonly value: T } | { readonly reference: PendingReference } {
  try {
    return { value: evaluate() };
  } catch (error) {
    if (error instanceof UnresolvedReferenceError) return { reference: error.reference };
    throw error;
  }
}

/** The members of `outputs` that are objects. */
export function outputsOf({ request }: Prepared): [string, JsonObject][] {
  const outputs = memberOf(request.template, 'outputs');
  if (!isJsonObject(outputs)) return [];
  return Object.entries(outputs).filter((entry): entry is [string, JsonObject] =>
    isJsonObject(entry[1]),
  );
}
