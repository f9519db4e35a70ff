/**
 * Reset: everything on the machine is wiped, because its device resource is deleted. The order isn't on the machine and
 * stays; the installed software stays, too.
 * Sources: return (appliance.md §15).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { withoutArc } from './arc.ts';
import { andThen, type Change, unchanged, withFact } from './change.ts';
import { endJob } from './jobs.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, canceled } from './refusals.ts';
import { serialNumberOfMachine } from './identity.ts';
import { wipedState } from './initial-state.ts';
import { withoutIotEdge } from './iot-edge.ts';
import { type Activity, type ApplianceState, isRunning, type Work, without } from './state.ts';
import { endTask } from './tasks.ts';

/** The stages for a machine that was never activated. */
const RESET_OF_NEW: readonly Stage[] = [
  { name: 'wipe', lasts: [seconds(5), seconds(15)], source: '[ours] nothing to wipe' },
];
/**
 * The stages for an active machine. A real device takes 30–40 minutes to wipe its disks (return), but its resource is gone
 * long before, and it is the resource that waits here.
 */
const RESET_OF_ACTIVE: readonly Stage[] = [
  { name: 'stop', lasts: [minutes(1), minutes(2)], source: '[ours] the resource, not the disks' },
  { name: 'wipe', lasts: [minutes(2), minutes(3)], source: '[ours] the resource, not the disks' },
];

/** What a reset neither cancels nor refuses: the order isn't on the machine, and its hardware stays as it is. */
export const ALLOWED_DURING_RESET: readonly Work['kind'][] = [
  'injectFault',
  'healFault',
  'beginCampaign',
  'endCampaign',
  'placeOrder',
  'cancelOrder',
  'changeOrder',
  'returnMachine',
  'journey',
];

const CANCELED_BY_RESET = canceled('The device was reset while the operation was running.');

/** Cancels `activity`: its task fails, its job ends as Canceled. */
function cancelActivity(state: ApplianceState, activity: Activity): Change {
  const activities = state.activities.filter((other) => other !== activity);
  return andThen(endJob({ ...state, activities }, activity, 'Canceled'), (next) =>
    endTask(next, activity, CANCELED_BY_RESET),
  );
}

/** Cancels everything that runs on the machine. */
const cancelAll = (state: ApplianceState): Change =>
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

export const reset: Process<CommandOf<'reset'>> = {
  subject: () => '',
  refuse: (state) => (isRunning(state, 'reset') ? busy('The device is being reset.') : undefined),
  table: (state) => (state.isActive ? RESET_OF_ACTIVE : RESET_OF_NEW),
  // The resource goes, whether or not its machine can be reached.
  needs: 'nothing',
  begin: cancelAll,
  finish: (state) => [withoutIotEdge, withoutCluster, wiped].reduce(andThen, withoutArc(state)),
};
