/**
 * Jobs: the records that clients look up while and after something long runs. Called by the processes that have one
 * (updates, refreshes) and by `reset.ts`. Never decides how a work goes on.
 * Sources: [S] Job (databoxedge-contract §8, appliance.md §13).
 */
import { percentOf } from '#shared/stages.ts';
import { type ApplianceState, type JobRecord, named, withNamed } from './state.ts';

/** How many are kept: the newest, and those that the update summary names. [ours], so that a state doesn't grow for ever. */
const KEPT_JOBS = 200;

/** `state` with a job that starts now. */
export function startedJob(
  state: ApplianceState,
  job: Omit<JobRecord, 'startedAt' | 'end'>,
): ApplianceState {
  const { scanJob, downloadJob, installJob } = state.updates;
  const others = state.jobs.filter((other) => other.name !== job.name);
  const kept = others.filter(
    ({ name }, index) =>
      index > others.length - KEPT_JOBS || [scanJob, downloadJob, installJob].includes(name),
  );
  return { ...state, jobs: [...kept, { ...job, startedAt: state.at }] };
}

/** `state` with the job of that work ended now; as it is when the work has none. */
export function endedJob(
  state: ApplianceState,
  workId: string,
  status: 'Succeeded' | 'Canceled',
): ApplianceState {
  const job = state.jobs.find((other) => other.workId === workId && other.end === undefined);
  if (job === undefined) return state;
  const work = state.works.find((other) => other.id === workId);
  const percentComplete =
    status === 'Succeeded' || work === undefined ? 100 : percentOf(work.schedule, state.at);
  const end = { at: state.at, status, percentComplete };
  return { ...state, jobs: withNamed(state.jobs, { ...job, end }) };
}

/** The job of that name, while it is kept. */
export const jobOf = (state: ApplianceState, name: string | undefined): JobRecord | undefined =>
  name === undefined ? undefined : named(state.jobs, name);
