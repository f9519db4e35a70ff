/**
 * Jobs: pods until enough of them have succeeded, or too many have failed.
 * Source: controller/job/job_controller.go syncJob, manageJob (kubernetes-facts.md 4.5).
 */
import type { Job, JobStatus } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { plus, seconds } from '#shared/instant.ts';
import { systemCaller } from '../api/caller.ts';
import { TRACKING_FINALIZER } from '../kinds/job-words.ts';
import { JOBS } from '../kinds/jobs.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { instantOf, isBeingDeleted, timeOf } from '../objects/object.ts';
import { putStatus } from '../objects/put-status.ts';
import type { StatusError } from '../status.ts';
import type { World } from '../world.ts';
import { adopt, controllerKeys } from './adoption.ts';
import type { Again, Controller } from './controller.ts';
import { recordEvent, referenceTo } from './events.ts';
import { releaseFinalizer } from './finalizers.ts';
import { nextTryAt, noteEnded } from './job-backoff.ts';
import { freeIndexes, indexOf, readIndexes, writeIndexes } from './job-indexes.ts';
import {
  holdAdopted,
  indexCount,
  isIndexed,
  isTracked,
  newlyEnded,
  podsOf,
  restartsOf,
  surplusOf,
  templateOf,
} from './job-pods.ts';
import {
  BACKOFF_LIMIT_EXCEEDED,
  COMPLETED,
  DEADLINE_EXCEEDED,
  endConditionOf,
  endConditions,
  type JobEnd,
  suspendedConditions,
} from './job-status.ts';
import { BURST, createPod, deletePod, type PodOwner } from './pod-control.ts';
import { isActive, isReady } from './pods.ts';

const caller = systemCaller('system:serviceaccount:kube-system:job-controller');
const source = { component: 'job-controller' };

export const JOB_CONTROLLER: Controller = {
  name: 'jobs',
  kinds: [JOBS, PODS],
  keysOf: (world, event) => {
    const { entry, type } = event;
    if (entry.kind === JOBS) {
      return type === 'DELETED' ? [] : [entry.key];
    }
    return controllerKeys(world, event, JOBS);
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(JOBS, namespace, name);
    if (entry !== undefined && endConditionOf(entry.object as Job) === undefined) {
      sync(world, entry, again);
    }
  },
};

const ownerOf = (object: Job): PodOwner => ({ object, kind: JOBS, caller, source });
const isSuspended = ({ spec }: Job): boolean => spec?.suspend === true;

/** What a pass knows of a Job: its pods, and the counts that its status gets. */
interface Pass {
  readonly job: Job;
  readonly again: Again;
  readonly active: readonly Entry[];
  readonly succeeded: number;
  readonly failed: number;
  /** Of a Job that numbers its completions: those that there are. */
  readonly indexes: ReadonlySet<number>;
  readonly startTime: string | undefined;
}

function sync(world: World, entry: Entry, again: Again): void {
  const job = entry.object as Job;
  if (!isBeingDeleted(job)) {
    adopt(world, {
      ...{ controller: job, controllerKind: JOBS, kind: PODS },
      selector: job.spec?.selector,
      takes: (pod) => isActive(pod as Pod),
    });
    holdAdopted(world, job);
  }
  const pods = podsOf(world, job);
  const ended = newlyEnded(pods);
  noteEnded(world, entry, ended);
  const active = pods.filter(({ object }) => isActive(object as Pod));
  const indexes = indexesOf(job, ended.succeeded);
  const before = job.status?.succeeded ?? 0;
  const pass: Pass = {
    job,
    again,
    active,
    indexes,
    succeeded: isIndexed(job) ? indexes.size : before + ended.succeeded.length,
    failed: (job.status?.failed ?? 0) + countable(job, ended.failed).length,
    startTime: startTimeOf(world, job),
  };
  const failure = failureOf(world, pass, pods);
  const refusal = failure === undefined ? manage(world, entry, pass) : undefined;
  if (failure !== undefined) giveUp(world, pass);
  for (const pod of [...ended.succeeded, ...ended.failed]) {
    releaseFinalizer(world, pod, TRACKING_FINALIZER);
  }
  finish(world, entry, { pass, failure });
  if (refusal !== undefined) throw refusal;
}

/** When the Job began: with its first pass, or with its return from suspension. */
function startTimeOf(world: World, job: Job): string | undefined {
  if (isSuspended(job)) return job.status?.startTime;
  const isResumed = suspendedConditions(world, job.status ?? {}, false) !== undefined;
  return (isResumed ? undefined : job.status?.startTime) ?? timeOf(world.now);
}

/** The indexes that are completed, with those of pods that have just succeeded. */
function indexesOf(job: Job, succeeded: readonly Entry[]): Set<number> {
  const end = indexCount(job);
  const indexes = readIndexes(job.status?.completedIndexes, end);
  if (!isIndexed(job)) return indexes;
  for (const { object } of succeeded) {
    const index = indexOf(object as Pod, end);
    if (index !== undefined) indexes.add(index);
  }
  return indexes;
}

/** The pods that count as failed: of a Job that numbers them those that have an index of it. */
const countable = (job: Job, pods: readonly Entry[]): readonly Entry[] =>
  isIndexed(job)
    ? pods.filter(({ object }) => indexOf(object as Pod, indexCount(job)) !== undefined)
    : pods;

/** Why the Job has failed; undefined while it has not. */
function failureOf(
  world: World,
  { job, failed, startTime, again }: Pass,
  pods: readonly Entry[],
): JobEnd | undefined {
  const { backoffLimit = 0, activeDeadlineSeconds, template } = job.spec ?? {};
  const restarts = template?.spec?.restartPolicy === 'OnFailure' ? restartsOf(pods) : 0;
  if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit)) {
    return BACKOFF_LIMIT_EXCEEDED;
  }
  const start = instantOf(startTime);
  if (activeDeadlineSeconds === undefined || start === undefined || isSuspended(job)) {
    return undefined;
  }
  const deadline = plus(start, seconds(activeDeadlineSeconds));
  if (deadline <= world.now) return DEADLINE_EXCEEDED;
  again.at(deadline);
  return undefined;
}

/** Deletes the pods of a Job that has failed; they count as failed as soon as they are being deleted. */
function giveUp(world: World, { job, active }: Pass): void {
  for (const pod of active.slice(0, BURST)) deletePod(world, ownerOf(job), pod);
}

/** Makes pods or deletes them until as many are active as shall be; gives the refusal of one, if there is one. */
function manage(world: World, entry: Entry, pass: Pass): StatusError | undefined {
  const { job, active } = pass;
  if (isBeingDeleted(job)) return undefined;
  if (isSuspended(job)) {
    for (const pod of active.slice(0, BURST)) dismiss(world, job, pod);
    return undefined;
  }
  const wanted = wantedOf(pass);
  const surplus = surplusOf(job, active, Math.max(0, active.length - wanted));
  if (surplus.length > 0) {
    for (const pod of surplus.slice(0, BURST)) dismiss(world, job, pod);
    return undefined;
  }
  const missing = Math.min(wanted - active.length, BURST);
  if (missing <= 0) return undefined;
  const current = world.store.get(JOBS, entry.namespace, entry.name) ?? entry;
  const at = nextTryAt(world, current);
  if (at !== undefined) {
    pass.again.at(at);
    return undefined;
  }
  return createPods(world, pass, missing);
}

/** How many pods shall be active now. */
function wantedOf({ job, active, succeeded }: Pass): number {
  const { parallelism = 1, completions } = job.spec ?? {};
  // A Job without a count is done with the first success: it waits for those that run.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.min(parallelism, Math.max(0, completions - succeeded));
}

/** Deletes a pod that is too many: it is not counted. */
function dismiss(world: World, job: Job, pod: Entry): void {
  const left = releaseFinalizer(world, pod, TRACKING_FINALIZER);
  if (left !== undefined) deletePod(world, ownerOf(job), left);
}

function createPods(
  world: World,
  { job, active, indexes }: Pass,
  count: number,
): StatusError | undefined {
  const end = indexCount(job);
  const running = active.flatMap(({ object }) => indexOf(object as Pod, end) ?? []);
  const next: readonly (number | undefined)[] = isIndexed(job)
    ? freeIndexes(new Set([...indexes, ...running]), { count, end })
    : Array.from({ length: count }, () => undefined);
  for (const index of next) {
    const failure = createPod(world, ownerOf(job), templateOf(world, job, index));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Writes the status, and tells of what has changed in it: that the Job waits, goes on, or has ended. */
function finish(
  world: World,
  { namespace, name }: Entry,
  { pass, failure }: { readonly pass: Pass; readonly failure: JobEnd | undefined },
): void {
  const entry = world.store.get(JOBS, namespace, name);
  if (entry === undefined) return;
  const { job, succeeded, failed, indexes, startTime } = pass;
  const pods = podsOf(world, job).map(({ object }) => object as Pod);
  const active = pods.filter(isActive);
  const isOver = active.length === 0 && !pods.some(isTracked);
  const end = isOver ? (failure ?? successOf(pass)) : undefined;
  const { active: _active, ...before } = job.status ?? {};
  const suspension =
    failure === undefined && end === undefined && !isBeingDeleted(job)
      ? suspendedConditions(world, before, isSuspended(job))
      : undefined;
  const conditions = [
    ...(suspension ?? before.conditions ?? []),
    ...(end === undefined ? [] : endConditions(world, end)),
  ];
  const status: JobStatus = {
    ...before,
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(end?.hasFailed === false ? { completionTime: timeOf(world.now) } : {}),
    ...counts({ active: active.length, succeeded, failed }),
    ...(isIndexed(job) && indexes.size > 0 ? { completedIndexes: writeIndexes(indexes) } : {}),
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
  };
  putStatus(world, entry, status);
  if (suspension !== undefined) tellSuspension(world, job);
  if (end !== undefined) tellEnd(world, pass, end);
}

/** Counters as a status has them: a zero is left out. */
const counts = (given: Pick<JobStatus, 'active' | 'succeeded' | 'failed'>): Partial<JobStatus> =>
  Object.fromEntries(Object.entries(given).filter(([, count]) => count > 0));

/** The good end of a Job none of whose pods is active; undefined where more have to succeed. */
function successOf({ job, succeeded }: Pass): JobEnd | undefined {
  const { completions } = job.spec ?? {};
  const isEnough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  return isEnough ? COMPLETED : undefined;
}

function tellSuspension(world: World, job: Job): void {
  const [reason, message] = isSuspended(job)
    ? ['Suspended', 'Job suspended']
    : ['Resumed', 'Job resumed'];
  recordEvent(world, { about: referenceTo(job), source, reason, message });
}

function tellEnd(world: World, { job, succeeded }: Pass, end: JobEnd): void {
  const about = referenceTo(job);
  const { reason, message } = end;
  if (end.hasFailed) {
    recordEvent(world, { about, source, type: 'Warning', reason, message });
    return;
  }
  if (succeeded > (job.spec?.completions ?? succeeded)) {
    recordEvent(world, {
      ...{ about, source, type: 'Warning', reason: 'TooManySucceededPods' },
      message: 'Too many succeeded pods running after completion count reached',
    });
  }
  recordEvent(world, { about, source, reason: 'Completed', message: 'Job completed' });
}
