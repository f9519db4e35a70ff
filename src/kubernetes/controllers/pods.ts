/** What controllers ask about pods. Source: pkg/api/v1/pod; controller/controller_utils.go. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, plus, seconds } from '#shared/instant.ts';
import type { ChangeEvent } from '../objects/entry.ts';
import { deepEqual } from '../objects/equal.ts';
import { instantOf, isBeingDeleted, labelsOf, metaOf } from '../objects/object.ts';

export const hasEnded = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Neither ended nor being deleted. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && !isBeingDeleted(pod);

const readyCondition = ({ status }: Pod) =>
  status?.conditions?.find(({ type }) => type === 'Ready');

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** When the pod is available: ready for so many seconds; undefined while it is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): Instant | undefined {
  if (!isReady(pod)) return undefined;
  const since = instantOf(readyCondition(pod)?.lastTransitionTime);
  return since === undefined ? undefined : plus(since, seconds(minReadySeconds));
}

/** Whether a pod has come, gone, ended, become ready or unready, or has other labels: what everybody looks at who counts or addresses pods. */
export function hasChangedState({ entry, previous, type }: ChangeEvent): boolean {
  if (type !== 'MODIFIED' || previous === undefined) return true;
  const [now, before] = [entry.object as Pod, previous.object as Pod];
  return (
    isReady(now) !== isReady(before) ||
    isBeingDeleted(now) !== isBeingDeleted(before) ||
    hasEnded(now) !== hasEnded(before) ||
    !deepEqual(labelsOf(now), labelsOf(before))
  );
}

/**
 * Whether a controller that keeps a number of pods can see the change of one: in what it selects, owns and counts. Most changes of a pod
 * are of its containers on their way to run.
 */
export function isSeenByOwner(event: ChangeEvent): boolean {
  if (hasChangedState(event)) return true;
  const [now, before] = [event.entry.object as Pod, event.previous?.object as Pod];
  return (
    readyCondition(now)?.lastTransitionTime !== readyCondition(before)?.lastTransitionTime ||
    !deepEqual(metaOf(now).ownerReferences, metaOf(before).ownerReferences)
  );
}
