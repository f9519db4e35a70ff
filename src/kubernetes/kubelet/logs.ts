/**
 * Logs of containers: lines that follow from the pod and its times, the same at every look.
 * Sources: registry/core/pod/rest/log.go, kubelet logs (kubernetes-facts.md 2.7). The lines themselves are [ours].
 */
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, plus, seconds } from '#shared/instant.ts';
import type { Entry } from '../objects/entry.ts';
import { instantOf, microTimeOf, nameOf } from '../objects/object.ts';
import { badRequest } from '../status.ts';
import type { World } from '../world.ts';
import { logLinesOf } from './images.ts';

export interface LogOptions {
  /** Empty: the only container. */
  readonly container: string;
  readonly isPrevious: boolean;
  readonly hasTimes: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly limitBytes: number | undefined;
}

interface Line {
  readonly at: Instant;
  readonly text: string;
}

/** The log as text; throws a 400 for a container that is not there or has not started. */
export function logOf(world: World, entry: Entry, options: LogOptions): string {
  const pod = entry.object as Pod;
  const name = containerOf(pod, options.container);
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ];
  const status = statuses.find((one) => one.name === name);
  const lines = linesOf(world, pod, { name, status, isPrevious: options.isPrevious });
  const since =
    options.sinceSeconds === undefined
      ? undefined
      : plus(world.now, seconds(-options.sinceSeconds));
  const recent = lines.filter(({ at }) => since === undefined || at >= since);
  const last =
    options.tailLines === undefined
      ? recent
      : recent.slice(Math.max(0, recent.length - options.tailLines));
  const text = last
    .map(({ at, text: line }) => `${options.hasTimes ? `${microTimeOf(at)} ` : ''}${line}\n`)
    .join('');
  return options.limitBytes === undefined ? text : text.slice(0, options.limitBytes);
}

function containerOf(pod: Pod, asked: string): string {
  const inits = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const apps = (pod.spec?.containers ?? []).map(({ name }) => name);
  const all = [...inits, ...apps];
  if (asked === '') {
    const [only] = apps;
    if (all.length === 1 && only !== undefined) return only;
    throw badRequest(
      `a container name must be specified for pod ${nameOf(pod)}, choose one of: [${all.join(' ')}]`,
    );
  }
  if (all.includes(asked)) return asked;
  throw badRequest(`container ${asked} is not valid for pod ${nameOf(pod)}`);
}

function linesOf(
  world: World,
  pod: Pod,
  of: {
    readonly name: string;
    readonly status: ContainerStatus | undefined;
    readonly isPrevious: boolean;
  },
): readonly Line[] {
  const { name, status, isPrevious } = of;
  const state = isPrevious ? status?.lastState : status?.state;
  const { running, terminated, waiting } = state ?? {};
  const startedAt = instantOf(running?.startedAt ?? terminated?.startedAt);
  if (startedAt === undefined) {
    if (isPrevious) {
      throw badRequest(`previous terminated container "${name}" in pod "${nameOf(pod)}" not found`);
    }
    throw badRequest(
      `container "${name}" in pod "${nameOf(pod)}" is waiting to start: ${waiting?.reason ?? 'ContainerCreating'}`,
    );
  }
  const container = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
    (one) => one.name === name,
  );
  const end = instantOf(terminated?.finishedAt) ?? world.now;
  return logLinesOf(container?.image ?? '', { startedAt, end });
}
