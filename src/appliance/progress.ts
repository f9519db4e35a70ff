/** How far an activity has come: computed from the clock, or from the moment since which it is held. */
import type { Instant } from '#shared/instant.ts';
import { endedStages, percentOf } from '#shared/stages.ts';
import type { Activity, ApplianceState } from './state.ts';

/** The moment that counts for `activity`: no time passes for one that is held. */
export const workTimeOf = (state: ApplianceState, activity: Activity): Instant =>
  activity.heldSince ?? state.at;

/** The stage of `activity` that is running at `state.at`; undefined after the last one. */
export const stageOf = (state: ApplianceState, activity: Activity): string | undefined =>
  activity.stages[endedStages(activity.schedule, workTimeOf(state, activity))];

/** When the stage of `activity` ends that is running at `state.at`; undefined after the last one, and while it is held. */
export const nextStageEndOf = (state: ApplianceState, activity: Activity): Instant | undefined =>
  activity.heldSince === undefined
    ? activity.schedule.endsAt[endedStages(activity.schedule, state.at)]
    : undefined;

/** Whether the stage of that name in `activity` has ended by `state.at`. */
export const hasEnded = (state: ApplianceState, activity: Activity, stage: string): boolean =>
  activity.stages.indexOf(stage) < endedStages(activity.schedule, workTimeOf(state, activity));

/** When the stage of that name began in `activity`. */
export const beginOf = (activity: Activity, stage: string): Instant =>
  activity.schedule.endsAt[activity.stages.indexOf(stage) - 1] ?? activity.schedule.startedAt;

/** The progress of `activity` in whole percent of its length. */
export const progressOf = (state: ApplianceState, activity: Activity): number =>
  percentOf(activity.schedule, workTimeOf(state, activity));

/** The cause of what `activity` brings about. */
export const causeOfWork = (activity: Activity): string =>
  activity.cause ?? `command/${activity.id}`;
