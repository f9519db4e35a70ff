/**
 * Changes: the result of every step of a machine, and how steps are combined. What has ended is part of the change and not
 * of the state, so that the state of a busy machine stays small. The caller who stores states (`fleet/`) stores ended tasks
 * and jobs beside them.
 */
import { type Fact, fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ObservedJob } from './observation.ts';
import type { ApplianceState } from './state.ts';

/** The outcome of a command. */
export interface EndedTask {
  /** The id of the request. */
  readonly id: string;
  readonly endedAt: Instant;
  /** Why it failed; absent when it succeeded. */
  readonly failure?: Failure;
}

/** A job as it is observed from its end on; it never changes again. */
export interface EndedJob {
  readonly name: string;
  readonly job: ObservedJob;
}

/** A new state, and what happened on the way, in the order of time. All members are plain JSON. */
export interface Change {
  readonly state: ApplianceState;
  readonly facts: readonly Fact[];
  readonly endedTasks: readonly EndedTask[];
  readonly endedJobs: readonly EndedJob[];
  /**
   * True when the machine was wiped on the way. Jobs that ended before are forgotten: the caller deletes those it has
   * stored, and `endedJobs` contains later ones only.
   */
  readonly wipesJobs: boolean;
}

/** The change that leads to `state` and reports nothing. */
export const unchanged = (state: ApplianceState): Change => ({
  state,
  facts: [],
  endedTasks: [],
  endedJobs: [],
  wipesJobs: false,
});

/** The change that leads to `state` and reports one fact, at `state.at`. */
export const withFact = (state: ApplianceState, kind: string, data: JsonObject = {}): Change => ({
  ...unchanged(state),
  facts: [fact(state.at, kind, data)],
});

/** `change` followed by the change that `next` makes of its state. */
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

/** `change`, with `cause` for those of its facts that have none yet. */
export const causedBy = (change: Change, cause: string): Change =>
  change.facts.every((one) => one.cause !== undefined)
    ? change
    : { ...change, facts: change.facts.map((one) => ({ cause, ...one })) };
