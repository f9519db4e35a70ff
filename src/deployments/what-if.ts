/** What a deployment would change: `whatIf`. Looks, and writes nothing. */
import { lastSegmentOf } from '#shared/arm-id.ts';
import { RefusedError } from '#shared/failure.ts';
import { normalisedLocation } from '#arm/names.ts';
import { bodyOfAnswer } from '#arm/polling.ts';
import { normalised, requestSchema } from '#arm/schema.ts';
import { getResource } from '#arm/verbs/get.ts';
import { presented, schemaOf } from '#arm/verbs/present.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { eachTracked } from '#store/tracked-resources.ts';
import { settledValue } from './answers.ts';
import { isExpression } from './expressions/syntax.ts';
import { TemplateError } from './expressions/template-error.ts';
import { isEqual } from './expressions/values.ts';
import type { DeploymentParts } from './parts.ts';
import { bodyOf, nestedRequest, prepare, type Prepared } from './prepare.ts';
import { type PlannedResource, scopeIdOf } from './resources.ts';
import { strangersOf } from './run.ts';
import { armRequestTo, askPlatform, type Message, type Target, targetOf } from './targets.ts';

export interface Question {
  readonly prepared: Prepared;
  readonly correlationId: string;
  /** `ResourceIdOnly`: no contents. */
  readonly isBrief: boolean;
}

/** One entry a resource, in the order of the template; then what else the group holds. */
export async function changesOf(parts: DeploymentParts, question: Question): Promise<JsonObject[]> {
  const { prepared } = question;
  const changes: JsonObject[] = [];
  for (const resource of prepared.resources) {
    if (resource.isDeployed) changes.push(...(await changesTo(parts, question, resource)));
  }
  return [...changes, ...(await leftOf(parts, prepared))];
}

async function changesTo(
  parts: DeploymentParts,
  question: Question,
  resource: PlannedResource,
): Promise<JsonObject[]> {
  const { prepared, correlationId } = question;
  const asking = { prepared, correlationId, isSettled: () => true };
  const target = targetOf(parts, resource);
  if (target.kind === 'deployment') {
    const request = await orUndefined(async () =>
      settledValue(parts, asking, () => nestedRequest(resource, prepared.request)),
    );
    if (request === undefined || 'waits' in request) {
      const unsupportedReason = 'Its parameters come of resources that do not exist yet.';
      return [{ resourceId: resource.id, changeType: 'Unsupported', unsupportedReason }];
    }
    const at = parts.provider.clock.now();
    const nested = await prepare(parts.provider, { id: resource.id, request: request.value, at });
    const own: JsonObject[] = [];
    for (const inner of nested.resources) {
      if (!inner.isDeployed) continue;
      own.push(...(await changesTo(parts, { ...question, prepared: nested }, inner)));
    }
    return own;
  }
  const body = await orUndefined(async () => settledValue(parts, asking, () => bodyOf(resource)));
  const after = body === undefined || 'waits' in body ? plainOf(resource.declaration) : body.value;
  return [await changeTo(parts, { question, resource, target }, after)];
}

/** What the declaration says without its expressions: those that cannot have a value before the deployment runs. */
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
    readonly question: Question;
    readonly resource: PlannedResource;
    readonly target: Exclude<Target, { readonly kind: 'deployment' }>;
  },
  body: JsonObject,
): Promise<JsonObject> {
  const { resource, target, question } = what;
  const { correlationId, isBrief, prepared } = question;
  const message = { id: resource.id, apiVersion: resource.apiVersion, correlationId };
  const before = await orUndefined(async () => shown(parts, target, message));
  if (isBrief) {
    return { resourceId: resource.id, changeType: before === undefined ? 'Create' : 'Deploy' };
  }
  const identity = { id: resource.id, name: lastSegmentOf(resource.id), type: resource.type };
  const written = masked(writable(parts, target, { ...message, body }), prepared);
  const after: JsonObject = { ...identity, apiVersion: resource.apiVersion, ...written };
  if (before === undefined) return { resourceId: resource.id, changeType: 'Create', after };
  const delta = differences(before, written);
  const changeType = delta.length === 0 ? 'NoChange' : 'Modify';
  return { resourceId: resource.id, changeType, before, after, delta };
}

async function shown(
  { provider }: DeploymentParts,
  target: Exclude<Target, { readonly kind: 'deployment' }>,
  message: Message,
): Promise<JsonObject | undefined> {
  if (target.kind === 'platform') return (await askPlatform(target, 'GET', message)).body;
  return bodyOfAnswer(await getResource(provider, armRequestTo(provider, target, message)));
}

/** The members of a body that its type takes and shows: nothing secret, nothing unknown. */
function writable(
  { provider }: DeploymentParts,
  target: Exclude<Target, { readonly kind: 'deployment' }>,
  message: Message,
): JsonObject {
  const body = isJsonObject(message.body) ? message.body : {};
  if (target.kind === 'platform') return body;
  const { version } = armRequestTo(provider, target, message);
  const schema = requestSchema(schemaOf(target.type, body), version);
  return presented(target.type, normalised(schema, body) as JsonObject, version);
}

/** Values of secret parameters do not come back, wherever the template has put them. */
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

/** What `after` has otherwise than `before`. What it leaves out is not told: it may as well be a default [ours]. */
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

/** The rest of the group: left alone, or in mode Complete deleted. */
async function leftOf(parts: DeploymentParts, prepared: Prepared): Promise<JsonObject[]> {
  const { place, request, resources } = prepared;
  if (place.group === undefined) return [];
  if (request.mode === 'Complete') {
    const strangers = await strangersOf(parts, prepared);
    return strangers.map(({ id }) => ({ resourceId: id, changeType: 'Delete' }));
  }
  const known = new Set(resources.map(({ key }) => key));
  const { reader } = parts.provider.database;
  const ignored: JsonObject[] = [];
  for await (const { key, id } of eachTracked(reader, scopeIdOf(place).toLowerCase())) {
    if (!known.has(key)) ignored.push({ resourceId: id, changeType: 'Ignore' });
  }
  return ignored;
}

/** What `work` gives, or undefined where something that it needs is not there yet. */
async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError || error instanceof TemplateError) return undefined;
    throw error;
  }
}
