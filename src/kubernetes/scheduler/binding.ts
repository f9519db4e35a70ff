/** Puts a pod on a node: what the scheduler, and a client that schedules by itself, does in the end. */
import type { Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts';
import type { Entry } from '../objects/entry.ts';
import { timeOf } from '../objects/object.ts';
import type { World } from '../world.ts';

/** Source: registry/core/pod/storage/storage.go setPodHostAndAnnotations. */
export function bind(world: World, entry: Entry, nodeName: string): Entry {
  const pod = entry.object as Pod;
  const scheduled: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null as unknown as string,
    lastTransitionTime: timeOf(world.now),
  };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const next: Pod = {
    ...pod,
    spec: { ...pod.spec, containers: pod.spec?.containers ?? [], nodeName },
    status: { ...pod.status, conditions: [...others, scheduled] },
  };
  return world.store.put(entry.kind, next);
}
