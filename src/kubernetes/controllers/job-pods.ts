/**
 * The pods of a Job: which are its own, what has become of them, how the next is made, and which are given up first.
 * Source: controller/job/job_controller.go, indexed_job_utils.go, tracking_utils.go (kubernetes-facts.md 4.5).
 */
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Container, Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, later } from '#shared/instant.ts';
import { COMPLETION_INDEX, TRACKING_FINALIZER } from '../kinds/job-words.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { instantOf, metaOf, nameOf, uidOf, withMeta } from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';
import { indexOf } from './job-indexes.ts';
import { hasEnded, isActive, isReady } from './pods.ts';

/** From this minor version on the index of a pod is a label, too. */
const FIRST_INDEX_LABEL = 28;
/** A generated name is cut to so many characters, and five drawn ones (controller/job/indexed_job_utils.go). */
const MAX_NAME = 58;

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';

/** How many indexes a Job has that numbers its completions. */
export const indexCount = ({ spec }: Job): number => spec?.completions ?? 0;

/** Whether the Job has not yet counted the pod. */
export const isTracked = (pod: Pod): boolean =>
  metaOf(pod).finalizers?.includes(TRACKING_FINALIZER) === true;

/** The pods of a Job. */
export const podsOf = ({ store }: World, job: Job): readonly Entry[] =>
  store.dependentsOf(uidOf(job)).filter(({ kind }) => kind === PODS);

/** Holds the pods that the Job has taken over until it has counted them, like those that it made. */
export function holdAdopted(world: World, job: Job): void {
  for (const { object } of podsOf(world, job)) {
    if (isTracked(object as Pod) || !isActive(object as Pod)) continue;
    const finalizers = [...(metaOf(object).finalizers ?? []), TRACKING_FINALIZER];
    world.store.put(PODS, withMeta(object, { finalizers }));
  }
}

/** What has ended, or is being deleted, and is not counted yet: by how it ended. */
export interface Ended {
  readonly succeeded: readonly Entry[];
  readonly failed: readonly Entry[];
}

export function newlyEnded(pods: readonly Entry[]): Ended {
  const ended = pods.filter(({ object }) => isTracked(object as Pod) && !isActive(object as Pod));
  const isGood = ({ object }: Entry): boolean => (object as Pod).status?.phase === 'Succeeded';
  return { succeeded: ended.filter(isGood), failed: ended.filter((entry) => !isGood(entry)) };
}

/** When the containers of a pod had ended; `now` for one that is taken away before. */
export function endOf({ object }: Entry, now: Instant): Instant {
  const { containerStatuses = [] } = (object as Pod).status ?? {};
  if (!hasEnded(object as Pod)) return now;
  const ends = containerStatuses.flatMap(
    ({ state }) => instantOf(state?.terminated?.finishedAt) ?? [],
  );
  return ends.length === 0 ? now : ends.reduce(later);
}

/** How often containers were started again in pods that go on (pastBackoffLimitOnFailure). */
export function restartsOf(pods: readonly Entry[]): number {
  return pods
    .map(({ object }) => (object as Pod).status ?? {})
    .filter(({ phase }) => phase === 'Running' || phase === 'Pending')
    .flatMap(({ initContainerStatuses = [], containerStatuses = [] }) => [
      ...initContainerStatuses,
      ...containerStatuses,
    ])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** The template of the next pod, with the index that it gets, and what its name begins with. */
export function templateOf(
  world: World,
  job: Job,
  index: number | undefined,
): { readonly template: PodTemplateSpec; readonly generateName: string } {
  const base = job.spec?.template ?? {};
  const finalizers = [
    ...(base.metadata?.finalizers ?? []).filter((one) => one !== TRACKING_FINALIZER),
    TRACKING_FINALIZER,
  ];
  const template: PodTemplateSpec = { ...base, metadata: { ...base.metadata, finalizers } };
  if (index === undefined) return { template, generateName: `${nameOf(job)}-` };
  const isLabel = minorVersion(world) >= FIRST_INDEX_LABEL;
  const mark = { [COMPLETION_INDEX]: String(index) };
  const { metadata, spec } = template;
  const ending = `-${index}-`;
  return {
    generateName: nameOf(job).slice(0, MAX_NAME - ending.length) + ending,
    template: {
      metadata: {
        ...metadata,
        annotations: { ...metadata?.annotations, ...mark },
        ...(isLabel ? { labels: { ...metadata?.labels, ...mark } } : {}),
      },
      ...(spec === undefined
        ? {}
        : {
            spec: {
              ...spec,
              hostname: `${nameOf(job)}-${index}`,
              containers: spec.containers.map((one) => withIndex(one, isLabel)),
              ...(spec.initContainers === undefined
                ? {}
                : { initContainers: spec.initContainers.map((one) => withIndex(one, isLabel)) }),
            },
          }),
    },
  };
}

/** The container with the variable that tells it its index. */
function withIndex(container: Container, isLabel: boolean): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldPath = `metadata.${isLabel ? 'labels' : 'annotations'}['${COMPLETION_INDEX}']`;
  return {
    ...container,
    env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }],
  };
}

const PHASE_RANKS: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Pods in the order in which they are given up (controller_utils.go ActivePods): those that are least far, the youngest first. */
function leastFarFirst(pods: readonly Entry[]): Entry[] {
  const rank = ({ object }: Entry): number[] => {
    const pod = object as Pod;
    return [
      (pod.spec?.nodeName ?? '') === '' ? 0 : 1,
      PHASE_RANKS[pod.status?.phase ?? ''] ?? 2,
      isReady(pod) ? 1 : 0,
      0 - (instantOf(metaOf(pod).creationTimestamp) ?? 0),
    ];
  };
  return [...pods].sort((one, other) => {
    const [first, second] = [rank(one), rank(other)];
    const at = first.findIndex((value, place) => value !== second[place]);
    if (at !== -1) return (first[at] ?? 0) - (second[at] ?? 0);
    return one.name < other.name ? -1 : 1;
  });
}

/** The active pods that a Job has too many: those without an index, or with that of another one, and as many more as must go. */
export function surplusOf(job: Job, active: readonly Entry[], atLeast: number): Entry[] {
  const seen = new Set<number>();
  const useless: Entry[] = [];
  const useful: Entry[] = [];
  // Of several pods with one index the one that is furthest stays.
  for (const entry of leastFarFirst(active).reverse()) {
    const index = indexOf(entry.object as Pod, indexCount(job));
    if (isIndexed(job) && (index === undefined || seen.has(index))) useless.push(entry);
    else useful.push(entry);
    if (index !== undefined) seen.add(index);
  }
  const more = Math.max(0, atLeast - useless.length);
  return [...useless, ...leastFarFirst(useful).slice(0, more)];
}
