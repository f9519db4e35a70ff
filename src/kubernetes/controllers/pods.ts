/** What controllers ask about pods. Source: pkg/api/v1/pod; controller/controller_utils.go. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, plus, seconds } from '#shared/instant.ts';
import { instantOf, isBeingDeleted } from '../objects/object.ts';

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
