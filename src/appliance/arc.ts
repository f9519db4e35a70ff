/**
 * Azure Arc: the agents are installed on the cluster, which is connected, and removed again. The connected cluster resource
 * in Azure belongs to the caller; this file never creates it.
 * Sources: arc, arcagent, arcconn (appliance.md §10.2–10.4).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { ARC_AGENTS } from '#kubernetes/components.ts';
import { coreCountOf } from '#kubernetes/nodes.ts';
import { type Change, unchanged, withFact } from './change.ts';
import { descriptionOf } from './observe-cluster.ts';
import { certificateExpiryOf, connectivityOf, lastHeartbeatOf } from './heartbeat.ts';
import type { ObservedArc, ProvisioningState } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import { alreadyThere, busy, refuseOnCluster, refuseWhileInstalling } from './refusals.ts';
import { arcAgentVersionOf } from './releases.ts';
import { activitiesOf, type ApplianceState, type ArcRecord, isRunning, without } from './state.ts';

const WHOLE = '[ours] three to six minutes in all: some images, then the first heartbeat';

const ARC_CONNECTION: readonly Stage[] = [
  { name: 'createNamespace', lasts: [seconds(10), seconds(20)], source: WHOLE },
  { name: 'installAgents', lasts: [seconds(110), seconds(200)], source: `arc; ${WHOLE}` },
  { name: 'onboard', lasts: [seconds(30), minutes(1)], source: `arcconn; ${WHOLE}` },
  { name: 'firstHeartbeat', lasts: [seconds(30), seconds(80)], source: `arcconn; ${WHOLE}` },
];
const ARC_DISCONNECTION: readonly Stage[] = [
  { name: 'disconnect', lasts: [seconds(15), seconds(30)], source: '[ours] about a minute' },
  { name: 'removeAgents', lasts: [seconds(30), seconds(60)], source: '[ours] about a minute' },
];

const refuseBusy = (state: ApplianceState) =>
  isRunning(state, 'connectArc', 'disconnectArc')
    ? busy('The Azure Arc agents of the cluster are being installed or removed.')
    : undefined;

export const connectArc: Process<CommandOf<'connectArc'>> = {
  subject: () => '',
  refuse: (state, { addon, role }) => {
    const refused = refuseBusy(state) ?? refuseOnCluster(state, role);
    if (refused !== undefined) return refused;
    const { arc } = state;
    return arc !== undefined && arc.addon !== addon
      ? alreadyThere(`The cluster is enabled for Azure Arc already, by the addon ${arc.addon}.`)
      : undefined;
  },
  table: (state) => (state.arc === undefined ? ARC_CONNECTION : []),
  uplinkStages: ['installAgents', 'onboard', 'firstHeartbeat'],
  begin: (state, { command: { addon, connectedClusterId } }) =>
    unchanged(
      state.arc === undefined
        ? {
            ...state,
            arc: { addon, connectedClusterId, agentVersion: arcAgentVersionOf(state.release) },
          }
        : state,
    ),
  effects: {
    // The agents are installed and Arc knows the cluster, but no heartbeat has arrived yet (arcconn).
    installAgents: (state, { command: { addon, connectedClusterId } }) =>
      withFact(state, 'arc.connecting', { addon, connectedClusterId }),
  },
  finish: (state, { stages }) => {
    const { arc } = state;
    if (arc === undefined || stages.length === 0) return unchanged(state);
    const connected: ArcRecord = { ...arc, connectedAt: state.at, beatsFrom: state.at };
    return withFact({ ...state, arc: connected }, 'arc.connected', {
      addon: arc.addon,
      connectedClusterId: arc.connectedClusterId,
      ...countsOf(state),
    });
  },
};

export const disconnectArc: Process<CommandOf<'disconnectArc'>> = {
  subject: () => '',
  refuse: (state, { addon }) =>
    state.arc?.addon === addon ? (refuseWhileInstalling(state) ?? refuseBusy(state)) : undefined,
  table: (state, { addon }) => (state.arc?.addon === addon ? ARC_DISCONNECTION : []),
  finish: (state, { command: { addon } }) =>
    state.arc?.addon === addon ? withoutArc(state) : unchanged(state),
};

/** `state` without Arc, with the fact of the disconnection; unchanged when Arc isn't connected. */
export function withoutArc(state: ApplianceState): Change {
  if (state.arc === undefined) return unchanged(state);
  const { addon, connectedClusterId } = state.arc;
  return withFact(without(state, 'arc'), 'arc.disconnected', { addon, connectedClusterId });
}

/** Tells Arc how many vCPUs the connected cluster has now; without a connection there is nothing to tell. */
export const recounted = (state: ApplianceState): Change =>
  state.arc?.connectedAt === undefined
    ? unchanged(state)
    : withFact(state, 'arc.coreCountChanged', { addon: state.arc.addon, ...countsOf(state) });

/** The nodes and vCPUs that Arc charges for: all of the cluster's, the master's included (appliance.md §10.6 [D]). */
function countsOf(state: ApplianceState): { nodeCount: number; coreCount: number } {
  if (state.cluster === undefined) return { nodeCount: 0, coreCount: 0 };
  const { nodes, workerSize } = descriptionOf(state, state.cluster);
  return { nodeCount: nodes.length, coreCount: coreCountOf(workerSize, nodes.length - 1) };
}

function provisioningStateOf(state: ApplianceState): ProvisioningState {
  if (isRunning(state, 'disconnectArc', 'reset')) return 'Deleting';
  return isRunning(state, 'connectArc') ? 'Creating' : 'Created';
}

/** How many agents are ready: one after the other while they are installed [ours], all of them afterwards. */
function agentsReadyOf(state: ApplianceState): number {
  const connection = activitiesOf(state, 'connectArc').find(
    (activity) => activity.stages.length > 0,
  );
  if (connection === undefined) return ARC_AGENTS.length;
  const [from, to] = connection.schedule.endsAt;
  if (from === undefined || to === undefined) return ARC_AGENTS.length;
  const passed = Math.min(1, Math.max(0, (state.at - from) / (to - from)));
  return Math.floor(ARC_AGENTS.length * passed);
}

/** The observation of Arc; undefined when it isn't connected. */
export function observedArcOf(state: ApplianceState): ObservedArc | undefined {
  const { arc, at } = state;
  if (arc === undefined) return undefined;
  const lastHeartbeatAt = lastHeartbeatOf(arc, at);
  const certificateExpiresAt = certificateExpiryOf(arc, at);
  return {
    addon: arc.addon,
    state: provisioningStateOf(state),
    agentVersion: arc.agentVersion,
    connectivity: connectivityOf(arc, at),
    ...(lastHeartbeatAt === undefined ? {} : { lastHeartbeatAt }),
    ...(certificateExpiresAt === undefined ? {} : { certificateExpiresAt }),
    ...countsOf(state),
    kubernetesVersion: state.cluster?.kubernetesVersion ?? '',
    agentsReady: agentsReadyOf(state),
    agentsTotal: ARC_AGENTS.length,
  };
}
