/**
 * Reset: the machine forgets its resource and everything on it. Called through `processes.ts`, when the resource goes. The
 * order is not on the machine and stays; so does the software.
 * Sources: return (appliance.md §15).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { withoutArc } from './arc.ts';
import { andThen, type Change, unchanged, withFact } from './change.ts';
import type { Command } from './commands.ts';
import { endJob } from './jobs.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, cutOff } from './refusals.ts';
import { serialNumberOfMachine } from './identity.ts';
import { wipedState } from './initial-state.ts';
import { withoutIotEdge } from './iot-edge.ts';
import { type Activity, type ApplianceState, isRunning, type Journey, without } from './state.ts';
import { withStatus } from './status.ts';
import { endTask } from './tasks.ts';

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
export const ALLOWED_DURING_RESET: readonly (Command | Journey)['kind'][] = [
  'placeOrder',
  'cancelOrder',
  'returnMachine',
  'journey',
];

const CUT_OFF = cutOff('The device was reset while the operation was running.');

/** `activity` ends here and now as failed. */
function cancelActivity(state: ApplianceState, activity: Activity): Change {
  const activities = state.activities.filter((other) => other !== activity);
  return andThen(endJob({ ...state, activities }, activity, 'Canceled'), (canceled) =>
    endTask(canceled, activity, CUT_OFF),
  );
}

/** Everything on the machine stops. */
const stopAll = (state: ApplianceState): Change =>
  state.activities
    .filter((activity) => !ALLOWED_DURING_RESET.includes(activity.command.kind))
    .reduce(
      (change, activity) => andThen(change, (before) => cancelActivity(before, activity)),
      unchanged(state),
    );

const withoutCluster = (state: ApplianceState): Change =>
  state.cluster === undefined
    ? unchanged(state)
    : withFact(without(state, 'cluster'), 'cluster.deleted', { role: state.cluster.role });

const wiped = (state: ApplianceState): Change => ({
  ...withFact(wipedState(state), 'machine.reset', {
    serialNumber: serialNumberOfMachine(state.spec),
  }),
  wipesJobs: true,
});

const leftNew = (state: ApplianceState): Change => withStatus(state, 'ReadyToSetup');

export const reset: Process<CommandOf<'reset'>> = {
  subject: () => '',
  refuse: (state) => (isRunning(state, 'reset') ? busy('The device is being reset.') : undefined),
  table: (state) => (state.isActive ? RESET_OF_ACTIVE : RESET_OF_NEW),
  begin: (state) =>
    andThen(stopAll(state), (stopped) =>
      state.isActive ? withStatus(stopped, 'Maintenance') : unchanged(stopped),
    ),
  finish: (state) =>
    [withoutIotEdge, withoutCluster, wiped, leftNew].reduce(andThen, withoutArc(state)),
};
