/**
 * Tasks: the states of commands. `activities.ts` and `reset.ts` end them. A caller that crashed asks again with the same id
 * and gets the state of its command, also after the end.
 */
import type { Failure } from '#shared/failure.ts';
import { endOf } from '#shared/stages.ts';
import { type Change, type EndedTask, unchanged } from './change.ts';
import type { Task } from './commands.ts';
import { progressOf } from './progress.ts';
import { type Activity, type ApplianceState, isOwnWork } from './state.ts';

/** Ends the task of `activity` at `state.at`, as failed when there is a `failure`. Work of the machine's own has no task. */
export function endTask(state: ApplianceState, activity: Activity, failure?: Failure): Change {
  if (isOwnWork(activity.command)) return unchanged(state);
  const ended: EndedTask = {
    id: activity.id,
    endedAt: state.at,
    ...(failure === undefined ? {} : { failure }),
  };
  return { ...unchanged(state), endedTasks: [ended] };
}

/** The state of a task that has ended. */
export const endedTaskOf = ({ endedAt, failure }: EndedTask): Task =>
  failure === undefined ? { state: 'succeeded', endedAt } : { state: 'failed', endedAt, failure };

/** The state of the task with that id after `change`: running, or ended on the way. Undefined when it is neither. */
export function taskOf(
  { state, endedTasks }: Pick<Change, 'state' | 'endedTasks'>,
  id: string,
): Task | undefined {
  const ended = endedTasks.find((task) => task.id === id);
  if (ended !== undefined) return endedTaskOf(ended);
  const activity = state.activities.find((other) => other.id === id && !isOwnWork(other.command));
  if (activity === undefined) return undefined;
  return {
    state: 'running',
    startedAt: activity.schedule.startedAt,
    percentComplete: progressOf(state, activity),
    endsAt: endOf(activity.schedule),
  };
}
