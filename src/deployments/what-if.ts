/** `whatIf`: the changes that a deployment would make. Writes nothing. */
import { lastSegmentOf } from '#shared/arm-id.ts';
import { RefusedError } from '#shared/failure.ts';
import { normalisedLocation } from '#arm/names.ts';
import { bodyOfAnswer } from '#arm/polling.ts';
import { normalised, requestSchema } from '#arm/version-schema.ts';
import { getResource } from '#arm/verbs/get.ts';
import { project, schemaOf } from '#arm/verbs/present.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { eachTracked } from '#store/tracked-resources.ts';
import { resolvedValue } from './answers.ts';
import { isExpression } from './expressions/syntax.ts';
import { TemplateError } from './expressions/template-error.ts';
import { isEqual } from './expressions/values.ts';
import type { DeploymentParts } from './parts.ts';
import { bodyOf, nestedRequest, prepare, type Prepared } from './prepare.ts';
import { type PlannedResource, scopeIdOf } from './resources.ts';
import { unmanagedResources } from './run.ts';
import {
  armRequestTo,
  callPlatform,
  type TargetRequest,
  type Target,
  targetOf,
} from './targets.ts';

export interface WhatIfContext {
  readonly prepared: Prepared;
  readonly correlationId: string;
  /** `ResourceIdOnly`: without the contents of resources. */
  readonly isBrief: boolean;
}

/** One entry for each resource of the template, in its order; then the other resources of the group. */
export async function changesOf(
  parts: DeploymentParts,
  context: WhatIfContext,
): Promise<JsonObject[]> {
  const { prepared } = context;
  const changes: JsonObject[] = [];
  for (const resource of prepared.resources) {
    if (resource.isDeployed) changes.push(...(await changesTo(parts, context, resource)));
  }
  return [...changes, ...(await changesOutside(parts, prepared))];
}

async function changesTo(
  parts: DeploymentParts,
  context: WhatIfContext,
  resource: PlannedResource,
): Promise<JsonObject[]> {
  const { prepared, correlationId } = context;
  const references = { prepared, correlationId, isSettled: () => true };
  const target = targetOf(parts, resource);
  if (target.kind === 'deployment') {
    const request = await orUndefined(async () =>
      resolvedValue(parts, references, () => nestedRequest(resource, prepared.request)),
    );
    if (request === undefined || 'waits' in request) {
      const unsupportedReason = 'Its parameters depend on resources that do not exist yet.';
      return [{ resourceId: resource.id, changeType: 'Unsupported', unsupportedReason }];
    }
    const at = parts.provider.clock.now();
    const nested = await prepare(parts.provider, { id: resource.id, request: request.value, at });
    const own: JsonObject[] = [];
    for (const inner of nested.resources) {
      if (!inner.isDeployed) continue;
      own.push(...(await changesTo(parts, { ...context, prepared: nested }, inner)));
    }
    return own;
  }
  const body = await orUndefined(async () =>
    resolvedValue(parts, references, () => bodyOf(resource)),
  );
  const after = body === undefined || 'waits' in body ? plainOf(resource.declaration) : body.value;
  return [await changeTo(parts, { context, resource, target }, after)];
}

/** The declaration without its expressions, for a resource whose expressions have no value before the deployment runs. */
function plainOf(declaration: JsonObject): JsonObject {
  const members = ['location', 'tags', 'sku', 'kind', 'properties'];
  const plain = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(plain);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => typeof member !== 'string' || !isExpression(member))
        .map(([name, member]) => [name, plain(member)]),
    );
  };
  return plain(
    Object.fromEntries(Object.entries(declaration).filter(([name]) => members.includes(name))),
  ) as JsonObject;
}

async function changeTo(
  parts: DeploymentParts,
  what: {
    readonly context: WhatIfContext;
    readonly resource: PlannedResource;
    readonly target: Exclude<Target, { readonly kind: 'deployment' }>;
  },
  body: JsonObject,
): Promise<JsonObject> {
  const { resource, target, context } = what;
  const { correlationId, isBrief, prepared } = context;
  const request = { id: resource.id, apiVersion: resource.apiVersion, correlationId };
  const before = await orUndefined(async () => presentViewOf(parts, target, request));
  if (isBrief) {
    return { resourceId: resource.id, changeType: before === undefined ? 'Create' : 'Deploy' };
  }
  const identity = { id: resource.id, name: lastSegmentOf(resource.id), type: resource.type };
  const settable = masked(writable(parts, target, { ...request, body }), prepared);
  const after: JsonObject = { ...identity, apiVersion: resource.apiVersion, ...settable };
  if (before === undefined) return { resourceId: resource.id, changeType: 'Create', after };
  const delta = differences(before, settable);
  const changeType = delta.length === 0 ? 'NoChange' : 'Modify';
  return { resourceId: resource.id, changeType, before, after, delta };
}

async function presentViewOf(
  { provider }: DeploymentParts,
  target: Exclude<Target, { readonly kind: 'deployment' }>,
  request: TargetRequest,
): Promise<JsonObject | undefined> {
  if (target.kind === 'platform')
    return (await callPlatform(target, { method: 'GET' }, request)).body;
  return bodyOfAnswer(await getResource(provider, armRequestTo(provider, target, request)));
}

/** The members of a body that its type accepts and shows: neither secrets nor unknown members. */
function writable(
  { provider }: DeploymentParts,
  target: Exclude<Target, { readonly kind: 'deployment' }>,
  request: TargetRequest,
): JsonObject {
  const body = isJsonObject(request.body) ? request.body : {};
  if (target.kind === 'platform') return body;
  const { version } = armRequestTo(provider, target, request);
  const schema = requestSchema(schemaOf(target.type, body), version);
  return project(target.type, normalised(schema, body) as JsonObject, version);
}

/** Masks the values of secret parameters, wherever the template uses them. */
function masked(body: JsonObject, { parameters }: Prepared): JsonObject {
  const secrets = parameters
    .filter(({ isSecret }) => isSecret)
    .flatMap(({ value }) => textsIn(value));
  const mask = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(mask);
    if (isJsonObject(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, mask(member)]),
      );
    }
    const isSecret = typeof value === 'string' && secrets.some((secret) => value.includes(secret));
    return isSecret ? '*******' : value;
  };
  return mask(body) as JsonObject;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** The changes from `before` to `after`. Members that `after` lacks are not reported, since they may have defaults [ours]. */
function differences(before: JsonObject, after: JsonObject, above = ''): JsonObject[] {
  const changes: JsonObject[] = [];
  for (const [name, value] of Object.entries(after)) {
    const path = `${above}${name}`;
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (old === undefined) {
      changes.push({ path, propertyChangeType: 'Create', after: value });
    } else if (isJsonObject(old) && isJsonObject(value)) {
      changes.push(...differences(old, value, `${path}.`));
    } else if (!isSame(path, old, value)) {
      changes.push({ path, propertyChangeType: 'Modify', before: old, after: value });
    }
  }
  return changes;
}

function isSame(path: string, one: Json, other: Json): boolean {
  if (path === 'location' && typeof one === 'string' && typeof other === 'string') {
    return normalisedLocation(one) === normalisedLocation(other);
  }
  return isEqual(one, other);
}

/** The other resources of the group, which are ignored, or deleted in mode Complete. */
async function changesOutside(parts: DeploymentParts, prepared: Prepared): Promise<JsonObject[]> {
  const { place, request, resources } = prepared;
  if (place.group === undefined) return [];
  if (request.mode === 'Complete') {
    const unmanaged = await unmanagedResources(parts, prepared);
    return unmanaged.map(({ id }) => ({ resourceId: id, changeType: 'Delete' }));
  }
  const known = new Set(resources.map(({ key }) => key));
  const { reader } = parts.provider.database;
  const ignored: JsonObject[] = [];
  for await (const { key, id } of eachTracked(reader, scopeIdOf(place).toLowerCase())) {
    if (!known.has(key)) ignored.push({ resourceId: id, changeType: 'Ignore' });
  }
  return ignored;
}

/** The result of `work`, or undefined where it is refused, for instance because a resource does not exist yet. */
async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError || error instanceof TemplateError) return undefined;
    throw error;
  }
}
