/**
 * Jobs: the records that clients can look up while something long runs and after it has ended. Processes start them
 * (updates, refreshes, support packages); `activities.ts` and `reset.ts` end them.
 * Sources: [S] Job (databoxedge-contract §8, appliance.md §13).
 */
import type { Failure } from '#shared/failure.ts';
import { type Change, unchanged } from './change.ts';
import { observedJobOf } from './observe-updates.ts';
import { progressOf } from './progress.ts';
import {
  type Activity,
  type ApplianceState,
  type JobRecord,
  withNamed,
  withoutNamed,
} from './state.ts';

/**
 * `state` with only the jobs that belong in it: running ones, and the newest of each update command, which the update
 * summary shows.
 */
export function withKeptJobs(state: ApplianceState): ApplianceState {
  const { scanJob, downloadJob, installJob } = state.updates;
  const newest = [scanJob, downloadJob, installJob];
  const jobs = state.jobs.filter(({ name, end }) => end === undefined || newest.includes(name));
  return { ...state, jobs };
}

/** `state` with a new job that starts at `state.at`. */
export function withStartedJob(
  state: ApplianceState,
  job: Omit<JobRecord, 'startedAt' | 'end'>,
): ApplianceState {
  const started = { ...job, startedAt: state.at };
  return withKeptJobs({ ...state, jobs: [...withoutNamed(state.jobs, job.name), started] });
}

/** What did not succeed is never seen whole, even if it failed at its very end [ours]. */
const MOST_OF_FAILED = 99;

/** Ends the job of `activity` at `state.at`, as failed where there is a failure; changes nothing when the activity has no job. */
export function endJob(
  state: ApplianceState,
  activity: Activity,
  how: 'Succeeded' | 'Canceled' | Failure,
): Change {
  const job = state.jobs.find(
    ({ activityId, end }) => activityId === activity.id && end === undefined,
  );
  if (job === undefined) return unchanged(state);
  const status = typeof how === 'string' ? how : 'Failed';
  const percentComplete =
    status === 'Succeeded' ? 100 : Math.min(MOST_OF_FAILED, progressOf(state, activity));
  const error = typeof how === 'string' ? undefined : { code: how.code, message: how.message };
  const ended: JobRecord = {
    ...job,
    end: { at: state.at, status, percentComplete, ...(error === undefined ? {} : { error }) },
  };
  const after = withKeptJobs({ ...state, jobs: withNamed(state.jobs, ended) });
  return {
    ...unchanged(after),
    endedJobs: [{ name: job.name, job: observedJobOf(state, ended) }],
  };
}
