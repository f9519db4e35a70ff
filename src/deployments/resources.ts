/**
 * The resources of a template as a flat list: copy loops are expanded, child resources taken out of their parents,
 * conditions evaluated, ids computed and dependencies resolved. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { groupId, idBelow, subscriptionId } from './expressions/ids.ts';
import type { Place, Scope } from './expressions/scope.ts';
import { placed, TemplateError } from './expressions/template-error.ts';
import { stringOf } from './expressions/values.ts';
import { evaluated, iterationsOf } from './loops.ts';
import { textOf } from './template.ts';

/** The type of nested deployments, in lower case. */
export const DEPLOYMENT_TYPE = 'microsoft.resources/deployments';
/** ARM's own limit [doc]. */
const MAX_RESOURCES = 800;
/** Of all resources together `[ours]`: each is shown with every answer. */
const MAX_DEPENDENCIES = 20_000;

export interface TemplateResource {
  /** Symbolic name, with the index of its loop if there is one; undefined in templates without symbolic names. */
  readonly symbol: string | undefined;
  /** Names of its copy loop: the copy name, and the symbolic name. */
  readonly loopNames: readonly string[];
  readonly loopIndex: number;
  readonly batchSize: number | undefined;
  readonly id: string;
  /** The id in lower case. */
  readonly key: string;
  /** `device/share`. */
  readonly name: string;
  /** `Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares`. */
  readonly type: string;
  readonly apiVersion: string;
  readonly declaration: JsonObject;
  /** The scope in which its expressions are evaluated. */
  readonly scope: Scope;
  /** False where its condition is false, or where it is declared as existing. */
  readonly isDeployed: boolean;
  /** As in the template, evaluated. */
  readonly dependsOn: readonly string[];
}

/** A resource with its position in the list, and the positions of its dependencies. */
export interface PlannedResource extends TemplateResource {
  readonly position: number;
  readonly waitsFor: readonly number[];
}

/** What encloses a declaration in the template. */
interface Enclosing {
  readonly scope: Scope;
  readonly symbol: string | undefined;
  readonly parent:
    | { readonly type: string; readonly name: string; readonly isDeployed: boolean }
    | undefined;
}

/** The id of the group or subscription to which a deployment deploys. */
export const scopeIdOf = ({ subscriptionId: subscription, group }: Place): string =>
  group === undefined ? subscriptionId(subscription) : groupId(subscription, group.name);

/** Every resource of the template with its dependencies. */
export function resourcesOf(template: JsonObject, scope: Scope): PlannedResource[] {
  const { resources } = template;
  const found: TemplateResource[] = [];
  const named: [string | undefined, Json][] = Array.isArray(resources)
    ? resources.map((declaration) => [undefined, declaration])
    : Object.entries(isJsonObject(resources) ? resources : {});
  for (const [index, [symbol, declaration]] of named.entries()) {
    placed(['resources', symbol ?? index], () => {
      collect(declaration, { scope, symbol, parent: undefined }, found);
    });
  }
  checkDistinct(found);
  const dependencies = found.reduce((count, { dependsOn }) => count + dependsOn.length, 0);
  if (dependencies > MAX_DEPENDENCIES) {
    throw new TemplateError(`The template has more than ${MAX_DEPENDENCIES} dependencies.`);
  }
  return planned(found);
}

function collect(declaration: Json, enclosing: Enclosing, found: TemplateResource[]): void {
  if (!isJsonObject(declaration))
    throw new TemplateError('A resource of the template must be an object.');
  const { copy } = declaration;
  if (!isJsonObject(copy)) {
    collectOne(declaration, enclosing, { found, loop: undefined });
    return;
  }
  if (enclosing.parent !== undefined) {
    throw new TemplateError(
      'A child resource must not have a copy loop; declare it at the top level.',
    );
  }
  const name = textOf(copy.name, enclosing.scope, "copy loop's 'name'");
  const isSerial = typeof copy.mode === 'string' && copy.mode.toLowerCase() === 'serial';
  const size = evaluated(copy.batchSize ?? 1, enclosing.scope);
  for (const [index, scope] of iterationsOf(copy, name, enclosing.scope).entries()) {
    const symbol = enclosing.symbol === undefined ? undefined : `${enclosing.symbol}[${index}]`;
    const names = enclosing.symbol === undefined ? [name] : [name, enclosing.symbol];
    const batchSize = isSerial && typeof size === 'number' && size > 0 ? size : undefined;
    const loop = { names, index, batchSize };
    collectOne(declaration, { ...enclosing, scope, symbol }, { found, loop });
  }
}

interface Loop {
  readonly names: readonly string[];
  readonly index: number;
  readonly batchSize: number | undefined;
}

function collectOne(
  declaration: JsonObject,
  enclosing: Enclosing,
  { found, loop }: { readonly found: TemplateResource[]; readonly loop: Loop | undefined },
): void {
  if (found.length >= MAX_RESOURCES) {
    throw new TemplateError(`The template has more than ${MAX_RESOURCES} resources.`);
  }
  const { scope } = enclosing;
  const { name, type } = nameAndType(declaration, enclosing);
  const isExisting = declaration.existing === true;
  const condition = declaration.condition === undefined || evaluated(declaration.condition, scope);
  if (typeof condition !== 'boolean') {
    throw new TemplateError(`The condition of the template resource '${name}' must be a boolean.`);
  }
  const isDeployed = condition && !isExisting && (enclosing.parent?.isDeployed ?? true);
  const id = idOf(declaration, { name, type, scope });
  const dependsOn = evaluated(declaration.dependsOn ?? [], scope);
  found.push({
    symbol: enclosing.symbol,
    loopNames: loop?.names ?? [],
    loopIndex: loop?.index ?? 0,
    batchSize: loop?.batchSize,
    id,
    key: id.toLowerCase(),
    name,
    type,
    apiVersion: textOf(declaration.apiVersion, scope, `api-version of the resource '${name}'`),
    declaration,
    scope,
    isDeployed,
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(stringOf) : [],
  });
  const children = declaration.resources;
  if (type.toLowerCase() === DEPLOYMENT_TYPE || children === undefined) return;
  const named: [string | undefined, Json][] = Array.isArray(children)
    ? children.map((child) => [undefined, child])
    : Object.entries(isJsonObject(children) ? children : {});
  for (const [symbol, child] of named) {
    collect(child, { scope, symbol, parent: { type, name, isDeployed } }, found);
  }
}

function nameAndType(
  declaration: JsonObject,
  enclosing: Enclosing,
): { name: string; type: string } {
  const own = {
    type: textOf(declaration.type, enclosing.scope, 'type of a resource'),
    name: textOf(declaration.name, enclosing.scope, 'name of a resource'),
  };
  const { parent } = enclosing;
  const isRelative = parent !== undefined && !own.type.includes('/');
  const type = isRelative ? `${parent.type}/${own.type}` : own.type;
  const isShort = parent !== undefined && own.name.split('/').length < type.split('/').length - 1;
  const name = isShort ? `${parent.name}/${own.name}` : own.name;
  if (type.split('/').length - 1 !== name.split('/').length || !type.includes('/')) {
    throw new TemplateError(
      `The template resource '${name}' for type '${type}' has incorrect segment lengths. ` +
        'A nested resource type must have identical number of segments as its resource name. ' +
        'A root resource type must have segment length one greater than its resource name. ' +
        'Please see https://aka.ms/arm-syntax-resources for usage details.',
    );
  }
  return { name, type };
}

function idOf(
  declaration: JsonObject,
  { name, type, scope }: { readonly name: string; readonly type: string; readonly scope: Scope },
): string {
  const { place } = scope.world;
  const lower = type.toLowerCase();
  if (lower === 'microsoft.resources/resourcegroups') {
    return `${subscriptionId(place.subscriptionId)}/resourceGroups/${name}`;
  }
  const base =
    lower === DEPLOYMENT_TYPE
      ? scopeIdOf(nestedPlace(declaration, scope))
      : declaration.scope === undefined
        ? scopeIdOf(place)
        : extendedScope(textOf(declaration.scope, scope, `scope of the resource '${name}'`), place);
  const id = idBelow(base, type, name);
  if (id === undefined)
    throw new TemplateError(`The name '${name}' is not valid for the type '${type}'.`);
  return id;
}

/** The id of the resource that an extension resource extends: from `Ns/type/name`, or an id. */
function extendedScope(scope: string, place: Place): string {
  if (scope.toLowerCase().startsWith('/subscriptions/')) return scope;
  const [namespace = '', ...pairs] = scope.split('/');
  if (scope.startsWith('/') || pairs.length === 0 || pairs.length % 2 !== 0) {
    throw new TemplateError(`The scope '${scope}' is not simulated.`);
  }
  return `${scopeIdOf(place)}/providers/${namespace}/${pairs.join('/')}`;
}

/** The scope of a nested deployment. The location of another resource group is read when the deployment runs. */
function nestedPlace(declaration: JsonObject, scope: Scope): Place {
  const { place } = scope.world;
  const text = (name: string): string | undefined =>
    declaration[name] === undefined
      ? undefined
      : textOf(declaration[name], scope, `nested deployment's '${name}'`);
  const subscription = text('subscriptionId')?.toLowerCase() ?? place.subscriptionId;
  const isOther = subscription !== place.subscriptionId || declaration.location !== undefined;
  const groupName = text('resourceGroup') ?? (isOther ? undefined : place.group?.name);
  if (groupName === undefined) {
    return { subscriptionId: subscription, tenantId: place.tenantId, group: undefined };
  }
  const isSame = groupName.toLowerCase() === place.group?.name.toLowerCase();
  const group = isSame && !isOther ? place.group : { name: groupName, location: '', tags: {} };
  return { subscriptionId: subscription, tenantId: place.tenantId, group };
}

function checkDistinct(resources: readonly TemplateResource[]): void {
  const seen = new Set<string>();
  for (const { key, id, isDeployed } of resources) {
    if (!isDeployed) continue;
    if (seen.has(key)) {
      throw new TemplateError(
        `The resource '${id}' is defined multiple times in a template. ` +
          'Please see https://aka.ms/arm-syntax-resources for usage details.',
      );
    }
    seen.add(key);
  }
}

/** Resolves the dependencies of each resource, and refuses circular ones. */
function planned(resources: readonly TemplateResource[]): PlannedResource[] {
  const byName = new Map<string, number[]>();
  const name = (text: string | undefined, position: number): void => {
    if (text === undefined) return;
    const lower = text.toLowerCase();
    byName.set(lower, [...(byName.get(lower) ?? []), position]);
  };
  for (const [position, resource] of resources.entries()) {
    const { symbol, loopNames } = resource;
    const names = [symbol, ...loopNames, resource.key, resource.name];
    names.push(`${resource.type}/${resource.name}`, relativeId(resource));
    for (const text of new Set(names.map((known) => known?.toLowerCase()))) name(text, position);
  }
  const list = resources.map((resource, position): PlannedResource => {
    const waitsFor = new Set(resource.dependsOn.flatMap((text) => found(byName, text)));
    for (const before of batchBefore(resources, position)) waitsFor.add(before);
    return { ...resource, position, waitsFor: [...waitsFor] };
  });
  checkNoCircle(list);
  return list;
}

/** `Ns/a/n/b/m`. */
const relativeId = ({ id }: TemplateResource): string =>
  id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length);

function found(byName: ReadonlyMap<string, readonly number[]>, text: string): readonly number[] {
  const positions = byName.get(text.toLowerCase());
  if (positions !== undefined) return positions;
  throw new TemplateError(
    `The resource '${text}' is not defined in the template. ` +
      'Please see https://aka.ms/arm-syntax for usage details.',
  );
}

/** In a serial loop: the resources of the previous batch, which must be deployed first. */
function batchBefore(resources: readonly TemplateResource[], position: number): number[] {
  const { batchSize, loopIndex, loopNames } = resources[position] ?? {};
  if (batchSize === undefined || loopIndex === undefined || loopIndex < batchSize) return [];
  const batch = Math.floor(loopIndex / batchSize);
  return [...resources.entries()]
    .filter(
      ([, other]) =>
        other.loopNames[0] === loopNames?.[0] &&
        other.batchSize !== undefined &&
        Math.floor(other.loopIndex / batchSize) === batch - 1,
    )
    .map(([index]) => index);
}

function checkNoCircle(resources: readonly PlannedResource[]): void {
  const settled = new Set<number>();
  let rest = [...resources];
  while (rest.length > 0) {
    const free = rest.filter(({ waitsFor }) => waitsFor.every((before) => settled.has(before)));
    if (free.length === 0) {
      throw new TemplateError(
        `Circular dependency detected on resource: '${rest[0]?.id ?? ''}'. ` +
          'Please see https://aka.ms/arm-syntax-resources for usage details.',
      );
    }
    for (const { position } of free) settled.add(position);
    rest = rest.filter(({ position }) => !settled.has(position));
  }
}
