/**
 * Reset: the machine forgets its resource and everything on it. Called through `processes.ts`, when the resource goes. The
 * order is not on the machine and stays; so does the software.
 * Sources: return (appliance.md §15).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { withoutArc } from './arc.ts';
import type { Command } from './commands.ts';
import { endedJob } from './jobs.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, cutOff } from './refusals.ts';
import { serialNumberOfMachine } from './identity.ts';
import { withoutIotEdge } from './iot-edge.ts';
import {
  type ApplianceState,
  type Change,
  isDoing,
  type Journey,
  tell,
  then,
  unchanged,
  type Work,
  without,
} from './state.ts';
import { withStatus } from './status.ts';
import { SUPPORT_AT_FIRST } from './support.ts';
import { withEndedTask } from './tasks.ts';

/** A machine that was never set up has nothing to wipe. */
export const RESET_OF_NEW: readonly Stage[] = [
  { name: 'wipe', lasts: [seconds(5), seconds(15)], source: '[ours] nothing to wipe' },
];
/** The device itself takes 30–40 min (return); a resource is gone long before, and it is the resource that waits here. */
export const RESET_OF_ACTIVE: readonly Stage[] = [
  { name: 'stop', lasts: [minutes(1), minutes(2)], source: '[ours] the resource, not the disks' },
  { name: 'wipe', lasts: [minutes(2), minutes(3)], source: '[ours] the resource, not the disks' },
];

/** What a reset leaves alone: the order is not on the machine. */
export const BESIDE_RESET: readonly (Command | Journey)['kind'][] = [
  'placeOrder',
  'cancelOrder',
  'returnMachine',
  'journey',
];

const CUT_OFF = cutOff('The device was reset while the operation was running.');

/** Ends `work` here and now as failed. */
function withoutWork(state: ApplianceState, work: Work): ApplianceState {
  const canceled = endedJob(state, work.id, 'Canceled');
  const works = canceled.works.filter((other) => other !== work);
  return withEndedTask({ ...canceled, works }, work.id, CUT_OFF);
}

/** Everything on the machine stops. */
const stopAll = (state: ApplianceState): ApplianceState =>
  state.works
    .filter((work) => !BESIDE_RESET.includes(work.command.kind))
    .reduce(withoutWork, state);

const withoutCluster = (state: ApplianceState): Change =>
  state.cluster === undefined
    ? unchanged(state)
    : tell(without(state, 'cluster'), 'cluster.deleted', { role: state.cluster.role });

const wiped = (state: ApplianceState): Change =>
  tell(
    {
      ...without(state, 'password'),
      isActive: false,
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
    },
    'machine.reset',
    { serialNumber: serialNumberOfMachine(state.spec) },
  );

const leftNew = (state: ApplianceState): Change => withStatus(state, 'ReadyToSetup');

export const reset: Process<CommandOf<'reset'>> = {
  subject: () => '',
  refuse: (state) => (isDoing(state, 'reset') ? busy('The device is being reset.') : undefined),
  table: (state) => (state.isActive ? RESET_OF_ACTIVE : RESET_OF_NEW),
  begin: (state) => {
    const stopped = stopAll(state);
    return state.isActive ? withStatus(stopped, 'Maintenance') : unchanged(stopped);
  },
  finish: (state) =>
    [withoutIotEdge, withoutCluster, wiped, leftNew].reduce(then, withoutArc(state)),
};
