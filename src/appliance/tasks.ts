/**
 * Tasks: how each command came out. Called by `works.ts` and `reset.ts`, and by `observe.ts` which shows them. A caller
 * that crashed asks again by the same id and learns how it stands, also after the end.
 */
import type { Failure } from '#shared/failure.ts';
import { endOf, percentOf } from '#shared/stages.ts';
import type { Task } from './commands.ts';
import type { ApplianceState, EndedTask, Work } from './state.ts';

/** How many ended ones are kept: the newest. [ours]: far more than can be waited for at once. */
const KEPT_TASKS = 500;

/** `state` with the task of that id ended now, as failed when there is a `failure`. */
export function withEndedTask(
  state: ApplianceState,
  id: string,
  failure?: Failure,
): ApplianceState {
  const ended: EndedTask = {
    id,
    endedAt: state.at,
    ...(failure === undefined ? {} : { failure }),
  };
  return { ...state, endedTasks: [...state.endedTasks, ended].slice(-KEPT_TASKS) };
}

/** Whether the machine has done, or is doing, the command of that id. */
export const hasTask = (state: ApplianceState, id: string): boolean =>
  state.works.some((work) => work.id === id && work.command.kind !== 'journey') ||
  state.endedTasks.some((task) => task.id === id);

const runningTaskOf = (state: ApplianceState, work: Work): Task => ({
  state: 'running',
  startedAt: work.schedule.startedAt,
  percentComplete: percentOf(work.schedule, state.at),
  endsAt: endOf(work.schedule),
});

const endedTaskOf = ({ endedAt, failure }: EndedTask): Task =>
  failure === undefined ? { state: 'succeeded', endedAt } : { state: 'failed', endedAt, failure };

/** All known tasks by id: ended ones first, oldest first. */
export const tasksOf = (state: ApplianceState): readonly (readonly [id: string, task: Task])[] => [
  ...state.endedTasks.map((task) => [task.id, endedTaskOf(task)] as const),
  ...state.works
    .filter((work) => work.command.kind !== 'journey')
    .map((work) => [work.id, runningTaskOf(state, work)] as const),
];
