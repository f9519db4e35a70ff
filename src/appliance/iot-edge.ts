/**
 * The IoT Edge runtime on the cluster, which an addon of the Kubernetes role installs. Connection strings are unknown here,
 * and no module runs.
 * Sources: iotapi, mcomp (appliance.md §10.1).
 */
import type { Failure } from '#shared/failure.ts';
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { type Change, unchanged, withFact } from './change.ts';
import { refuseNeeded } from './needs.ts';
import type { ObservedIotEdge, ProvisioningState } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import { alreadyThere, busy, refuseOnCluster, refuseWhileInstalling } from './refusals.ts';
import { type ApplianceState, isRunning, without } from './state.ts';

const WHOLE = '[ours] two to four minutes in all: some images and their start';

const IOT_EDGE_INSTALLATION: readonly Stage[] = [
  { name: 'createNamespace', lasts: [seconds(10), seconds(20)], source: WHOLE },
  { name: 'installOperator', lasts: [seconds(30), seconds(60)], source: `iotapi; ${WHOLE}` },
  { name: 'startAgent', lasts: [seconds(40), seconds(80)], source: `iotapi; ${WHOLE}` },
  { name: 'startHub', lasts: [seconds(40), seconds(80)], source: `iotapi; ${WHOLE}` },
];
const IOT_EDGE_REMOVAL: readonly Stage[] = [
  { name: 'stopModules', lasts: [seconds(15), seconds(30)], source: '[ours] about a minute' },
  { name: 'removeRuntime', lasts: [seconds(30), seconds(60)], source: '[ours] about a minute' },
];

/** The only version that a document shows (iotapi). */
const RUNTIME_VERSION = '0.1.0-beta10';

const refuseBusy = (state: ApplianceState): Failure | undefined =>
  isRunning(state, 'installIotEdge', 'removeIotEdge')
    ? busy('IoT Edge is being installed on the cluster or removed from it.')
    : undefined;

export const installIotEdge: Process<CommandOf<'installIotEdge'>> = {
  subject: () => '',
  refuse: (state, { addon, role }) => {
    const refused = refuseBusy(state) ?? refuseOnCluster(state, role);
    if (refused !== undefined) return refused;
    const { iotEdge } = state;
    return iotEdge !== undefined && iotEdge.addon !== addon
      ? alreadyThere(`IoT Edge is on the cluster already, by the addon ${iotEdge.addon}.`)
      : undefined;
  },
  // An installed runtime takes new connection details without a new installation.
  table: (state) => (state.iotEdge === undefined ? IOT_EDGE_INSTALLATION : []),
  begin: (state, { command: { addon } }) =>
    unchanged({ ...state, iotEdge: { addon, version: RUNTIME_VERSION } }),
  finish: (state, { command: { addon }, stages }) =>
    withFact(state, stages.length > 0 ? 'iotEdge.installed' : 'iotEdge.changed', { addon }),
};

export const removeIotEdge: Process<CommandOf<'removeIotEdge'>> = {
  subject: () => '',
  refuse: (state, { addon }) =>
    state.iotEdge?.addon === addon
      ? (refuseWhileInstalling(state) ?? refuseBusy(state) ?? refuseTriggered(state))
      : undefined,
  table: (state, { addon }) => (state.iotEdge?.addon === addon ? IOT_EDGE_REMOVAL : []),
  finish: (state, { command: { addon } }) =>
    state.iotEdge?.addon === addon ? withoutIotEdge(state) : unchanged(state),
};

/**
 * Why the runtime can't be removed while triggers use it: they start modules, which need the runtime. The real machine
 * deletes the triggers as well (mcomp); here they have to be deleted first [ours].
 */
const refuseTriggered = (state: ApplianceState): Failure | undefined =>
  state.cluster === undefined ? undefined : refuseNeeded(state, `role/${state.cluster.role}`);

/** `state` without IoT Edge, with the fact of its removal; unchanged when it isn't installed. */
export function withoutIotEdge(state: ApplianceState): Change {
  return state.iotEdge === undefined
    ? unchanged(state)
    : withFact(without(state, 'iotEdge'), 'iotEdge.removed', { addon: state.iotEdge.addon });
}

function provisioningStateOf(state: ApplianceState): ProvisioningState {
  if (isRunning(state, 'removeIotEdge', 'reset')) return 'Deleting';
  return isRunning(state, 'installIotEdge') ? 'Creating' : 'Created';
}

/** The observation of IoT Edge on the cluster; undefined when it isn't installed. */
export function observedIotEdgeOf(state: ApplianceState): ObservedIotEdge | undefined {
  return state.iotEdge === undefined
    ? undefined
    : { ...state.iotEdge, state: provisioningStateOf(state) };
}
