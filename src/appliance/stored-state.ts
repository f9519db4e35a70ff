/**
 * The stored form of a machine's state: JSON with a format number. Called by `fleet/` through `appliance.ts`. Reads every
 * format that a release has written, and refuses what it can't read: a broken machine must not pass for a new one.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { EndedJob, EndedTask } from './change.ts';
import { emptyState } from './initial-state.ts';
import { withKeptJobs } from './jobs.ts';
import { observedJobOf } from './observe-updates.ts';
import type { ApplianceState } from './state.ts';
import { checkedState, UnreadableStateError } from './state-check.ts';

/** What `writeState` writes. Format 1 carries no number. */
const FORMAT = 2;

/** What was stored of a machine. */
export interface StoredMachine {
  readonly state: ApplianceState;
  /**
   * What format 1 kept inside the state, the oldest first; empty for later formats. The caller stores them where it keeps the
   * ended tasks and jobs of every `Change`, since the state is written without them.
   */
  readonly endedTasks: readonly EndedTask[];
  readonly endedJobs: readonly EndedJob[];
}

/** `state` as it is stored. */
export const writeState = (state: ApplianceState): string =>
  JSON.stringify({ format: FORMAT, ...state });

/** What `stored` says, which is text or parsed JSON. Throws `UnreadableStateError` where that is not a machine's state. */
export function readState(stored: unknown): StoredMachine {
  const json = typeof stored === 'string' ? parsed(stored) : stored;
  if (!isJsonObject(json)) throw new UnreadableStateError('it is not a JSON object');
  const { format, ...rest } = json;
  if (format === undefined) return readFormat1(rest);
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

/** The objects in the list `json[member]`. */
function objectsIn(json: JsonObject, member: string): readonly JsonObject[] {
  const list: Json | undefined = json[member];
  if (Array.isArray(list) && list.every(isJsonObject)) return list;
  throw new UnreadableStateError(`${member} is not a list of objects`);
}

/**
 * Format 1 has ended tasks and all jobs in the state, and other names for `spec.createdAt`, `activities` and the `activityId` of
 * jobs. The first release wrote it without what came later: credentials, storage accounts, triggers, roles, monitoring, support,
 * and the needs of shares.
 */
function readFormat1(json: JsonObject): StoredMachine {
  const { works, spec, ...rest } = json;
  delete rest.endedTasks;
  const { bornAt, ...hardware } = isJsonObject(spec) ? spec : {};
  const { credentials, storageAccounts, triggers, roles, monitoredRoles, support } = emptyState();
  // A member that is missing is found by the check, under its present name.
  const upgraded: Record<string, unknown> = {
    ...{ credentials, storageAccounts, triggers, roles, monitoredRoles, support },
    ...rest,
    spec: { ...hardware, createdAt: bornAt },
    activities: works,
    shares: objectsIn(json, 'shares').map((share) => ({ needs: [], ...share })),
    jobs: objectsIn(json, 'jobs').map(({ workId, ...job }) => ({ ...job, activityId: workId })),
  };
  const state = checkedState(upgraded as JsonObject);
  return {
    state: withKeptJobs(state),
    endedTasks: objectsIn(json, 'endedTasks') as unknown as readonly EndedTask[],
    endedJobs: state.jobs
      .filter((job) => job.end !== undefined)
      .map((job) => ({ name: job.name, job: observedJobOf(state, job) })),
  };
}
