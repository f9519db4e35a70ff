/**
 * PUT: create or replace. Read the body by its version → open what is secret → check all of it → plan → one
 * transaction → 200 (synchronous) or 202. Nothing is written before every check has passed.
 */
import type { Fault } from '#shared/failure.ts';
import { MAX_DETAILS } from '#shared/envelope.ts';
import { isJsonObject, type JsonObject, objectIn } from '#shared/json.ts';
import { checkBody } from '../body-check.ts';
import { errors, statusOf } from '../errors.ts';
import { checkConditions } from '../etag.ts';
import { normalisedLocation, tagFaults } from '../names.ts';
import type { Answer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { nodeOf } from '../schema.ts';
import { forBody, type StoredType, type Target } from '../resource-type.ts';
import { acceptOperation, checkIdle, checkPlan, writeNow } from './accept.ts';
import { isKindIn, projectFor, schemaOf } from './present.ts';
import {
  checkGroupStays,
  checkName,
  idOf,
  loadTarget,
  missingAncestor,
  targetOf,
} from './target.ts';

/** 200 with the resource, 202 with poll headers, or every fault at once. */
export async function putResource(
  provider: Provider,
  request: ArmRequest<StoredType>,
): Promise<Answer> {
  const { type } = request;
  const id = idOf(request);
  const error = await missingAncestor(provider, id);
  if (error !== undefined) throw error;
  await checkGroupStays(provider, id);
  checkName(type, id);
  const target = await loadTarget(provider, id);
  const { put } = type.operations;
  const notAllowed = request.isOfControl === true ? undefined : await put?.notAllowed?.(target);
  if (notAllowed !== undefined) throw errors.refused(notAllowed, 405);
  checkIdle(target.resource);
  checkConditions(request.conditions, target.resource);
  const read = readBody(request);
  checkLocation(request, target, read);
  const body = await received(type, target, read);
  const faults = [...commonFaults(type, body), ...((await type.check?.(target, body)) ?? [])];
  if (faults.length > 0) throw errors.invalidContent(faults);
  const refusal = await type.refusal?.(target, body);
  if (refusal !== undefined) throw errors.refused(refusal, statusOf(refusal));
  if (put?.plan !== undefined) {
    const plan = await put.plan(target, body);
    await checkPlan(plan, { isFirstAtOnce: true });
    return await acceptOperation(provider, request, {
      plan,
      resource: target.resource,
      verb: 'put',
      input: body,
      style: forBody(put.style, body),
      isVisibleAtOnce: forBody(put.isVisibleAtOnce, body) === true,
    });
  }
  const row = await writeNow(provider, request, { resource: target.resource, body });
  const written = targetOf(provider, row, target.root ?? row);
  const view = await (type.viewAfterWrite ?? type.view)(written);
  return { status: 200, body: projectFor(request, row, view) };
}

/** The body in the type's own form; throws all schema faults at once. */
function readBody(request: ArmRequest<StoredType>): JsonObject {
  const { type, version, body } = request;
  if (body === undefined) throw errors.malformedContent('The request body is empty.');
  if (!isJsonObject(body)) {
    throw errors.invalidContent([{ target: 'body', message: 'The body must be a JSON object.' }]);
  }
  if (type.locations !== undefined && (body.location ?? null) === null) {
    throw errors.locationRequired();
  }
  const kindFault = faultOfKind(request, body);
  if (kindFault !== undefined) throw errors.invalidContent([kindFault]);
  const node = schemaOf(type, withKind(type, body));
  const unknown = type.locations === undefined ? [] : unknownMembers(node.properties ?? {}, body);
  const checked = checkBody(node, version, withKind(type, body));
  if ('faults' in checked) throw errors.invalidContent([...unknown, ...checked.faults]);
  if (unknown.length > 0) throw errors.invalidContent(unknown);
  return checked.body;
}

/** Stands for a fault that is counted and not told. */
const UNTOLD: Fault = { target: '', message: '' };

const unknownMembers = (known: object, body: JsonObject): Fault[] =>
  Object.keys(body)
    .filter((name) => !Object.hasOwn(known, name))
    .map((name, index) => (index < MAX_DETAILS ? errors.unknownMember(name) : UNTOLD));

function faultOfKind(
  { type, version }: ArmRequest<StoredType>,
  body: JsonObject,
): Fault | undefined {
  if (type.kinds === undefined) return undefined;
  const known = Object.keys(type.kinds).filter((kind) => isKindIn(type, { kind }, version));
  const kinds = known.join(', ');
  if (typeof body.kind !== 'string') {
    return {
      target: 'kind',
      message: `The required property 'kind' is missing; one of: ${kinds}.`,
    };
  }
  const kind = canonicalKind(type, body.kind);
  return kind === undefined || !known.includes(kind)
    ? {
        target: 'kind',
        message: `The kind '${body.kind}' is not supported here; one of: ${kinds}.`,
      }
    : undefined;
}

const canonicalKind = (type: StoredType, kind: string): string | undefined =>
  Object.keys(type.kinds ?? {}).find((known) => known.toLowerCase() === kind.trim().toLowerCase());

function withKind(type: StoredType, body: JsonObject): JsonObject {
  if (type.kinds === undefined || typeof body.kind !== 'string') return body;
  return { ...body, kind: canonicalKind(type, body.kind) ?? body.kind };
}

/** A tracked resource's location: known, and the same as ever. */
function checkLocation(request: ArmRequest<StoredType>, target: Target, body: JsonObject): void {
  const { type } = request;
  if (type.locations === undefined) return;
  const location = body.location;
  if (typeof location !== 'string' || location.trim() === '') throw errors.locationRequired();
  const normalised = normalisedLocation(location);
  if (!type.locations.some((known) => normalisedLocation(known) === normalised)) {
    throw errors.locationNotAvailable(
      location,
      `${type.namespace}/${type.type}`,
      type.locations.map(normalisedLocation),
    );
  }
  const old = target.resource?.body.location;
  if (typeof old === 'string' && old !== normalised) {
    throw errors.locationChanged({
      name: target.name,
      group: idOf(request).resourceGroup,
      from: old,
      to: normalised,
    });
  }
  body.location = normalised;
}

async function received(type: StoredType, target: Target, body: JsonObject): Promise<JsonObject> {
  const taken = await type.receive?.(target, body);
  if (taken === undefined) return body;
  if ('faults' in taken) throw errors.invalidContent(taken.faults);
  return taken.body;
}

function commonFaults(type: StoredType, body: JsonObject): Fault[] {
  if (nodeOf(type.schema).properties?.tags === undefined) return [];
  return tagFaults(objectIn(body, 'tags') as Record<string, string>);
}
