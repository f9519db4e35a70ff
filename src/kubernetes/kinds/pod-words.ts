/** The cells of pods in Tables. Source: printers.go printPod (kubernetes-facts.md 6.6). */
import type { ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { instantOf, isBeingDeleted } from '../objects/object.ts';
import { shortDuration } from '../tables/columns.ts';
import type { CellContext } from './kind.ts';

export function readyText({ spec, status }: Pod): string {
  const ready = (status?.containerStatuses ?? []).filter((one) => one.ready && one.state?.running);
  return `${ready.length}/${spec?.containers.length ?? 0}`;
}

const reasonOf = ({ waiting, terminated }: ContainerState): string | undefined => {
  if ((waiting?.reason ?? '') !== '') return waiting?.reason;
  if (terminated === undefined) return undefined;
  if ((terminated.reason ?? '') !== '') return terminated.reason;
  return terminated.signal === undefined || terminated.signal === 0
    ? `ExitCode:${terminated.exitCode}`
    : `Signal:${terminated.signal}`;
};

/** The word in the column STATUS. */
export function statusText(pod: Pod): string {
  if (isBeingDeleted(pod)) return pod.status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const { status } = pod;
  const initializing = initText(pod);
  const conditions = status?.conditions ?? [];
  if (initializing !== undefined) return initializing;
  let word = status?.reason ?? status?.phase ?? '';
  if (
    conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  ) {
    word = 'SchedulingGated';
  }
  let isRunning = false;
  for (const one of [...(status?.containerStatuses ?? [])].reverse()) {
    word = reasonOf(one.state ?? {}) ?? word;
    if (one.ready && one.state?.running !== undefined) isRunning = true;
  }
  if (word === 'Completed' && isRunning) {
    const isReady = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    word = isReady ? 'Running' : 'NotReady';
  }
  return word;
}

/** The word while init containers run; undefined afterwards. */
function initText({ spec, status }: Pod): string | undefined {
  const statuses = status?.initContainerStatuses ?? [];
  const total = spec?.initContainers?.length ?? 0;
  for (const [index, one] of statuses.entries()) {
    const { terminated, waiting } = one.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (terminated !== undefined) return `Init:${reasonOf({ terminated }) ?? ''}`;
    const reason = waiting?.reason ?? '';
    return reason !== '' && reason !== 'PodInitializing'
      ? `Init:${reason}`
      : `Init:${index}/${total}`;
  }
  return undefined;
}

/** `3 (5m ago)`. */
export function restartsText({ status }: Pod, { now }: CellContext): string {
  const isInitializing = (status?.initContainerStatuses ?? []).some(
    ({ state }) => state?.terminated?.exitCode !== 0,
  );
  const counted: readonly ContainerStatus[] = isInitializing
    ? (status?.initContainerStatuses ?? [])
    : (status?.containerStatuses ?? []);
  const count = counted.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const ends = counted
    .map(({ lastState }) => instantOf(lastState?.terminated?.finishedAt))
    .filter((at) => at !== undefined);
  return count === 0 || ends.length === 0
    ? String(count)
    : `${count} (${shortDuration(now - Math.max(...ends))} ago)`;
}
