/** What can be asked of single pods: binding, eviction, logs. Sources: registry/core/pod/storage (kubernetes-facts.md 2.4, 2.7). */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { deleteNamed } from '#kubernetes/api/delete.ts';
import { logOf } from '#kubernetes/kubelet/logs.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { NODES } from '#kubernetes/kinds/nodes.ts';
import type { AnyObject } from '#kubernetes/objects/object.ts';
import { bind } from '#kubernetes/scheduler/binding.ts';
import { conflict, notFound } from '#kubernetes/status.ts';
import type { World } from '#kubernetes/world.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import type { Answer } from './answers.ts';
import { bodyOf, decodeBody, mediaTypeOf } from './bodies.ts';
import type { KindCall } from './call.ts';

const CREATED: Answer = {
  code: 201,
  text: JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  }),
};

async function readBody(
  { request }: KindCall,
  expected: Parameters<typeof decodeBody>[2]['expected'],
): Promise<AnyObject> {
  const bytes = await bodyOf(request);
  return decodeBody(bytes, mediaTypeOf(request), { expected, validation: 'Warn' }).object;
}

function podOf({ store }: World, { namespace = '', name }: KindCall): Entry {
  const entry = store.get(PODS, namespace, name);
  if (entry === undefined) throw notFound(PODS, name);
  return entry;
}

/** Puts a pod on a node, as a scheduler of the client's own does. */
export async function bindPod(call: KindCall): Promise<Answer> {
  const body = await readBody(call, {
    apiVersion: 'v1',
    kind: 'Binding',
    message: 'core.v1.Binding',
  });
  const { target } = body as { target?: { name?: string } };
  const node = target?.name ?? '';
  return await call.cluster.run(({ world }) => {
    const entry = podOf(world, call);
    const { spec } = entry.object as Pod;
    if ((spec?.nodeName ?? '') !== '') {
      throw conflict(
        { group: '', resource: 'pods/binding' },
        entry.name,
        `pod ${entry.name} is already assigned to node "${spec?.nodeName ?? ''}"`,
      );
    }
    if (world.store.get(NODES, '', node) === undefined) throw notFound(NODES, node);
    bind(world, entry, node);
    return CREATED;
  });
}

/** Deletes a pod by the way on which disruption budgets are asked; the cluster serves none. */
export async function evictPod(call: KindCall): Promise<Answer> {
  const body = await readBody(call, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    message: 'policy.v1.Eviction',
  });
  const { deleteOptions } = body as { deleteOptions?: { gracePeriodSeconds?: number } };
  return await call.cluster.run(({ world }) => {
    const { kind, namespace = '', name } = call;
    deleteNamed(world, { kind, namespace, name }, deleteOptions ?? {});
    return CREATED;
  });
}

/** The log of a container, as plain text. */
export async function podLog(call: KindCall): Promise<Answer> {
  const { query } = call;
  const number = (name: string): number | undefined => {
    const value = query.get(name);
    return value === null || value === '' ? undefined : Number(value);
  };
  return await call.cluster.run(({ world }) => ({
    code: 200,
    type: 'text/plain',
    text: logOf(world, podOf(world, call), {
      container: query.get('container') ?? '',
      isPrevious: query.get('previous') === 'true',
      hasTimes: query.get('timestamps') === 'true',
      tailLines: number('tailLines'),
      sinceSeconds: number('sinceSeconds'),
      limitBytes: number('limitBytes'),
    }),
  }));
}
