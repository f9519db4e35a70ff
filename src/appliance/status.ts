/**
 * The status of the machine and the states of its nodes, as they follow from the conditions. Nothing of it is stored.
 * Sources: access, fail, upd (appliance.md §3, §11–13). That a device without its connection to Azure is Disconnected, one
 * without a node that runs Offline, and one with a critical condition NeedsAttention is `[D]` from the names of the states.
 */
import type { NodeNumber } from './commands.ts';
import { type Condition, conditionsOf, has, isOut, nodesOf } from './conditions.ts';
import type { MachineStatus, ObservedNode } from './observation.ts';
import type { ApplianceState } from './state.ts';

/** Whether the cluster of the machine's nodes has stopped, whichever of them runs: without its storage, or without a quorum (fail, wit). */
export const isDataGone = (conditions: readonly Condition[]): boolean =>
  has(conditions, 'storageLost', 'quorumLost');

/** Whether nothing of the machine runs because of a fault: no node, no storage, or no quorum. */
export const isOff = (state: ApplianceState, conditions: readonly Condition[]): boolean =>
  isDataGone(conditions) ||
  (has(conditions, 'nodeDown') && nodesOf(state).every((node) => isOut(conditions, node)));

/** The conditions of a machine that works, but should be looked after. */
const CRITICAL = [
  'nodeDown',
  'diskFailed',
  'gpuLost',
  'supplyOff',
  'overTemperature',
  'vaultDeleted',
  'vaultSecretDeleted',
  'witnessOffline',
  'clockSkew',
  'storageFull',
] as const;

/** The status at `state.at`; `conditions` are those of `state`. */
export function statusOf(
  state: ApplianceState,
  conditions: readonly Condition[] = conditionsOf(state),
): MachineStatus {
  if (!state.isActive) return 'ReadyToSetup';
  if (conditions.length === 0) return 'Online';
  if (isOff(state, conditions)) return 'Offline';
  if (has(conditions, 'uplinkDown')) return 'Disconnected';
  if (has(conditions, 'maintenance')) return 'Maintenance';
  return has(conditions, ...CRITICAL) ? 'NeedsAttention' : 'Online';
}

/** The state of a node as Azure shows it: one that runs is Unknown while the machine cannot tell. */
export function shownNodeState(
  conditions: readonly Condition[],
  node: NodeNumber,
): ObservedNode['status'] {
  if (!isOut(conditions, node)) {
    return has(conditions, 'uplinkDown', 'quorumLost') ? 'Unknown' : 'Up';
  }
  const isDown = conditions.some((one) => one.node === node && one.kind === 'nodeDown');
  return isDown ? 'Down' : 'Rebooting';
}

/** Whether no heartbeat of the Arc agents reaches Azure: their machine is unreachable, or they are refused, or stopped. */
export const silencesArc = (state: ApplianceState, conditions: readonly Condition[]): boolean =>
  !state.isActive ||
  (conditions.length > 0 &&
    (has(conditions, 'uplinkDown', 'maintenance', 'arcAgentOffline', 'clockSkew') ||
      isOff(state, conditions)));

/** Whether the master VM of the cluster runs: its node does, and it isn't moving to the other one. */
export const isMasterUp = (state: ApplianceState, conditions: readonly Condition[]): boolean =>
  !state.activities.some(({ command }) => command.kind === 'failover') &&
  !isOut(conditions, state.cluster?.masterOn ?? 1) &&
  !isDataGone(conditions);
