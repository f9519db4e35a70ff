/**
 * PATCH with `application/apply-patch+yaml`: server-side apply, of objects, their status and their scale.
 * Sources: apiserver endpoints/handlers/patch.go (applyPatcher); kubernetes-facts.md 7.4, 7.6.
 */
import { checkRoleWrite } from '#kubernetes/access/escalation.ts';
import { authorize } from '#kubernetes/access/rbac.ts';
import { create } from '#kubernetes/api/create.ts';
import { update } from '#kubernetes/api/update.ts';
import { applied } from '#kubernetes/change/apply.ts';
import { documentFaults, faultsText } from '#kubernetes/change/document-check.ts';
import { type KubeObject, metaOf, withMeta } from '#kubernetes/objects/object.ts';
import { DecodeError, kindOfJson } from '#kubernetes/schema/decode.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import { badRequest, conflict, notFound, StatusError } from '#kubernetes/status.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { Answer } from './answers.ts';
import { bodyOf, parseDocument } from './bodies.ts';
import { type KindCall, ownerOf, writeOptionsOf } from './call.ts';
import { presentOne } from './present.ts';
import { SCALE, scaleOf } from './scale.ts';
import { shown, stored, storedKind } from './shown.ts';

export const APPLY_TYPE = 'application/apply-patch+yaml';

export async function applyOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name, request, caller, query, subresource } = call;
  const { isDryRun } = writeOptionsOf(call, 'ApplyOptions');
  const isForced = ['1', 'true'].includes(query.get('force') ?? '');
  const document = readDocument(call, await bodyOf(request));
  return await cluster.run(({ world }) => {
    const of = storedKind(kind);
    const entry = world.store.get(of, namespace, name);
    const { uid } = metaOf(document);
    if (entry === undefined) {
      if (subresource !== undefined) throw notFound(kind, name);
      if (uid !== undefined) {
        throw conflict(
          kind,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      }
      // Who makes something by a patch must be allowed to make it.
      const { group, resource } = kind;
      authorize(world, caller, {
        verb: 'create',
        group,
        resource,
        namespace: call.namespace,
        name,
      });
    }
    const owner = { ...ownerOf(call), subresource };
    const live = entry === undefined ? undefined : shown(kind, entry, world).object;
    const { object: wanted, managedFields } = readable(document, () =>
      applied({ kind, document, live, owner, isForced }),
    );
    const object = stored(kind, wanted);
    checkRoleWrite(world, { kind, object, caller, namespace });
    const base = { kind: of, namespace, caller, isDryRun, managedFields };
    if (entry === undefined) {
      const made = create(world, { ...base, object: withMeta(object, { name }) });
      return { code: 201, text: presentOne(call, made) };
    }
    const changed = update(world, {
      ...base,
      name,
      object: withRevision(object, document, entry),
      ...(subresource === 'status' ? { subresource } : {}),
    });
    return {
      code: 200,
      text:
        subresource === 'scale'
          ? JSON.stringify(scaleOf(changed.entry))
          : presentOne(call, changed.entry),
    };
  });
}

/** A document that names a revision or a uid is about that one alone. */
function withRevision(object: KubeObject, document: JsonObject, entry: Entry): KubeObject {
  const { resourceVersion, uid } = metaOf(document);
  const before = metaOf(entry.object);
  return withMeta(object, {
    resourceVersion: resourceVersion ?? before.resourceVersion,
    uid: uid ?? before.uid,
  });
}

/** The document, checked by its kind; that of a scale is about the replicas of its workload. */
function readDocument(call: KindCall, bytes: Buffer): JsonObject {
  const { kind, subresource } = call;
  if (subresource !== 'scale') return checkedDocument(call, kind, bytes);
  const scale = checkedDocument(call, { ...SCALE, group: 'autoscaling' }, bytes);
  const { metadata = {}, spec = {} } = scale;
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata, spec };
}

function checkedDocument(
  { name, namespace }: KindCall,
  kind: Pick<Kind, 'apiVersion' | 'kind' | 'message' | 'group'>,
  bytes: Buffer,
): JsonObject {
  // Nothing, or null, is an empty document.
  const document = parseDocument(bytes) ?? {};
  if (!isJsonObject(document)) {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOfJson(document)} into Go value of type map[string]interface {}`,
    );
  }
  const { apiVersion, metadata } = document;
  if (apiVersion !== kind.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${typeof apiVersion === 'string' ? apiVersion : ''}, expected: ${kind.apiVersion}`,
    );
  }
  if (isJsonObject(metadata) && (metadata['managedFields'] ?? null) !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const faults = documentFaults(kind, document);
  if (faults.length > 0) {
    const version = kind.group === '' ? '/v1' : kind.apiVersion;
    // The real server answers a 500 without a reason; it is the client's fault all the same.
    throw badRequest(
      `failed to create typed patch object (${namespace ?? ''}/${name}; ${version}, Kind=${kind.kind}): ${faultsText(faults)}`,
    );
  }
  return document;
}

/** Runs what reads the document's values; throws a 422 for one that is none of its field. */
function readable<T>(document: JsonObject, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const text = `Invalid value: ${JSON.stringify(JSON.stringify(document))}: ${error.message}`;
    throw new StatusError(422, 'Invalid', {
      message: ` "" is invalid: patch: ${text}`,
      details: { causes: [{ reason: 'FieldValueInvalid', message: text, field: 'patch' }] },
    });
  }
}
