/**
 * Tasks: how each command came out. Called by `activities.ts` and `reset.ts`, which end them, and by `appliance.ts`, which shows
 * them. A caller that crashed asks again by the same id and learns how its command stands, also after the end.
 */
import type { Failure } from '#shared/failure.ts';
import { endOf, percentOf } from '#shared/stages.ts';
import { type Change, type EndedTask, unchanged } from './change.ts';
import type { Task } from './commands.ts';
import type { Activity, ApplianceState } from './state.ts';

/** The task of `activity` ends now, as failed when there is a `failure`. The order's journey belongs to no task. */
export function endTask(state: ApplianceState, activity: Activity, failure?: Failure): Change {
  if (activity.command.kind === 'journey') return unchanged(state);
  const ended: EndedTask = {
    id: activity.id,
    endedAt: state.at,
    ...(failure === undefined ? {} : { failure }),
  };
  return { ...unchanged(state), endedTasks: [ended] };
}

/** A task that has ended, as its caller sees it. */
export const endedTaskOf = ({ endedAt, failure }: EndedTask): Task =>
  failure === undefined ? { state: 'succeeded', endedAt } : { state: 'failed', endedAt, failure };

/** The task of the command with that id after `change`, running or ended on the way; undefined where it is neither. */
export function taskOf(
  { state, endedTasks }: Pick<Change, 'state' | 'endedTasks'>,
  id: string,
): Task | undefined {
  const ended = endedTasks.find((task) => task.id === id);
  if (ended !== undefined) return endedTaskOf(ended);
  const activity = state.activities.find(
    (other) => other.id === id && other.command.kind !== 'journey',
  );
  if (activity === undefined) return undefined;
  return {
    state: 'running',
    startedAt: activity.schedule.startedAt,
    percentComplete: percentOf(activity.schedule, state.at),
    endsAt: endOf(activity.schedule),
  };
}
