/**
 * How fast works go that need the connection to Azure: a slow connection stretches whatever needs it, and a bandwidth schedule the transfers
 * of data. What is left of a work is stretched when its pace changes, or shrunk.
 * Sources: bw, prep (appliance.md §3, §16).
 */
import { type Instant, later, milliseconds, plus } from '#shared/instant.ts';
import type { Schedule } from '#shared/stages.ts';
import { boundariesAfter, rateAt } from './bandwidth.ts';
import { andThen, causedBy, type Change, withFact } from './change.ts';
import { type Condition, conditionsOf, has } from './conditions.ts';
import { processOf } from './processes.ts';
import { hasEnded, stageOf } from './progress.ts';
import type { Activity, ApplianceState } from './state.ts';

/** How many times as long everything takes over a slow connection `[ours]`. */
const SLOW = 8;
/** The rate of one transfer that nothing limits, in Mbps `[ours]`: about that of an update's download (update-packages.ts). */
const USUAL_RATE_MBPS = 100;

/** Whether `activity` transfers data, or is to; one that is held does not. */
const isTransferring = (state: ApplianceState, activity: Activity): boolean =>
  activity.heldSince === undefined &&
  (processOf(activity.command).transferStages ?? []).some(
    (stage) => !hasEnded(state, activity, stage),
  );

/** How many times as long as usual works take: in all that needs the connection, and in transfers. */
interface Pace {
  readonly slowedBy: number;
  readonly throttledBy: number;
}

/** The works of `state` that transfer data. */
const transfersOf = (state: ApplianceState): readonly Activity[] =>
  state.activities.filter((activity) => isTransferring(state, activity));

/**
 * The pace at `at` if `count` transfers run then. The rate of a schedule is the device's, and each of them has an equal part, which it takes
 * from its begin on `[ours]`.
 */
function paceAt(
  state: ApplianceState,
  at: Instant,
  { isSlow, count }: { readonly isSlow: boolean; readonly count: number },
): Pace {
  const slowedBy = isSlow ? SLOW : 1;
  const rate = rateAt(state, at);
  const share = rate === undefined ? 1 : (USUAL_RATE_MBPS * count) / rate;
  return { slowedBy, throttledBy: Math.max(slowedBy, share) };
}

/** The pace that `activity` has. */
const paceOf = ({ slowedBy = 1, throttledBy = slowedBy }: Activity): Pace => ({
  slowedBy,
  throttledBy,
});

/** `schedule` with what is left of each stage after `now` taking `factorOf` its index times as long. */
function stretched(
  { startedAt, endsAt }: Schedule,
  now: Instant,
  factorOf: (index: number) => number,
): Schedule {
  let begin = now;
  let end = now;
  const ends = endsAt.map((before, index) => {
    if (before <= now) return before;
    const left = before - later(begin, now);
    begin = before;
    end = plus(end, milliseconds(Math.ceil(left * factorOf(index))));
    return end;
  });
  return { startedAt, endsAt: ends };
}

/** `activity` at another pace from `state.at` on. */
function paced(state: ApplianceState, activity: Activity, pace: Pace): Activity {
  const { uplinkStages = [], transferStages = [] } = processOf(activity.command);
  const before = paceOf(activity);
  const wanted = isTransferring(state, activity) ? pace : { ...pace, throttledBy: pace.slowedBy };
  const isSame = wanted.slowedBy === before.slowedBy && wanted.throttledBy === before.throttledBy;
  if (isSame || uplinkStages.length === 0 || activity.heldSince !== undefined) return activity;
  const { slowedBy: _slowedBy, throttledBy: _throttledBy, ...rest } = activity;
  const factorOf = (index: number): number => {
    const stage = activity.stages[index] ?? '';
    if (transferStages.includes(stage)) return wanted.throttledBy / before.throttledBy;
    return uplinkStages.includes(stage) ? wanted.slowedBy / before.slowedBy : 1;
  };
  return {
    ...rest,
    schedule: stretched(activity.schedule, state.at, factorOf),
    ...(wanted.slowedBy === 1 ? {} : { slowedBy: wanted.slowedBy }),
    ...(wanted.throttledBy === wanted.slowedBy ? {} : { throttledBy: wanted.throttledBy }),
  };
}

/** `state` with every work as fast as the connection and the schedules allow; `conditions` are those of `state`. */
export function withPaces(state: ApplianceState, conditions: readonly Condition[]): ApplianceState {
  if (state.activities.length === 0) return state;
  const isSlow = has(conditions, 'uplinkSlow');
  const pace = paceAt(state, state.at, { isSlow, count: transfersOf(state).length });
  const activities = state.activities.map((activity) => paced(state, activity, pace));
  const isSame = activities.every((activity, index) => activity === state.activities[index]);
  return isSame ? state : { ...state, activities };
}

const BYTES_PER_MEGABIT = 125_000;

/** Bytes a second that are transferred at `state.at`: in all, and for shares. */
function transferRates(state: ApplianceState): { readonly all: number; readonly shares: number } {
  let all = 0;
  let shares = 0;
  for (const activity of state.activities) {
    const { transferStages = [] } = processOf(activity.command);
    const isNow =
      activity.heldSince === undefined && transferStages.includes(stageOf(state, activity) ?? '');
    if (!isNow) continue;
    const rate = Math.round((USUAL_RATE_MBPS * BYTES_PER_MEGABIT) / paceOf(activity).throttledBy);
    all += rate;
    if (activity.command.kind === 'refreshShare') shares += rate;
  }
  return { all, shares };
}

/** `change`, which began at `before`, with the fact of another rate of transfers where it is another one. */
export function withRateTold(before: ApplianceState, change: Change, cause: string): Change {
  const [was, is] = [transferRates(before), transferRates(change.state)];
  if (was.all === is.all && was.shares === is.shares) return change;
  return andThen(change, (state) =>
    causedBy(
      withFact(state, 'transfer.rateChanged', {
        bytesPerSecond: is.all,
        ofShares: is.shares,
      }),
      cause,
    ),
  );
}

/** The beginning or the end of a schedule that changes the pace of a work. */
export interface PaceDue {
  readonly at: Instant;
}

/** The next beginning or end of a schedule that changes the pace of a transfer; undefined where none runs, so that schedules alone set no timer. */
export function nextPaceDue(state: ApplianceState): PaceDue | undefined {
  if (state.activities.length === 0 || state.bandwidthSchedules.length === 0) return undefined;
  const transfers = transfersOf(state);
  const [first] = transfers;
  if (first === undefined) return undefined;
  const isSlow = has(conditionsOf(state), 'uplinkSlow');
  const { throttledBy } = paceOf(first);
  const at = boundariesAfter(state, state.at).find(
    (moment) =>
      paceAt(state, moment, { isSlow, count: transfers.length }).throttledBy !== throttledBy,
  );
  return at === undefined ? undefined : { at };
}
