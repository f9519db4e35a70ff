/**
 * Failover: on a machine with two nodes, the master VM of the cluster starts on the other node when its own is out; workers stay
 * where they are (k8sfail, appliance.md §11). It does not move back by itself [ours].
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import type { NodeNumber } from './commands.ts';
import { type Condition, isOut } from './conditions.ts';
import { serialNumbersOf } from './identity.ts';
import { type CommandOf, type Process, startActivity } from './process.ts';
import { type ApplianceState, isRunning } from './state.ts';
import { isDataGone } from './status.ts';

const WHOLE = 'k8sfail: a few minutes; [ours] two to four';

const FAILOVER: readonly Stage[] = [
  { name: 'detect', lasts: [seconds(20), seconds(40)], source: WHOLE },
  { name: 'startMaster', lasts: [seconds(100), minutes(3)], source: WHOLE },
];

const serialOf = (state: ApplianceState, node: NodeNumber): string =>
  serialNumbersOf(state.spec)[node - 1] ?? '';

export const failover: Process<CommandOf<'failover'>> = {
  subject: ({ to }) => String(to),
  needs: 'nothing',
  refuse: () => undefined,
  table: () => FAILOVER,
  finish: (state, { command: { to } }) => {
    const { cluster } = state;
    if (cluster === undefined) return unchanged(state);
    return withFact({ ...state, cluster: { ...cluster, masterOn: to } }, 'cluster.masterMoved', {
      role: cluster.role,
      from: serialOf(state, cluster.masterOn ?? 1),
      to: serialOf(state, to),
    });
  },
};

/** `state` with a failover begun where the master's node is out, and without one that has nowhere to go. */
export function withFailover(
  state: ApplianceState,
  conditions: readonly Condition[],
  cause: string,
): ApplianceState {
  const isMovable = state.spec.nodeCount === 2 && state.cluster !== undefined;
  const running = state.activities.find(({ command }) => command.kind === 'failover');
  if (running?.command.kind === 'failover') {
    return isMovable && !isOut(conditions, running.command.to) && !isDataGone(conditions)
      ? state
      : { ...state, activities: state.activities.filter((other) => other !== running) };
  }
  if (!isMovable || isRunning(state, 'createCluster')) return state;
  const from = state.cluster.masterOn ?? 1;
  const to: NodeNumber = from === 1 ? 2 : 1;
  if (!isOut(conditions, from) || isOut(conditions, to) || isDataGone(conditions)) return state;
  const work = startActivity(state, failover, {
    id: `failover/${state.at}`,
    command: { kind: 'failover', to },
  });
  return { ...state, activities: [...state.activities, { ...work, cause }] };
}
