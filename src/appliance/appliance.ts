/**
 * The machine's front: made by the factory, asked, moved through time, looked at. Called by `fleet/` alone. Pure: the same
 * state, request and moment give the same answer, and nothing that was given is changed.
 */
import type { Fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { MachineSpec, Request } from './commands.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { ApplianceState, Change } from './state.ts';
import { openSessionsOf, SUPPORT_AT_FIRST } from './support.ts';
import { hasTask } from './tasks.ts';
import { begin, nextChangeAt, play, refusalOf } from './works.ts';

export type { ApplianceState } from './state.ts';

/** A machine as it leaves the factory, at `spec.bornAt`. */
export function createAppliance(spec: MachineSpec): ApplianceState {
  return {
    spec,
    at: spec.bornAt,
    status: 'ReadyToSetup',
    isActive: false,
    release: spec.release,
    shares: [],
    users: [],
    bandwidthSchedules: [],
    credentials: [],
    storageAccounts: [],
    triggers: [],
    roles: [],
    monitoredRoles: [],
    support: SUPPORT_AT_FIRST,
    updates: {},
    jobs: [],
    works: [],
    endedTasks: [],
  };
}

/**
 * Plays everything due up to `now`, in the order of time. The facts carry the moments at which they fell due. Where nothing
 * was due only `at` differs; a `now` that isn't later gives the same object back.
 */
export function advance(
  state: ApplianceState,
  now: Instant,
): { readonly state: ApplianceState; readonly facts: readonly Fact[] } {
  return play(state, now);
}

/**
 * Puts a command to the machine at `now`, after everything due before. An id that it knows changes nothing more. A refusal
 * changes nothing at all.
 */
export function request(
  state: ApplianceState,
  asked: Request,
  now: Instant,
): Change | { readonly refused: Failure } {
  const before = advance(state, now);
  if (hasTask(before.state, asked.id)) return before;
  const refused = refusalOf(before.state, asked.command);
  if (refused !== undefined) return { refused };
  const change = begin(before.state, asked);
  return { state: change.state, facts: [...before.facts, ...change.facts] };
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
export function isStill(state: ApplianceState): boolean {
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
