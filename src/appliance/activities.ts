/**
 * The engine of the simulation: begins activities and plays them, from one moment to a later one, stage end by stage end in
 * the order of time. It knows no kind of command; the processes do (`processes.ts`).
 */
import type { Failure } from '#shared/failure.ts';
import { type Instant, later } from '#shared/instant.ts';
import { andThen, type Change, unchanged } from './change.ts';
import type { Command, Request } from './commands.ts';
import { endJob } from './jobs.ts';
import { startActivity } from './process.ts';
import { processOf } from './processes.ts';
import { busy } from './refusals.ts';
import { ALLOWED_DURING_RESET } from './reset.ts';
import { type Activity, type ApplianceState, isRunning } from './state.ts';
import { endTask } from './tasks.ts';

/** A stage end that changes the state. */
interface Due {
  readonly activity: Activity;
  /** The index of the stage that ends; -1 for an activity without stages. */
  readonly stage: number;
  readonly at: Instant;
}

/**
 * The next stage end of `activity` that changes the state. The last stage's end always does, another one's only if the
 * process lists an effect for it.
 */
function dueOf(activity: Activity): Due {
  const effects = processOf(activity.command).effects ?? {};
  const last = activity.stages.length - 1;
  let stage = activity.played;
  while (stage < last && effects[activity.stages[stage] ?? ''] === undefined) stage++;
  stage = Math.min(stage, last);
  return { activity, stage, at: activity.schedule.endsAt[stage] ?? activity.schedule.startedAt };
}

/** The stage end that is due first. Of several at the same moment it is the one whose activity began first. */
function nextDue(state: ApplianceState): Due | undefined {
  let next: Due | undefined;
  for (const activity of state.activities) {
    const due = dueOf(activity);
    if (next === undefined || due.at < next.at) next = due;
  }
  return next;
}

/** When the state changes next without a command; undefined when no activity runs. */
export const nextChangeAt = (state: ApplianceState): Instant | undefined => nextDue(state)?.at;

/** Ends `activity` after its last stage: first its job, then what the process changes, then its task. */
function endActivity(state: ApplianceState, activity: Activity): Change {
  const process = processOf(activity.command);
  const activities = state.activities.filter((other) => other !== activity);
  const left = endJob({ ...state, activities }, activity, 'Succeeded');
  const finished = andThen(left, (next) => process.finish?.(next, activity) ?? unchanged(next));
  return andThen(finished, (next) => endTask(next, activity));
}

/** Plays the end of one stage, at its own moment. */
function playStage(before: ApplianceState, { activity, stage, at }: Due): Change {
  const state = { ...before, at: later(before.at, at) };
  if (stage >= activity.stages.length - 1) return endActivity(state, activity);
  const played = { ...activity, played: stage + 1 };
  const activities = state.activities.map((other) => (other === activity ? played : other));
  const effect = processOf(activity.command).effects?.[activity.stages[stage] ?? ''];
  const moved = { ...state, activities };
  return effect?.(moved, played) ?? unchanged(moved);
}

/** Plays everything that is due up to `now`, in the order of time. The resulting state is that of `now`. */
export function play(state: ApplianceState, now: Instant): Change {
  let change = unchanged(state);
  let due = nextDue(state);
  while (due !== undefined && due.at <= now) {
    const played = due;
    change = andThen(change, (next) => playStage(next, played));
    due = nextDue(change.state);
  }
  return now > change.state.at ? { ...change, state: { ...change.state, at: now } } : change;
}

/** Why the machine refuses `command` now, or undefined when it accepts it. */
export function refusalOf(state: ApplianceState, command: Command): Failure | undefined {
  if (isRunning(state, 'reset') && !ALLOWED_DURING_RESET.includes(command.kind)) {
    return busy('The device is being reset.');
  }
  return processOf(command).refuse(state, command);
}

/** Begins the activity of an accepted request. An activity without stages ends at once. */
export function begin(state: ApplianceState, asked: Request): Change {
  const process = processOf(asked.command);
  const activity = startActivity(state, process, asked);
  const begun = process.begin?.(state, activity) ?? unchanged(state);
  const taken = {
    ...begun,
    state: { ...begun.state, activities: [...begun.state.activities, activity] },
  };
  return andThen(taken, (next) => play(next, next.at));
}
