/**
 * What a Job's status says: its conditions, and how it ended.
 * Source: controller/job/job_controller.go (kubernetes-facts.md 4.5).
 */
import type { Job, JobCondition, JobStatus } from 'kubernetes-types/batch/v1.d.ts';
import { timeOf } from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';

/** From this minor version on an end is announced by a condition of its own, and a good one has a reason. */
const FIRST_ANNOUNCED = 31;

/** Why a Job ends: by a reason for its failure, or well. */
export interface JobEnd {
  readonly reason: string;
  readonly message: string;
  readonly hasFailed: boolean;
}

export const COMPLETED: JobEnd = {
  hasFailed: false,
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};
export const BACKOFF_LIMIT_EXCEEDED: JobEnd = {
  hasFailed: true,
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
export const DEADLINE_EXCEEDED: JobEnd = {
  hasFailed: true,
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

/** The condition of a Job that has ended. */
export const endConditionOf = ({ status }: Job): JobCondition | undefined =>
  status?.conditions?.find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );

/** The conditions of a Job that ends now. */
export function endConditions(
  world: World,
  { reason, message, hasFailed }: JobEnd,
): JobCondition[] {
  const isAnnounced = minorVersion(world) >= FIRST_ANNOUNCED;
  const words = hasFailed || isAnnounced ? { reason, message } : {};
  const condition = (type: string): JobCondition => conditionOf(world, { type, ...words });
  return [
    ...(isAnnounced ? [condition(hasFailed ? 'FailureTarget' : 'SuccessCriteriaMet')] : []),
    condition(hasFailed ? 'Failed' : 'Complete'),
  ];
}

/** A condition that is true, unless it says otherwise, since now. */
function conditionOf(
  world: World,
  condition: Partial<JobCondition> & { readonly type: string },
): JobCondition {
  const now = timeOf(world.now);
  return { status: 'True', lastProbeTime: now, lastTransitionTime: now, ...condition };
}

/** How a Job's conditions say that it waits, or goes on; undefined where they say so already. */
export function suspendedConditions(
  world: World,
  { conditions = [] }: JobStatus,
  isSuspended: boolean,
): JobCondition[] | undefined {
  const before = conditions.find(({ type }) => type === 'Suspended');
  const status = isSuspended ? 'True' : 'False';
  const isKnown = before === undefined ? !isSuspended : before.status === status;
  if (isKnown) return undefined;
  const words = isSuspended
    ? { reason: 'JobSuspended', message: 'Job suspended' }
    : { reason: 'JobResumed', message: 'Job resumed' };
  const condition = conditionOf(world, { type: 'Suspended', status, ...words });
  return before === undefined
    ? [...conditions, condition]
    : conditions.map((one) => (one === before ? condition : one));
}
