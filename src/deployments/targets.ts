/**
 * The targets of a template's resources: a type of the provider, a type of the platform, or a nested deployment. Resources
 * are read and written like by a client's request. Types that are not simulated are refused.
 */
import { admitVersion } from '#arm/admission.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { ArmRequest, Provider } from '#arm/provider.ts';
import { type Actor, PLATFORM } from '#arm/system-data.ts';
import { parseResourceId, type ResourceId, typeKeyOf } from '#shared/arm-id.ts';
import type { ResourceType } from '#arm/resource-type.ts';
import type { Json } from '#shared/json.ts';
import { TemplateError } from './expressions/template-error.ts';
import type { DeploymentParts } from './parts.ts';
import { DEPLOYMENT_TYPE } from './resources.ts';
import { consistently } from '#store/read-set.ts';

export type Target =
  | { readonly kind: 'deployment' }
  | { readonly kind: 'resource'; readonly type: ResourceType; readonly id: ResourceId }
  | { readonly kind: 'platform'; readonly routes: readonly PlatformRoute[] };

/** A request to a resource of the template. */
export interface TargetRequest {
  readonly id: string;
  readonly apiVersion: string;
  readonly correlationId: string;
  readonly body?: Json;
  /** Who deploys, for requests that write. */
  readonly actor?: Actor;
}

/** The target that deploys and shows the resource `id`; `type` is named in the refusal. */
export function targetOf(
  { provider, platformRoutes }: DeploymentParts,
  { id, type }: { readonly id: string; readonly type: string },
): Target {
  if (type.toLowerCase() === DEPLOYMENT_TYPE) return { kind: 'deployment' };
  const parsed = parseResourceId(id);
  const known = parsed === undefined ? undefined : provider.registry.get(typeKeyOf(parsed));
  if (parsed !== undefined && known !== undefined)
    return { kind: 'resource', type: known, id: parsed };
  const routes = platformRoutes.filter(({ path }) => patternOf(path).test(id));
  if (routes.length > 0) return { kind: 'platform', routes };
  throw new TemplateError(
    `The template resource '${id}' of type '${type}' cannot be deployed: this emulator does not simulate the type.`,
  );
}

/** The type in its registered casing, for the hooks. */
export const registeredType = (target: Target, type: string): string =>
  target.kind === 'resource' ? `${target.type.namespace}/${target.type.type}` : type;

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (pattern === undefined) {
    pattern = new RegExp(
      `^${path.replaceAll('.', '\\.').replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`,
      'i',
    );
    patterns.set(path, pattern);
  }
  return pattern;
}

/** Refuses an api-version that the type does not have, and a type that cannot be put. */
export function checkPut(
  provider: Provider,
  target: Target,
  { id, apiVersion }: { readonly id: string; readonly apiVersion: string },
): void {
  if (target.kind === 'deployment') return;
  const isPut =
    target.kind === 'resource'
      ? target.type.category === 'stored' && target.type.operations.put !== undefined
      : target.routes.some(({ method }) => method === 'PUT');
  if (!isPut)
    throw new TemplateError(`The template resource '${id}' is of a type that cannot be created.`);
  if (target.kind === 'resource') versionOf(provider, target.type, apiVersion);
}

const versionOf = ({ hasLooseVersions }: Provider, type: ResourceType, version: string) =>
  admitVersion(
    { type, isPoll: false, isCollection: false },
    { 'api-version': version },
    hasLooseVersions,
  );

/** A request to a resource of the provider, as a client would send it. */
export function armRequestTo(
  provider: Provider,
  target: Target & { readonly kind: 'resource' },
  request: TargetRequest,
): ArmRequest {
  const { served, asked } = versionOf(provider, target.type, request.apiVersion);
  return {
    type: target.type,
    version: served,
    askedVersion: asked,
    origin: '',
    url: '',
    query: {},
    correlationId: request.correlationId,
    subscriptionId: target.id.subscriptionId,
    id: target.id,
    conditions: { ifMatch: undefined, ifNoneMatch: undefined },
    actor: request.actor ?? PLATFORM,
    showsSystemData: provider.showsSystemData,
    body: request.body,
  };
}

/** Calls a route of the platform; `check` holds in the transaction in which the route writes. */
export async function callPlatform(
  target: Target & { readonly kind: 'platform' },
  {
    method,
    check,
  }: {
    readonly method: PlatformRoute['method'];
    readonly check?: () => Promise<void>;
  },
  request: TargetRequest,
): Promise<Answer> {
  const route = target.routes.find((candidate) => candidate.method === method);
  if (route === undefined) {
    throw new TemplateError(`A template cannot refer to '${request.id}'.`);
  }
  const { groups = {} } = patternOf(route.path).exec(request.id) ?? {};
  const call: PlatformCall = {
    parameters: groups,
    subscriptionId: (groups.subscriptionId ?? '').toLowerCase(),
    path: request.id,
    query: { 'api-version': request.apiVersion },
    body: request.body,
    bodyText: '',
    origin: '',
    url: '',
    correlationId: request.correlationId,
    actor: request.actor ?? PLATFORM,
    caller: undefined,
    admit: async () => undefined,
  };
  return await consistently(async () => {
    await check?.();
    return await route.carryOut(call);
  });
}

/** `Ns/a/b` of an id. */
export function typeIn(id: string): string {
  const [namespace = '', ...pairs] = (id.split(/\/providers\//i).at(-1) ?? '').split('/');
  return [namespace, ...pairs.filter((_, index) => index % 2 === 0)].join('/');
}
