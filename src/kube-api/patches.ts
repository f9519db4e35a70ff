/**
 * PATCH: JSON, merge and strategic patches of objects, their status and their scale.
 * Source: apiserver endpoints/handlers/patch.go (kubernetes-facts.md 7.4).
 */
import type { Scale } from 'kubernetes-types/autoscaling/v1.d.ts';
import { checkRoleWrite } from '#kubernetes/access/escalation.ts';
import { update } from '#kubernetes/api/update.ts';
import { applyJsonPatch } from '#kubernetes/change/json-patch.ts';
import { applyStrategicPatch } from '#kubernetes/change/strategic.ts';
import { type AnyObject, type KubeObject, metaOf, withMeta } from '#kubernetes/objects/object.ts';
import { DecodeError, Decoder, kindOfJson } from '#kubernetes/schema/decode.ts';
import { badRequest, notFound, StatusError } from '#kubernetes/status.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { mergePatch } from '#shared/merge-patch.ts';
import type { Answer } from './answers.ts';
import { APPLY_TYPE, applyOne } from './apply.ts';
import { bodyOf, faultOf, mediaTypeOf, parseNested } from './bodies.ts';
import { type KindCall, ownerOf, type WriteOptions, writeOptionsOf } from './call.ts';
import { presentOne } from './present.ts';
import { shown, stored, storedKind } from './shown.ts';
import { SCALE, scaled, scaleOf } from './scale.ts';

const TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: APPLY_TYPE,
} as const;

function readPatch(bytes: Buffer, type: string): Json {
  if (!Object.values<string>(TYPES).includes(type)) {
    throw new StatusError(415, 'UnsupportedMediaType', {
      message: `the body of the request was in an unknown format - accepted media types include: ${Object.values(TYPES).join(', ')}`,
    });
  }
  const text = bytes.toString('utf8');
  try {
    return parseNested(text).value;
  } catch (error) {
    throw badRequest(`error decoding patch: ${faultOf(text, error)}`);
  }
}

/** The patched document; throws a refusal. */
function patched(
  document: JsonObject,
  patch: Json,
  of: { readonly type: string; readonly message: string },
): Json {
  if (of.type === TYPES.json) return applyJsonPatch(document, patch);
  if (!isJsonObject(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kindOfJson(patch)} into Go value of type map[string]interface {}`,
    );
  }
  return of.type === TYPES.merge
    ? mergePatch(document, patch)
    : applyStrategicPatch(document, patch, of.message);
}

interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: string;
}

/** Reads what a patch has made of an object; throws a 422 for what is none of the kind any more. */
function readResult(
  value: Json,
  { apiVersion, kind, message }: Expected,
  { validation }: WriteOptions,
): { readonly object: AnyObject; readonly warnings: readonly string[] } {
  const refuse = (why: string): StatusError => {
    const text = `patch: Invalid value: ${JSON.stringify(JSON.stringify(value))}: ${why}`;
    return new StatusError(422, 'Invalid', {
      message: ` "" is invalid: ${text}`,
      details: {
        causes: [
          { reason: 'FieldValueInvalid', message: text.slice('patch: '.length), field: 'patch' },
        ],
      },
    });
  };
  const decoder = new Decoder();
  let read: JsonObject;
  try {
    read = decoder.message(value, message, ['apiVersion', 'kind']);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  if (read['kind'] !== kind || read['apiVersion'] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${JSON.stringify(read['apiVersion'] ?? '').slice(1, -1)}) does not match the expected API version (${apiVersion})`,
    );
  }
  const faults = decoder.unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (faults.length > 0 && validation === 'Strict') {
    throw refuse(`strict decoding error: ${faults.join(', ')}`);
  }
  return { object: read, warnings: validation === 'Warn' ? faults : [] };
}

export async function patchOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name, request, caller, subresource } = call;
  const type = mediaTypeOf(request);
  if (type === APPLY_TYPE) return await applyOne(call);
  const options = writeOptionsOf(call, 'PatchOptions');
  const patch = readPatch(await bodyOf(request), type);
  return await cluster.run(({ world }) => {
    const of = storedKind(kind);
    const entry = world.store.get(of, namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    if (subresource === 'scale') {
      const document = scaleOf(entry) as unknown as JsonObject;
      const result = patched(document, patch, { type, message: SCALE.message });
      const { object } = readResult(result, SCALE, options);
      const scale = scaled(call, entry, object as Scale);
      return { code: 200, text: JSON.stringify(scaleOf(scale)) };
    }
    const document = shown(kind, entry, world).object as unknown as JsonObject;
    const result = patched(document, patch, { type, message: kind.message });
    const { object: read, warnings } = readResult(result, kind, options);
    const object = stored(kind, read);
    checkRoleWrite(world, { kind, object, caller, namespace });
    const next = withRevision(object, entry.object);
    const { entry: changed } = update(world, {
      kind: of,
      namespace,
      name,
      object: next,
      caller,
      isDryRun: options.isDryRun,
      owner: ownerOf(call),
      ...(subresource === undefined ? {} : { subresource: subresource as 'status' }),
    });
    return { code: 200, text: presentOne(call, changed), warnings };
  });
}

/** A patch that names a revision is about that one; one that names none is about the newest. */
function withRevision(object: KubeObject, old: KubeObject): KubeObject {
  const { resourceVersion, uid } = metaOf(object);
  const before = metaOf(old);
  return withMeta(object, {
    resourceVersion: resourceVersion ?? before.resourceVersion,
    uid: uid ?? before.uid,
  });
}
