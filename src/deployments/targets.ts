/**
 * What a resource of a template is deployed by: a type of the provider, the platform itself, or another deployment. Reads
 * and writes go the way of a client's own requests. What nobody here simulates is refused, never skipped.
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

export type Target =
  | { readonly kind: 'deployment' }
  | { readonly kind: 'resource'; readonly type: ResourceType; readonly id: ResourceId }
  | { readonly kind: 'platform'; readonly routes: readonly PlatformRoute[] };

/** Id and api-version of a resource, and what is said to it. */
export interface Message {
  readonly id: string;
  readonly apiVersion: string;
  readonly correlationId: string;
  readonly body?: Json;
  /** Who deploys; only what is written names them. */
  readonly actor?: Actor;
}

/** What deploys and shows the resource of `id`; `type` names it in the refusal. */
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

/** Refuses an api-version that the type does not have, and a type that nobody can put. */
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
  message: Message,
): ArmRequest {
  const { served, asked } = versionOf(provider, target.type, message.apiVersion);
  return {
    type: target.type,
    version: served,
    askedVersion: asked,
    origin: '',
    url: '',
    query: {},
    correlationId: message.correlationId,
    subscriptionId: target.id.subscriptionId,
    id: target.id,
    conditions: { ifMatch: undefined, ifNoneMatch: undefined },
    actor: message.actor ?? PLATFORM,
    showsSystemData: provider.showsSystemData,
    body: message.body,
  };
}

/** Has the platform carry out `method` on one of its own. */
export async function askPlatform(
  target: Target & { readonly kind: 'platform' },
  method: PlatformRoute['method'],
  message: Message,
): Promise<Answer> {
  const route = target.routes.find((candidate) => candidate.method === method);
  if (route === undefined) {
    throw new TemplateError(`'${message.id}' cannot be asked for in a template.`);
  }
  const { groups = {} } = patternOf(route.path).exec(message.id) ?? {};
  const call: PlatformCall = {
    parameters: groups,
    subscriptionId: (groups.subscriptionId ?? '').toLowerCase(),
    path: message.id,
    query: { 'api-version': message.apiVersion },
    body: message.body,
    origin: '',
    url: '',
    correlationId: message.correlationId,
    actor: message.actor ?? PLATFORM,
    caller: undefined,
    admit: async () => undefined,
  };
  return await route.carryOut(call);
}

/** `Ns/a/b` of an id. */
export function typeIn(id: string): string {
  const [namespace = '', ...pairs] = (id.split(/\/providers\//i).at(-1) ?? '').split('/');
  return [namespace, ...pairs.filter((_, index) => index % 2 === 0)].join('/');
}
