/**
 * Holds: works that a condition holds up, and that go on when it is gone. What is left of a held work is as long afterwards as it was
 * before.
 */
import { between, type Instant, plus } from '#shared/instant.ts';
import type { Schedule } from '#shared/stages.ts';
import { type Condition, has } from './conditions.ts';
import { processOf } from './processes.ts';
import { stageOf } from './progress.ts';
import type { Activity, ApplianceState } from './state.ts';
import { isOff } from './status.ts';

/** Whether `activity` cannot go on under these conditions. */
function isHeld(
  state: ApplianceState,
  activity: Activity,
  conditions: readonly Condition[],
): boolean {
  if (conditions.length === 0) return false;
  const { needs, uplinkStages = [] } = processOf(activity.command);
  if (needs === 'nothing') return false;
  if (isOff(state, conditions)) return true;
  if (needs === 'allNodes' && has(conditions, 'nodeDown')) return true;
  if (!has(conditions, 'uplinkDown')) return false;
  return activity.isUndelivered === true || uplinkStages.includes(stageOf(state, activity) ?? '');
}

/** `schedule` with what is left of it after `from` moved to begin at `to`. */
function moved({ startedAt, endsAt }: Schedule, from: Instant, to: Instant): Schedule {
  const length = between(from, to);
  return { startedAt, endsAt: endsAt.map((end) => (end > from ? plus(end, length) : end)) };
}

/** `activity` held at `state.at`, or going on. */
function holding(
  state: ApplianceState,
  activity: Activity,
  conditions: readonly Condition[],
): Activity {
  const isToBeHeld = isHeld(state, activity, conditions);
  const { heldSince, isUndelivered, ...rest } = activity;
  if (isToBeHeld === (heldSince !== undefined)) return activity;
  if (isToBeHeld) return { ...activity, heldSince: state.at };
  if (heldSince === undefined) return activity;
  return {
    ...rest,
    ...(isUndelivered === true && has(conditions, 'uplinkDown') ? { isUndelivered } : {}),
    schedule: moved(activity.schedule, heldSince, state.at),
  };
}

/** `state` with every work held or going on as `conditions`, those of `state`, have it. */
export function withHolds(state: ApplianceState, conditions: readonly Condition[]): ApplianceState {
  const activities = state.activities.map((activity) => holding(state, activity, conditions));
  const isSame = activities.every((activity, index) => activity === state.activities[index]);
  return isSame ? state : { ...state, activities };
}

/** `activity` as it begins under `conditions`: the machine does not hear of a command from Azure while it is cut off. */
export function delivered<A extends Activity>(activity: A, conditions: readonly Condition[]): A {
  const { needs } = processOf(activity.command);
  const isFromAzure = needs === undefined || needs === 'allNodes';
  return isFromAzure && activity.stages.length > 0 && has(conditions, 'uplinkDown')
    ? { ...activity, isUndelivered: true }
    : activity;
}
