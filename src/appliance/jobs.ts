/**
 * Jobs: the records that clients look up while and after something long runs. Started by the processes that have one (updates,
 * refreshes, support packages); ended by `activities.ts` and `reset.ts`. Never decides how an activity goes on.
 * Sources: [S] Job (databoxedge-contract §8, appliance.md §13).
 */
import { percentOf } from '#shared/stages.ts';
import { type Change, unchanged } from './change.ts';
import { observedJobOf } from './observe-updates.ts';
import {
  type Activity,
  type ApplianceState,
  type JobRecord,
  withNamed,
  withoutNamed,
} from './state.ts';

/** `state` with the jobs that belong into it: those that run, and the newest of each update job, for the update summary. */
export function withKeptJobs(state: ApplianceState): ApplianceState {
  const { scanJob, downloadJob, installJob } = state.updates;
  const newest = [scanJob, downloadJob, installJob];
  const jobs = state.jobs.filter(({ name, end }) => end === undefined || newest.includes(name));
  return { ...state, jobs };
}

/** `state` with a job that starts now. */
export function withStartedJob(
  state: ApplianceState,
  job: Omit<JobRecord, 'startedAt' | 'end'>,
): ApplianceState {
  const started = { ...job, startedAt: state.at };
  return withKeptJobs({ ...state, jobs: [...withoutNamed(state.jobs, job.name), started] });
}

/** The job of `activity` ends now; nothing changes when it has none. */
export function endJob(
  state: ApplianceState,
  activity: Activity,
  status: 'Succeeded' | 'Canceled',
): Change {
  const job = state.jobs.find(
    ({ activityId, end }) => activityId === activity.id && end === undefined,
  );
  if (job === undefined) return unchanged(state);
  const percentComplete = status === 'Succeeded' ? 100 : percentOf(activity.schedule, state.at);
  const ended: JobRecord = { ...job, end: { at: state.at, status, percentComplete } };
  const after = withKeptJobs({ ...state, jobs: withNamed(state.jobs, ended) });
  return {
    ...unchanged(after),
    endedJobs: [{ name: job.name, job: observedJobOf(state, ended) }],
  };
}
