/**
 * The stored form of a machine's state: JSON with a format number. It reads every format that a release has written and
 * refuses everything else, so that a damaged machine never passes for a new one.
 */
import { readFailure } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { endedStages } from '#shared/stages.ts';
import type { EndedJob, EndedTask } from './change.ts';
import { connectivityOf } from './heartbeat.ts';
import { emptyState } from './initial-state.ts';
import { withKeptJobs } from './jobs.ts';
import { observedJobOf } from './observe-updates.ts';
import { workTimeOf } from './progress.ts';
import type { ApplianceState } from './state.ts';
import { checkedState, UnreadableStateError } from './state-check.ts';

/** The format that `writeState` writes. Format 1 has no number. */
const FORMAT = 5;

/** What is stored of a machine. */
export interface StoredMachine {
  readonly state: ApplianceState;
  /**
   * The ended tasks and jobs that format 1 holds inside the state, the oldest first; empty for later formats. `writeState`
   * doesn't write them, so the caller stores them beside the state, like those of a `Change`.
   */
  readonly endedTasks: readonly EndedTask[];
  readonly endedJobs: readonly EndedJob[];
}

/** The text under which `state` is stored. */
export const writeState = (state: ApplianceState): string =>
  JSON.stringify({ format: FORMAT, ...state });

/** Reads what is stored, as text or as parsed JSON. Throws `UnreadableStateError` when it isn't the state of a machine. */
export function readState(stored: unknown): StoredMachine {
  const json = typeof stored === 'string' ? parsed(stored) : stored;
  if (!isJsonObject(json)) throw new UnreadableStateError('it is not a JSON object');
  const { format, ...rest } = json;
  if (format === undefined) return readFormat1(rest);
  if (format === 2) return { state: fromFormat2(rest), endedTasks: [], endedJobs: [] };
  if (format === 3) return { state: fromFormat3(rest), endedTasks: [], endedJobs: [] };
  if (format === 4) return { state: fromFormat4(rest), endedTasks: [], endedJobs: [] };
  if (format === FORMAT) return { state: checkedState(rest), endedTasks: [], endedJobs: [] };
  throw new UnreadableStateError(
    `its format is ${JSON.stringify(format)}; this release reads formats 1 to ${FORMAT}`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UnreadableStateError('it is not JSON');
  }
}

/**
 * Format 4 knows of bandwidth schedules their names only. Its processes and those before changed nothing at the end of some stages that have
 * effects now: what has passed of them has passed.
 */
function fromFormat4({ bandwidthSchedules, ...json }: JsonObject): ApplianceState {
  if (!Array.isArray(bandwidthSchedules)) {
    throw new UnreadableStateError('bandwidthSchedules is not a list');
  }
  const named = bandwidthSchedules.map((name) => ({ name }));
  const state = checkedState({ ...json, bandwidthSchedules: named });
  const activities = state.activities.map((activity) => ({
    ...activity,
    played: Math.max(activity.played, endedStages(activity.schedule, workTimeOf(state, activity))),
  }));
  return { ...state, activities };
}

/** Format 3 knows no daily scans: they begin where it was stored. */
function fromFormat3(json: JsonObject): ApplianceState {
  const state = fromFormat4(json);
  return state.isActive ? { ...state, updates: { ...state.updates, scansFrom: state.at } } : state;
}

/**
 * Format 2 stores the status, which follows from what runs, and knows neither faults nor what of Arc's silence has been told.
 */
function fromFormat2({ status: _status, ...json }: JsonObject): ApplianceState {
  const { arc, ...state } = fromFormat3({ ...json, faults: [] });
  if (arc === undefined) return state;
  const connectivity = connectivityOf(arc, state.at);
  const told = connectivity === 'Offline' || connectivity === 'Expired' ? connectivity : undefined;
  return { ...state, arc: { ...arc, ...(told === undefined ? {} : { told }) } };
}

/** The list of objects `json[member]`. */
function objectsIn(json: JsonObject, member: string): readonly JsonObject[] {
  const list: Json | undefined = json[member];
  if (Array.isArray(list) && list.every(isJsonObject)) return list;
  throw new UnreadableStateError(`${member} is not a list of objects`);
}

/**
 * Reads format 1, which holds ended tasks and all jobs, and has other names for `spec.createdAt`, `activities` and the
 * `activityId` of jobs. The first release wrote it without credentials, storage accounts, triggers, roles, monitoring,
 * support and the needs of shares.
 */
function readFormat1(json: JsonObject): StoredMachine {
  const { works, spec, ...rest } = json;
  delete rest.endedTasks;
  const { bornAt, ...hardware } = isJsonObject(spec) ? spec : {};
  const { credentials, storageAccounts, triggers, roles, monitoredRoles, support } = emptyState();
  // A missing member is reported by the check under its present name.
  const upgraded: Record<string, unknown> = {
    ...{ credentials, storageAccounts, triggers, roles, monitoredRoles, support },
    ...rest,
    spec: { ...hardware, createdAt: bornAt },
    activities: works,
    shares: objectsIn(json, 'shares').map((share) => ({ needs: [], ...share })),
    jobs: objectsIn(json, 'jobs').map(({ workId, ...job }) => ({ ...job, activityId: workId })),
  };
  const state = fromFormat2(upgraded as JsonObject);
  return {
    state: withKeptJobs(state),
    endedTasks: objectsIn(json, 'endedTasks').map(withFailureKind),
    endedJobs: state.jobs
      .filter((job) => job.end !== undefined)
      .map((job) => ({ name: job.name, job: observedJobOf(state, job) })),
  };
}

/** An ended task of format 1, whose failure has no kind. */
function withFailureKind(task: JsonObject): EndedTask {
  const ended = task as unknown as EndedTask;
  return task.failure === undefined
    ? ended
    : { ...ended, failure: readFailure(JSON.stringify(task.failure)) };
}
