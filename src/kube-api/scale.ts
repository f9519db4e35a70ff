/** The scale of workloads: `kubectl scale`. Source: registry/apps/deployment/storage, apis/autoscaling/v1. */
import type { DeploymentSpec } from 'kubernetes-types/apps/v1.d.ts';
import type { Scale } from 'kubernetes-types/autoscaling/v1.d.ts';
import { replace } from '#kubernetes/api/update.ts';
import { selectorText } from '#kubernetes/kinds/workloads.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import { type AnyObject, memberOf, metaOf } from '#kubernetes/objects/object.ts';
import { invalid, invalidObject, notFound, stale } from '#kubernetes/status.ts';
import type { Answer } from './answers.ts';
import { bodyOf, decodeBody, mediaTypeOf } from './bodies.ts';
import { type KindCall, ownerOf, writeOptionsOf } from './call.ts';

export const SCALE = {
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  message: 'autoscaling.v1.Scale',
} as const;

/** The scale that a workload has. */
export function scaleOf({ object }: Entry): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metaOf(object);
  const spec = memberOf(object, 'spec') as unknown as DeploymentSpec;
  const { replicas = 0 } = memberOf(object, 'status') as { replicas?: number };
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: metadata as NonNullable<Scale['metadata']>,
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas, selector: selectorText(spec.selector) },
  };
}

export async function getScale(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name } = call;
  return await cluster.run(({ world }) => {
    const entry = world.store.get(kind, namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    return { code: 200, text: JSON.stringify(scaleOf(entry)) };
  });
}

export async function replaceScale(call: KindCall): Promise<Answer> {
  const { cluster, kind, namespace = '', name, request } = call;
  const { validation } = writeOptionsOf(call, 'UpdateOptions');
  const bytes = await bodyOf(request);
  const { object } = decodeBody(bytes, mediaTypeOf(request), { expected: SCALE, validation });
  return await cluster.run(({ world }) => {
    const entry = world.store.get(kind, namespace, name);
    if (entry === undefined) throw notFound(kind, name);
    return { code: 200, text: JSON.stringify(scaleOf(scaled(call, entry, object as Scale))) };
  });
}

/** Changes the replicas of a workload to those of a scale. */
export function scaled(call: KindCall, entry: Entry, scale: Scale): Entry {
  const { kind, cluster, caller } = call;
  const { isDryRun } = writeOptionsOf(call, 'UpdateOptions');
  const { replicas = 0 } = scale.spec ?? {};
  const asked = scale.metadata?.resourceVersion ?? '';
  if (asked !== '' && asked !== metaOf(entry.object).resourceVersion) {
    throw stale(kind, entry.name);
  }
  if (replicas < 0) {
    throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, entry.name, [
      invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const spec = { ...memberOf(entry.object, 'spec'), replicas };
  const object: AnyObject = { ...entry.object, spec };
  const owner = { ...ownerOf(call), subresource: 'scale' };
  return replace(cluster.plane.world, entry, { object, caller, isDryRun, owner });
}
