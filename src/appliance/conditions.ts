/**
 * Conditions: what is the matter with a machine, as pure questions over the causes that are there: faults that have begun, and
 * works that run. Status, node states, alerts, Arc's reachability and the readiness of Kubernetes' nodes follow from them; none
 * of them is stored. A machine without such a cause has none, at no cost.
 * Sources: fail, upd, wit (appliance.md §11–12).
 */
import type { Instant } from '#shared/instant.ts';
import type { FaultPlace, NodeNumber } from './commands.ts';
import { hardwareOf } from './models.ts';
import { beginOf, causeOfWork, stageOf } from './progress.ts';
import type { Activity, ApplianceState, FaultRecord } from './state.ts';
import { quorumLost, witnessOf, witnessOffline } from './witness.ts';

export type ConditionKind =
  | 'uplinkDown'
  | 'uplinkSlow'
  | 'nodeDown'
  | 'nodeRebooting'
  /** The machine is out of reach for a work of its own: an update, a reset. */
  | 'maintenance'
  | 'diskFailing'
  | 'diskFailed'
  /** More disks have failed than the storage can do without. */
  | 'storageLost'
  | 'gpuLost'
  | 'supplyOff'
  | 'overTemperature'
  | 'certificateExpiring'
  | 'vaultDeleted'
  | 'vaultSecretDeleted'
  | 'witnessOffline'
  /** Of two nodes the one that runs has no majority: the device is offline (wit). */
  | 'quorumLost'
  | 'updateFails'
  | 'arcAgentOffline'
  | 'clockSkew'
  | 'storageFull';

export interface Condition extends FaultPlace {
  readonly kind: ConditionKind;
  readonly since: Instant;
  /** `fault/{id}` or `command/{id}`. */
  readonly cause: string;
  /** Distinguishes it from other conditions of its kind, at other times as well. */
  readonly about: string;
}

/** A condition of the whole machine, which follows from others; none where it does not. */
const following = (
  kind: ConditionKind,
  loss: Pick<Condition, 'since' | 'cause' | 'about'> | undefined,
): readonly Condition[] =>
  loss === undefined ? [] : [{ kind, since: loss.since, cause: loss.cause, about: loss.about }];

const NONE: readonly Condition[] = [];

/** The works that make conditions. */
const isNoticeable = ({ command: { kind } }: Activity): boolean =>
  kind === 'installUpdates' || kind === 'reset';

/** What is the matter with the machine at `state.at`. The same empty list each time where nothing is. */
export function conditionsOf(state: ApplianceState): readonly Condition[] {
  if (state.faults.length === 0 && state.activities.length === 0) return NONE;
  const faults = state.faults.filter(({ hasBegun }) => hasBegun);
  const works = state.activities.filter(isNoticeable);
  if (faults.length === 0 && works.length === 0) return NONE;
  const ofFaults = [
    ...faults.flatMap((fault) => ofFault(state, fault)),
    ...suppliesGone(state, faults),
    ...disksGone(state, faults),
  ];
  const withoutWitness = [
    ...ofFaults,
    ...following('witnessOffline', witnessOffline(state, ofFaults)),
  ];
  const found = [
    ...withoutWitness,
    ...following('quorumLost', quorumLost(state, withoutWitness)),
    ...works.flatMap((work) => ofWork(state, work)),
  ];
  return found.length === 0 ? NONE : found;
}

/** The numbers of the machine's nodes. */
export const nodesOf = (state: ApplianceState): readonly NodeNumber[] =>
  state.spec.nodeCount === 1 ? [1] : [1, 2];

const condition = (
  kind: ConditionKind,
  { id, beginsAt }: FaultRecord,
  place: FaultPlace = {},
): Condition => ({
  kind,
  ...place,
  since: beginsAt,
  cause: `fault/${id}`,
  about: `${id}${place.node === undefined ? '' : `/${place.node}`}`,
});

function ofFault(state: ApplianceState, fault: FaultRecord): readonly Condition[] {
  const { kind, node, disk, supply, stage } = fault;
  const place: FaultPlace = {
    ...(node === undefined ? {} : { node }),
    ...(disk === undefined ? {} : { disk }),
    ...(supply === undefined ? {} : { supply }),
    ...(stage === undefined ? {} : { stage }),
  };
  if (kind === 'witnessOffline' && witnessOf(state).type === 'None') return [];
  if (kind !== 'powerLost') return [condition(kind, fault, place)];
  if (supply !== undefined) return [condition('supplyOff', fault, place)];
  const nodes = node === undefined ? nodesOf(state) : [node];
  return nodes.map((one) => condition('nodeDown', fault, { node: one }));
}

/** The fault of `faults` that began last. */
const lastOf = (faults: readonly FaultRecord[]): FaultRecord | undefined =>
  faults.reduce<FaultRecord | undefined>(
    (last, fault) => (last === undefined || fault.beginsAt >= last.beginsAt ? fault : last),
    undefined,
  );

/** A node is down when all of its supplies are off (fail). */
function suppliesGone(state: ApplianceState, faults: readonly FaultRecord[]): readonly Condition[] {
  const off = faults.filter(({ kind, supply }) => kind === 'powerLost' && supply !== undefined);
  if (off.length === 0) return NONE;
  const { supplyCount } = hardwareOf(state.spec.sku);
  return nodesOf(state).flatMap((node) => {
    const own = off.filter((fault) => fault.node === node);
    const last = own.length < supplyCount ? undefined : lastOf(own);
    return last === undefined ? [] : [condition('nodeDown', last, { node })];
  });
}

/**
 * Two nodes do without the disks of one of them (fail). A node by itself does without one disk of its mirror; a model with a
 * single disk without none (spec-mini).
 */
function disksGone(state: ApplianceState, faults: readonly FaultRecord[]): readonly Condition[] {
  const failed = faults.filter(({ kind }) => kind === 'diskFailed');
  if (failed.length === 0) return NONE;
  const isLost =
    state.spec.nodeCount === 2
      ? new Set(failed.map(({ node }) => node)).size === 2
      : failed.length > 1 || hardwareOf(state.spec.sku).diskCount === 1;
  const last = isLost ? lastOf(failed) : undefined;
  return last === undefined ? NONE : [condition('storageLost', last)];
}

/** An installation of an update makes a machine with one node unreachable in these stages (upd). */
const UNREACHABLE = ['installNode1', 'rebootNode1', 'settleNode1', 'kubernetes'];

function ofWork(state: ApplianceState, work: Activity): readonly Condition[] {
  const stage = stageOf(state, work);
  if (stage === undefined) return NONE;
  const cause = causeOfWork(work);
  if (work.command.kind === 'reset') {
    if (!state.isActive) return NONE;
    const since = work.schedule.startedAt;
    return [{ kind: 'maintenance', since, cause, about: String(since) }];
  }
  const found: Condition[] = [];
  if (state.spec.nodeCount === 1 && UNREACHABLE.includes(stage)) {
    const since = beginOf(work, stage === 'kubernetes' ? stage : 'installNode1');
    found.push({ kind: 'maintenance', since, cause, about: String(since) });
  }
  const node = /^rebootNode([12])$/.exec(stage)?.[1];
  if (node !== undefined) {
    const since = beginOf(work, stage);
    found.push({
      kind: 'nodeRebooting',
      node: node === '1' ? 1 : 2,
      since,
      cause,
      about: String(since),
    });
  }
  return found;
}

/** Whether a condition of one of these kinds is among them. */
export const has = (
  conditions: readonly Condition[],
  ...kinds: readonly ConditionKind[]
): boolean => conditions.length > 0 && conditions.some(({ kind }) => kinds.includes(kind));

/** Whether nothing can be encrypted: the key vault is gone, or the channel integrity key in it (tact). */
export const isVaultGone = (conditions: readonly Condition[]): boolean =>
  has(conditions, 'vaultDeleted', 'vaultSecretDeleted');

/** Whether the accelerators of the node of that number are gone, or have shut down. */
export const hasLostGpu = (conditions: readonly Condition[], node: NodeNumber): boolean =>
  conditions.some(
    (one) => one.node === node && (one.kind === 'gpuLost' || one.kind === 'overTemperature'),
  );

/** Whether the node of that number is out: down, or restarting. */
export const isOut = (conditions: readonly Condition[], node: NodeNumber): boolean =>
  conditions.some(
    (one) => one.node === node && (one.kind === 'nodeDown' || one.kind === 'nodeRebooting'),
  );
