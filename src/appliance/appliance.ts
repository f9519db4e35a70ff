/**
 * The front of the simulated machine, and all that `fleet/` uses of this room: create a machine, put a command to it,
 * advance it in time, observe it, store it. All functions are pure: the same arguments give the same result, and no
 * argument is changed.
 */
import type { Failure } from '#shared/failure.ts';
import { earlier, type Instant, LAST_MOMENT } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { begin, nextChangeAt, play, refusalOf } from './activities.ts';
import { andThen, type Change } from './change.ts';
import { type ClusterNetwork, clusterNetworkOf } from './cluster-network.ts';
import type { MachineSpec, Request } from './commands.ts';
import { initialState } from './initial-state.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import { nodeIdOf, serialNumbersOf } from './identity.ts';
import { nextStageEndOf } from './progress.ts';
import { interfacesOf, isRugged, lacksCertificates, localConfigOf } from './local-config.ts';
import type { FullConfig, LocalConfig, Witness } from './local-settings.ts';
import { releaseOf } from './releases.ts';
import {
  type ApplianceState,
  type CampaignRecord,
  type FaultRecord,
  isRunning,
  type LocalRecord,
} from './state.ts';
import { nextScanMoment } from './scan-times.ts';
import { openSessionsOf } from './support.ts';
import { taskOf } from './tasks.ts';
import { witnessOf } from './witness.ts';

export type { Change, EndedJob, EndedTask } from './change.ts';
export type { ApplianceState, CampaignRecord, FaultRecord } from './state.ts';
export { overviewOf } from './observe.ts';
export { UnreadableStateError } from './state-check.ts';
export { readState, writeState } from './stored-state.ts';
export { endedTaskOf, taskOf } from './tasks.ts';

/** What the local web interface of a machine shows. */
export interface LocalView extends Pick<LocalRecord, 'run' | 'diagnostics'> {
  readonly config: FullConfig;
  readonly witness: Witness;
  readonly clusterNetwork: ClusterNetwork;
  /** Ports of all nodes, with the members of the documents. */
  readonly interfaces: readonly JsonObject[];
  readonly softwareVersion: string;
  readonly isActivated: boolean;
  /** A model for the field, whose disks are locked with keys of the customer's. */
  readonly isRugged: boolean;
  /** Somebody has given it another name or domain, and brought no certificates for them. */
  readonly lacksCertificates: (config: LocalConfig) => boolean;
  readonly collectsLogs: boolean;
  readonly nodes: readonly { readonly id: string; readonly name: string }[];
  /** A package is being applied, or the device activated. */
  readonly isBusy: boolean;
  /** The diagnostic tests are running. */
  readonly isTesting: boolean;
}

/** The state of a machine that leaves the factory at `spec.createdAt`. */
export function createAppliance(spec: MachineSpec): ApplianceState {
  return initialState(spec);
}

/**
 * Plays everything that is due up to `now`, in the order of time; facts carry the moments at which they fell due. Where
 * nothing is due, only `state.at` changes; where `now` isn't later than `state.at`, the same state object is returned.
 */
export function advance(state: ApplianceState, now: Instant): Change {
  return play(state, now);
}

/**
 * Puts a command to the machine at `now`, after everything that is due before. A refused command changes nothing. A command
 * whose id belongs to a running task, or to one that ends while `now` is reached, is not begun again. The machine does not
 * know the ids of tasks that ended before: the caller keeps every `endedTasks` and looks there first, after loading `state`
 * and before saving the change.
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

/** When the stored state changes next without a command; always later than `state.at`, undefined when nothing is to come. */
export function nextDueAt(state: ApplianceState): Instant | undefined {
  return nextChangeAt(state);
}

/**
 * Until when an observation of the machine stays the same if it gets no command: until its next change, or its next daily scan. Undefined
 * where it changes all the time: while something runs or is to come, while it is connected to Arc, whose heartbeats are observed
 * without being stored, with an open support session, which ends by itself, and with a certificate whose days are counted.
 */
export function unchangedUntil(state: ApplianceState): Instant | undefined {
  const isMoving =
    state.activities.length > 0 ||
    state.faults.length > 0 ||
    campaignsOf(state).length > 0 ||
    state.arc !== undefined ||
    openSessionsOf(state).length > 0;
  if (isMoving) return undefined;
  const scan = state.isActive ? nextScanMoment(state.spec, state.at) : LAST_MOMENT;
  return earlier(scan, nextChangeAt(state) ?? LAST_MOMENT);
}

/**
 * Until when the overview of the machine stays the same if it gets no command: until its next change, or the end of a stage of
 * what runs.
 */
export const overviewUnchangedUntil = (state: ApplianceState): Instant =>
  state.activities.reduce(
    (until, activity) => earlier(until, nextStageEndOf(state, activity) ?? LAST_MOMENT),
    nextChangeAt(state) ?? LAST_MOMENT,
  );

/** What the local web interface of the machine shows. */
export const localViewOf = (state: ApplianceState): LocalView => ({
  config: localConfigOf(state),
  witness: witnessOf(state),
  clusterNetwork: clusterNetworkOf(state),
  interfaces: interfacesOf(state),
  softwareVersion: releaseOf(state.release)?.version ?? '',
  isActivated: state.isActive,
  isRugged: isRugged(state.spec),
  lacksCertificates: (config) => lacksCertificates(state, config),
  collectsLogs: state.support.collectsLogs,
  nodes: serialNumbersOf(state.spec).map((name, index) => ({
    id: nodeIdOf(state.spec, index),
    name,
  })),
  isBusy: isRunning(state, 'configureLocally', 'activate'),
  isTesting: isRunning(state, 'runDiagnostics'),
  ...(state.local?.run === undefined ? {} : { run: state.local.run }),
  ...(state.local?.diagnostics === undefined ? {} : { diagnostics: state.local.diagnostics }),
});

/** The campaigns of the machine that have not ended. */
export const campaignsOf = (state: ApplianceState): readonly CampaignRecord[] =>
  state.campaigns ?? [];

/** The faults of the machine: those that have begun, and those to come. */
export const faultsOf = (state: ApplianceState): readonly FaultRecord[] => state.faults;

/** The observation of the machine at `state.at`. */
export function observationOf(state: ApplianceState): Observation {
  return observe(state);
}
