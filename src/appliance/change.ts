/**
 * Changes: what every move of a machine gives back, and how small changes are put together. Used by all files of this room.
 * What has ended is in the change and not in the state: the state of a busy machine stays small, and whoever stores states
 * (`fleet/`) stores ended tasks and jobs beside them.
 */
import { type Fact, fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ObservedJob } from './observation.ts';
import type { ApplianceState } from './state.ts';

/** How a command came out. */
export interface EndedTask {
  /** The request's id. */
  readonly id: string;
  readonly endedAt: Instant;
  /** Why it failed; absent when it succeeded. */
  readonly failure?: Failure;
}

/** A job as it is seen from its end on: nothing changes it any more. */
export interface EndedJob {
  readonly name: string;
  readonly job: ObservedJob;
}

/** A new state, and what happened on the way, in the order of time. All of it is plain JSON. */
export interface Change {
  readonly state: ApplianceState;
  readonly facts: readonly Fact[];
  readonly endedTasks: readonly EndedTask[];
  readonly endedJobs: readonly EndedJob[];
  /** True when the machine was wiped: it no longer knows the jobs that ended before, and `endedJobs` has only later ones. */
  readonly wipesJobs: boolean;
}

/** `state`, with nothing to report. */
export const unchanged = (state: ApplianceState): Change => ({
  state,
  facts: [],
  endedTasks: [],
  endedJobs: [],
  wipesJobs: false,
});

/** `state`, with one fact of this very moment. */
export const withFact = (state: ApplianceState, kind: string, data: JsonObject = {}): Change => ({
  ...unchanged(state),
  facts: [fact(state.at, kind, data)],
});

/** `change`, followed by the change that `next` makes of its state. */
export function andThen(change: Change, next: (state: ApplianceState) => Change): Change {
  const after = next(change.state);
  return {
    state: after.state,
    facts: [...change.facts, ...after.facts],
    endedTasks: [...change.endedTasks, ...after.endedTasks],
    endedJobs: after.wipesJobs ? after.endedJobs : [...change.endedJobs, ...after.endedJobs],
    wipesJobs: change.wipesJobs || after.wipesJobs,
  };
}
