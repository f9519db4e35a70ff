/**
 * The machine's front: made by the factory, asked, moved through time, looked at. Called by `fleet/` alone. Pure: the same
 * state, request and moment give the same answer, and nothing that was given is changed.
 */
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { begin, nextChangeAt, play, refusalOf } from './activities.ts';
import { andThen, type Change } from './change.ts';
import type { MachineSpec, Request } from './commands.ts';
import { initialState } from './initial-state.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { ApplianceState } from './state.ts';
import { openSessionsOf } from './support.ts';
import { taskOf } from './tasks.ts';

export type { Change, EndedJob, EndedTask } from './change.ts';
export type { ApplianceState } from './state.ts';
export { UnreadableStateError } from './state-check.ts';
export { readState, writeState } from './stored-state.ts';
export { endedTaskOf, taskOf } from './tasks.ts';

/** A machine as it leaves the factory, at `spec.createdAt`. */
export function createAppliance(spec: MachineSpec): ApplianceState {
  return initialState(spec);
}

/**
 * Plays everything due up to `now`, in the order of time. The facts carry the moments at which they fell due. Where nothing
 * was due only `at` differs; a `now` that isn't later gives the same object back.
 */
export function advance(state: ApplianceState, now: Instant): Change {
  return play(state, now);
}

/**
 * Puts a command to the machine at `now`, after everything due before. A refusal changes nothing at all. The machine knows the
 * ids of commands that run, or end while `now` is reached, and does not begin those again. It does not know the ids of commands
 * that ended before: whoever keeps `endedTasks` looks there first, once `state` is loaded and before it is saved.
 */
export function request(
  state: ApplianceState,
  asked: Request,
  now: Instant,
): Change | { readonly refused: Failure } {
  const before = advance(state, now);
  if (taskOf(before, asked.id) !== undefined) return before;
  const refused = refusalOf(before.state, asked.command);
  return refused === undefined ? andThen(before, (current) => begin(current, asked)) : { refused };
}

/** When the stored state changes next by itself, always later than `state.at`; undefined when nothing goes on. */
export function nextDueAt(state: ApplianceState): Instant | undefined {
  return nextChangeAt(state);
}

/**
 * True when nothing about the machine changes with time alone: whoever looked at `state.at` would see the same today.
 * Arc heartbeats are seen without being changes, so a connected machine is never still; nor is one that support may enter,
 * for the session ends by itself.
 */
export function isTimeInvariant(state: ApplianceState): boolean {
  return (
    nextChangeAt(state) === undefined &&
    state.arc === undefined &&
    openSessionsOf(state).length === 0
  );
}

/** What can be seen of the machine at `state.at`. */
export function observationOf(state: ApplianceState): Observation {
  return observe(state);
}
