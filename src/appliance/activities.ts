/**
 * The engine of the simulation: begins activities and plays what falls due, from one moment to a later one, in the order of time:
 * ends of stages, faults that begin or end, bandwidth schedules that do while something is transferred, changes of Arc's connectivity. It knows no kind of command; the processes do
 * (`processes.ts`).
 */
import type { Failure } from '#shared/failure.ts';
import { type Instant, later } from '#shared/instant.ts';
import { andThen, causedBy, type Change, unchanged, withFact } from './change.ts';
import { type CampaignDue, nextCampaignDue, playCampaign } from './campaigns.ts';
import type { Command, Request } from './commands.ts';
import { nextScanDue, playScan, type ScanDue } from './daily-scan.ts';
import { conditionsOf, has, isVaultGone } from './conditions.ts';
import { withConsequences } from './consequences.ts';
import { type FaultDue, nextFaultDue, playFault } from './faults.ts';
import { type ArcDue, nextArcDue } from './heartbeat.ts';
import { delivered } from './holds.ts';
import { endJob } from './jobs.ts';
import { startActivity } from './process.ts';
import { processOf } from './processes.ts';
import { causeOfWork } from './progress.ts';
import { nextPaceDue, type PaceDue, withPaces, withRateTold } from './pace.ts';
import { busy, vaultGone, volumeFull } from './refusals.ts';
import { ALLOWED_DURING_RESET } from './reset.ts';
import { type Activity, type ApplianceState, isRunning } from './state.ts';
import { endTask } from './tasks.ts';

/** The end of a stage. */
interface StageDue {
  readonly activity: Activity;
  /** The index of the stage that ends; -1 for an activity without stages. */
  readonly stage: number;
  readonly at: Instant;
}

/** What changes the state next without a command. */
type Due =
  | ({ readonly is: 'pace' } & PaceDue)
  | ({ readonly is: 'stage' } & StageDue)
  | ({ readonly is: 'fault' } & FaultDue)
  | ({ readonly is: 'campaign' } & CampaignDue)
  | ({ readonly is: 'arc' } & ArcDue)
  | ({ readonly is: 'scan' } & ScanDue);

/**
 * The next stage end of `activity` that changes the state. The last stage's end always does, another one's only if the process
 * lists an effect for it; or where a fault may hold the next stage, or make this one fail. Undefined while it is held.
 */
function dueOf(state: ApplianceState, activity: Activity): StageDue | undefined {
  if (activity.heldSince !== undefined) return undefined;
  const { effects = {} } = processOf(activity.command);
  const { endsAt, startedAt } = activity.schedule;
  const last = activity.stages.length - 1;
  const matters = (stage: number): boolean =>
    effects[activity.stages[stage] ?? ''] !== undefined ||
    (state.faults.length > 0 && (endsAt[stage] ?? startedAt) > state.at);
  let stage = activity.played;
  while (stage < last && !matters(stage)) stage++;
  stage = Math.min(stage, last);
  return { activity, stage, at: endsAt[stage] ?? startedAt };
}

/**
 * What is due first. Of several at the same moment it is a bandwidth schedule that begins or ends, so that none passes unseen behind
 * something else; then the stage of the activity that began first, then a fault, then Arc, then a scan.
 */
function nextDue(state: ApplianceState): Due | undefined {
  const pace = nextPaceDue(state);
  let next: Due | undefined = pace === undefined ? undefined : { is: 'pace', ...pace };
  for (const activity of state.activities) {
    const due = dueOf(state, activity);
    if (due !== undefined && (next === undefined || due.at < next.at))
      next = { is: 'stage', ...due };
  }
  const fault = nextFaultDue(state);
  if (fault !== undefined && (next === undefined || fault.at < next.at)) {
    next = { is: 'fault', ...fault };
  }
  const campaign = nextCampaignDue(state);
  if (campaign !== undefined && (next === undefined || campaign.at < next.at)) {
    next = { is: 'campaign', ...campaign };
  }
  const arc = nextArcDue(state.arc);
  if (arc !== undefined && (next === undefined || arc.at < next.at)) next = { is: 'arc', ...arc };
  const scan = nextScanDue(state);
  if (scan !== undefined && (next === undefined || scan.at < next.at)) {
    next = { is: 'scan', ...scan };
  }
  return next;
}

/** When the state changes next without a command; undefined when nothing is to come. */
export const nextChangeAt = (state: ApplianceState): Instant | undefined => nextDue(state)?.at;

const withoutActivity = (state: ApplianceState, activity: Activity): ApplianceState => ({
  ...state,
  activities: state.activities.filter((other) => other !== activity),
});

/** Ends `activity` after its last stage: first its job, then what the process changes, then its task. */
function endActivity(state: ApplianceState, activity: Activity): Change {
  const process = processOf(activity.command);
  const left = endJob(withoutActivity(state, activity), activity, 'Succeeded');
  const finished = andThen(left, (next) => process.finish?.(next, activity) ?? unchanged(next));
  return andThen(finished, (next) => endTask(next, activity));
}

/** Ends `activity` because a stage of it has failed: its job and its task fail, and the process says what is left behind. */
function failActivity(state: ApplianceState, activity: Activity, failure: Failure): Change {
  const process = processOf(activity.command);
  const left = endJob(withoutActivity(state, activity), activity, failure);
  const failed = andThen(
    left,
    (next) => process.fail?.(next, activity, failure) ?? unchanged(next),
  );
  return andThen(failed, (next) => endTask(next, activity, failure));
}

/** The end of one stage. */
function endStage(state: ApplianceState, { activity, stage }: StageDue): Change {
  const process = processOf(activity.command);
  const name = activity.stages[stage] ?? '';
  const failure = process.failureAt?.(state, name);
  if (failure !== undefined) return failActivity(state, activity, failure);
  if (stage >= activity.stages.length - 1) return endActivity(state, activity);
  const played = { ...activity, played: stage + 1 };
  const activities = state.activities.map((other) => (other === activity ? played : other));
  const moved = { ...state, activities };
  return process.effects?.[name]?.(moved, played) ?? unchanged(moved);
}

/** Arc notices that no heartbeat has come for too long. */
function tellArc(state: ApplianceState, to: ArcDue['to']): Change {
  const { arc } = state;
  if (arc === undefined) return unchanged(state);
  return withFact({ ...state, arc: { ...arc, told: to } }, 'arc.connectivityChanged', {
    addon: arc.addon,
    from: arc.told ?? 'Connected',
    to,
  });
}

/** Plays what is due at its own moment, with what follows from it. */
function playDue(before: ApplianceState, due: Due): Change {
  const state = { ...before, at: later(before.at, due.at) };
  switch (due.is) {
    case 'pace':
      return withRateTold(before, unchanged(withPaces(state, conditionsOf(state))), 'clock');
    case 'stage': {
      const cause = causeOfWork(due.activity);
      return withConsequences(before, causedBy(endStage(state, due), cause), cause);
    }
    case 'fault': {
      const cause = `fault/${due.fault.id}`;
      return withConsequences(before, causedBy(playFault(state, due), cause), cause);
    }
    case 'campaign': {
      const { id } = due.campaign;
      return playedCampaign(before, causedBy(playCampaign(state, due), `campaign/${id}`));
    }
    case 'arc':
      return causedBy(tellArc(state, due.to), state.arc?.silencedBy ?? 'clock');
    case 'scan':
      return playScan(state);
  }
}

/** A fault that a campaign injects is the cause of what follows from it. */
function playedCampaign(before: ApplianceState, change: Change): Change {
  const [injected] = change.facts;
  const fault = injected?.kind === 'fault.injected' ? injected.data.fault : undefined;
  return typeof fault === 'string' ? withConsequences(before, change, `fault/${fault}`) : change;
}

/** Plays everything that is due up to `now`, in the order of time. The resulting state is that of `now`. */
export function play(state: ApplianceState, now: Instant): Change {
  let change = unchanged(state);
  let due = nextDue(state);
  while (due !== undefined && due.at <= now) {
    const played = due;
    change = andThen(change, (next) => playDue(next, played));
    due = nextDue(change.state);
  }
  return now > change.state.at ? { ...change, state: { ...change.state, at: now } } : change;
}

/** Why the machine refuses `command` now, or undefined when it accepts it. */
export function refusalOf(state: ApplianceState, command: Command): Failure | undefined {
  if (isRunning(state, 'reset') && !ALLOWED_DURING_RESET.includes(command.kind)) {
    return busy('The device is being reset.');
  }
  const process = processOf(command);
  const refused = process.refuse(state, command);
  if (refused !== undefined) return refused;
  const conditions = conditionsOf(state);
  if (process.encrypts === true && isVaultGone(conditions)) return vaultGone();
  return has(conditions, 'storageFull') && process.fills?.(state, command) === true
    ? volumeFull('The data volume of the device is full. Delete data and retry the operation.')
    : undefined;
}

/** Begins the activity of an accepted request. An activity without stages ends at once. */
export function begin(state: ApplianceState, asked: Request): Change {
  const process = processOf(asked.command);
  const activity = delivered(startActivity(state, process, asked), conditionsOf(state));
  const begun = process.begin?.(state, activity) ?? unchanged(state);
  const taken = {
    ...begun,
    state: { ...begun.state, activities: [...begun.state.activities, activity] },
  };
  const cause = causeOfWork(activity);
  const following = process.causeOf?.(asked.command) ?? cause;
  const told = withConsequences(state, causedBy(taken, cause), following);
  return andThen(told, (next) => play(next, next.at));
}
