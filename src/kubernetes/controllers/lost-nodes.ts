/**
 * Pods on nodes that are lost: not ready at once, deleted when they tolerate it no longer, and gone with the node.
 * Sources: controller/nodelifecycle, controller/tainteviction, controller/podgc (kubernetes-facts.md 4.8).
 */
import type { Node, Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, plus, seconds } from '#shared/instant.ts';
import { deleteEntry } from '../api/delete.ts';
import { putStatus } from '../objects/put-status.ts';
import { NODES } from '../kinds/nodes.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { instantOf, isBeingDeleted, timeOf } from '../objects/object.ts';
import { tolerates } from '../scheduler/filters.ts';
import { minorVersion, type World } from '../world.ts';
import type { Again, Controller } from './controller.ts';
import { recordEvent, referenceTo } from './events.ts';
import { hasEnded, isReady } from './pods.ts';

const FIRST_NEW_NAME = 30;

export const LOST_NODE_CONTROLLER: Controller = {
  name: 'lost-nodes',
  kinds: [NODES, PODS],
  keysOf: (_world, { entry, type }) => {
    if (entry.kind === NODES) return [entry.name];
    if (entry.kind !== PODS || type === 'DELETED') return [];
    const { nodeName = '' } = (entry.object as Pod).spec ?? {};
    return nodeName === '' ? [] : [nodeName];
  },
  reconcile: (world, name, again) => {
    const entry = world.store.get(NODES, '', name);
    if (entry === undefined) {
      // The node is gone for good, and its kubelet with it.
      for (const pod of [...world.store.podsOn(name)]) {
        deleteEntry(world, pod, { gracePeriodSeconds: 0 });
      }
      return;
    }
    const node = entry.object as Node;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const isEvicting = node.spec?.taints?.some(({ effect }) => effect === 'NoExecute') === true;
    // A kubelet that runs says itself what is ready.
    if (ready !== 'Unknown' && !isEvicting) return;
    const pods = [...world.store.podsOn(name)];
    if (ready === 'Unknown') for (const pod of pods) markUnready(world, pod);
    if (isEvicting) for (const pod of pods) evict(world, pod, { node, again });
  },
};

function markUnready(world: World, entry: Entry): void {
  const pod = entry.object as Pod;
  if (!isReady(pod)) return;
  const conditions = (pod.status?.conditions ?? []).map((condition) =>
    condition.type === 'Ready'
      ? { ...condition, status: 'False', lastTransitionTime: timeOf(world.now) }
      : condition,
  );
  putStatus(world, entry, { ...pod.status, conditions });
  recordEvent(world, {
    about: referenceTo(pod),
    source: { component: 'node-controller' },
    type: 'Warning',
    reason: 'NodeNotReady',
    message: 'Node is not ready',
  });
}

/** Deletes a pod whose toleration of a taint is over; asks to look again where it is not yet. */
function evict(
  world: World,
  entry: Entry,
  { node, again }: { readonly node: Node; readonly again: Again },
): void {
  const pod = entry.object as Pod;
  if (isBeingDeleted(pod) || hasEnded(pod)) return;
  const at = evictionAt(world, pod, node);
  if (at === undefined) return;
  if (at > world.now) {
    again.at(at);
    return;
  }
  const isNew = minorVersion(world) >= FIRST_NEW_NAME;
  recordEvent(world, {
    about: referenceTo(pod),
    source: { component: isNew ? 'taint-eviction-controller' : 'taint-controller' },
    reason: 'TaintManagerEviction',
    message: `Marking for deletion Pod ${entry.namespace}/${entry.name}`,
  });
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastProbeTime: null as unknown as string,
    lastTransitionTime: timeOf(world.now),
  };
  const marked = putStatus(world, entry, {
    ...pod.status,
    conditions: [...(pod.status?.conditions ?? []), condition],
  });
  deleteEntry(world, marked, {});
}

/** When the pod has to go; undefined: it may stay. */
function evictionAt(world: World, { spec }: Pod, node: Node): Instant | undefined {
  const tolerations = spec?.tolerations ?? [];
  let earliest: Instant | undefined;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect !== 'NoExecute') continue;
    const fitting = tolerations.filter((one) => tolerates([one], taint));
    const since = instantOf(taint.timeAdded) ?? world.now;
    const lengths = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (fitting.length > 0 && lengths.length === 0) continue;
    const at =
      fitting.length === 0 ? world.now : plus(since, seconds(Math.max(0, Math.min(...lengths))));
    if (earliest === undefined || at < earliest) earliest = at;
  }
  return earliest;
}
