/** The verbs on objects of a kind. Sources: apiserver endpoints/handlers (kubernetes-facts.md 7). */
import type { JsonObject } from '#shared/json.ts';
import { create } from '#kubernetes/api/create.ts';
import {
  deleteEntry,
  deleteNamed,
  type DeleteOptions,
  type Propagation,
  successOf,
} from '#kubernetes/api/delete.ts';
import { update } from '#kubernetes/api/update.ts';
import { selectorOf } from '#kubernetes/api/list.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import { NAMESPACES } from '#kubernetes/kinds/namespaces.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { checkRoleWrite } from '#kubernetes/access/escalation.ts';
import { methodNotAllowed, notFound, invalidObject } from '#kubernetes/status.ts';
import type { Answer } from './answers.ts';
import { bodyOf, decodeBody, mediaTypeOf } from './bodies.ts';
import { type KindCall, ownerOf, writeOptionsOf } from './call.ts';
import { presentList, presentOne } from './present.ts';
import { selectedKind, stored, storedKind } from './shown.ts';
import { selectorsOf } from './watch.ts';

export async function getOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name } = call;
  return await cluster.run(({ world }) => {
    const entry = world.store.get(storedKind(kind), namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    return { code: 200, text: presentOne(call, entry) };
  });
}

export async function listAll(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace, query } = call;
  const limit = Number(query.get('limit') ?? '0');
  const options = {
    ...selectorsOf(call),
    limit: Number.isInteger(limit) ? limit : 0,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  };
  return await cluster.run((plane) => {
    const listed = plane.lists.list(plane.world, { kind: selectedKind(kind), namespace }, options);
    return { code: 200, text: presentList(call, kind, listed) };
  });
}

/** The object that the request writes, read as its options say, with what the answer has to warn of. */
async function writtenObject(call: KindCall, options: 'CreateOptions' | 'UpdateOptions') {
  const { kind, request } = call;
  const { isDryRun, validation } = writeOptionsOf(call, options);
  const reading = { expected: kind, validation };
  const read = decodeBody(await bodyOf(request), mediaTypeOf(request), reading);
  return { ...read, object: stored(kind, read.object), isDryRun };
}

export async function createOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', caller } = call;
  if (call.name !== '' || (kind.isNamespaced && call.namespace === undefined)) {
    throw methodNotAllowed();
  }
  const { object, warnings, isDryRun } = await writtenObject(call, 'CreateOptions');
  return await cluster.run(({ world }) => {
    checkRoleWrite(world, { kind, object, caller, namespace });
    const owner = ownerOf(call);
    const of = storedKind(kind);
    const entry = create(world, { kind: of, namespace, object, caller, isDryRun, owner });
    return { code: 201, text: presentOne(call, entry), warnings };
  });
}

export async function replaceOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name, caller } = call;
  const subresource = call.subresource as 'status' | 'finalize' | undefined;
  const { object, warnings, isDryRun } = await writtenObject(call, 'UpdateOptions');
  return await cluster.run(({ world }) => {
    checkRoleWrite(world, { kind, object, caller, namespace });
    const { entry, isCreated } = update(world, {
      kind: storedKind(kind),
      namespace,
      name,
      object,
      caller,
      isDryRun,
      owner: ownerOf(call),
      ...(subresource === undefined ? {} : { subresource }),
    });
    return { code: isCreated ? 201 : 200, text: presentOne(call, entry), warnings };
  });
}

const PROPAGATIONS: readonly string[] = ['Background', 'Foreground', 'Orphan'];

/** The options of a deletion, from the query and the body. */
async function deleteOptionsOf(
  call: KindCall,
): Promise<DeleteOptions & { readonly warnings: readonly string[] }> {
  const { kind, query, request } = call;
  const { isDryRun } = writeOptionsOf(call, 'DeleteOptions');
  const bytes = await bodyOf(request);
  const given: JsonObject =
    bytes.length === 0
      ? {}
      : (decodeBody(bytes, mediaTypeOf(request), {
          expected: { apiVersion: 'v1', kind: 'DeleteOptions', message: 'meta.v1.DeleteOptions' },
          validation: 'Ignore',
        }).object as unknown as JsonObject);
  const policy = given['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  const seconds = given['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds') ?? undefined;
  if (policy !== undefined && !PROPAGATIONS.includes(policy as string)) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      {
        field: 'propagationPolicy',
        type: 'Unsupported value',
        shown: JSON.stringify(policy),
        detail: 'supported values: "Foreground", "Background", "Orphan", "nil"',
      },
    ]);
  }
  const dryRunInBody = given['dryRun'];
  const orphans = given['orphanDependents'];
  const asked = policy ?? (orphans === true ? 'Orphan' : undefined);
  const isDefault = asked === undefined && orphans === undefined;
  const { orphanWarning } = kind;
  const chosen = isDefault && orphanWarning !== undefined ? 'Orphan' : asked;
  return {
    warnings: isDefault && orphanWarning !== undefined ? [orphanWarning] : [],
    isDryRun: isDryRun || (Array.isArray(dryRunInBody) && dryRunInBody.includes('All')),
    ...(chosen === undefined ? {} : { propagationPolicy: chosen as Propagation }),
    ...(seconds === undefined ? {} : { gracePeriodSeconds: Number(seconds) }),
    ...(given['preconditions'] === undefined
      ? {}
      : { preconditions: given['preconditions'] as NonNullable<DeleteOptions['preconditions']> }),
  };
}

export async function deleteOne(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name } = call;
  const { warnings, ...options } = await deleteOptionsOf(call);
  return await cluster.run(({ world }) => {
    const { entry, isGone } = deleteNamed(
      world,
      { kind: storedKind(kind), namespace, name },
      options,
    );
    return isGone && kind !== PODS
      ? { code: 200, text: JSON.stringify(successOf(kind, entry)), warnings }
      : { code: 200, text: presentOne(call, entry), warnings };
  });
}

export async function deleteMany(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace } = call;
  if (kind === NAMESPACES || (kind.isNamespaced && namespace === undefined))
    throw methodNotAllowed();
  const { warnings, ...options } = await deleteOptionsOf(call);
  const matches = selectorOf(selectedKind(kind), selectorsOf(call));
  const of = storedKind(kind);
  const entries = await cluster.run(({ world: { store } }) =>
    store.list(of, namespace).filter(({ object }) => matches?.(object) !== false),
  );
  const deleted: Entry[] = [];
  for (let at = 0; at < entries.length; at += DELETED_AT_ONCE) {
    const some = entries.slice(at, at + DELETED_AT_ONCE);
    await cluster.run(({ world }) => {
      for (const { namespace: home, name } of some) {
        const entry = world.store.get(of, home, name);
        if (entry !== undefined) deleted.push(deleteEntry(world, entry, options).entry);
      }
    });
  }
  const { revision } = cluster.plane;
  return { code: 200, text: presentList(call, kind, { entries: deleted, revision }), warnings };
}

/** Objects of a collection that are deleted before others have their turn. */
const DELETED_AT_ONCE = 50;
