/** Phase and conditions of a pod, from the states of its containers. Sources: kubelet/status/generate.go, kubelet_pods.go (kubernetes-facts.md 6.4). */
import { flat } from '#shared/flat.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import { timeOf } from '../objects/object.ts';
import type { World } from '../world.ts';

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function phaseOf(pod: Pod, status: PodStatus): Phase {
  const { initContainerStatuses: inits = [], containerStatuses: apps = [] } = status;
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const hasFailedInit = inits.some(
    ({ state }) => state?.terminated !== undefined && state.terminated.exitCode !== 0,
  );
  if (hasFailedInit && policy === 'Never') return 'Failed';
  if (inits.some(({ state }) => state?.terminated?.exitCode !== 0)) return 'Pending';
  const hasRun = ({ state, lastState }: ContainerStatus): boolean =>
    state?.running !== undefined ||
    state?.terminated !== undefined ||
    lastState?.terminated !== undefined;
  if (apps.length === 0 || !apps.every(hasRun)) return 'Pending';
  const ended = apps.filter(({ state }) => state?.terminated !== undefined);
  if (ended.length < apps.length || policy === 'Always') return 'Running';
  const failed = ended.some(({ state }) => state?.terminated?.exitCode !== 0);
  if (!failed) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

/** The conditions in the order of the kubelet's; times of those that stay as they were are kept. */
export function podConditions(world: World, pod: Pod, status: PodStatus): PodCondition[] {
  const { phase, initContainerStatuses: inits = [], containerStatuses: apps = [] } = status;
  const unfinished = inits.filter(({ state }) => state?.terminated?.exitCode !== 0);
  const unready = apps.filter(({ ready }) => !ready);
  const names = (list: readonly ContainerStatus[]): string =>
    `[${list.map(({ name }) => name).join(' ')}]`;
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  const readiness = (type: string): Partial<PodCondition> & { type: string } => {
    if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
    if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
    if (unready.length === 0 && apps.length > 0) return { type, status: 'True' };
    const message = flat(`containers with unready status: ${names(unready)}`);
    return { type, status: 'False', reason: 'ContainersNotReady', message };
  };
  const drafts = [
    unfinished.length === 0 || hasEnded
      ? {
          type: 'Initialized',
          status: 'True',
          ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}),
        }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: ${names(unfinished)}`,
        },
    readiness('Ready'),
    readiness('ContainersReady'),
    { type: 'PodScheduled', status: 'True' },
  ];
  const before = pod.status?.conditions ?? [];
  const own = new Set(drafts.map(({ type }) => type));
  const foreign = before.filter(({ type }) => !own.has(type));
  return [
    ...foreign,
    ...drafts.map((draft) => {
      const earlier = before.find(({ type }) => type === draft.type);
      const isSame = earlier?.status === draft.status;
      return {
        ...draft,
        lastProbeTime: null as unknown as string,
        lastTransitionTime: (isSame ? earlier?.lastTransitionTime : undefined) ?? timeOf(world.now),
      } as PodCondition;
    }),
  ];
}
