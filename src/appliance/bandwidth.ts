/**
 * Bandwidth schedules: on which days and at which times the transfers between the machine and the cloud have which rate. Days and times
 * are in UTC, as the contract has them ([S] BandwidthScheduleProperties). How a rate stretches a transfer is in `pace.ts`.
 * Sources: bw, [S] (appliance.md §16).
 */
import { days, type Instant, instant, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { BandwidthLimit } from './commands.ts';
import { itemProcesses, recordsIn } from './items.ts';
import type { CommandOf } from './process.ts';
import type { ApplianceState, BandwidthScheduleRecord } from './state.ts';

const SCHEDULE_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

export const { put: putBandwidthSchedule, remove: deleteBandwidthSchedule } = itemProcesses<
  CommandOf<'putBandwidthSchedule'>,
  CommandOf<'deleteBandwidthSchedule'>,
  BandwidthScheduleRecord
>({
  noun: 'bandwidth schedule',
  subject: 'bandwidthSchedule',
  key: ['schedule'],
  kinds: { put: 'putBandwidthSchedule', remove: 'deleteBandwidthSchedule' },
  records: recordsIn('bandwidthSchedules'),
  stages: { creation: SCHEDULE_CHANGE, change: SCHEDULE_CHANGE, removal: SCHEDULE_CHANGE },
  recordAtEnd: ({ schedule, limit }) => ({
    name: schedule,
    ...(limit === undefined ? {} : { limit }),
  }),
  isProvisioning: false,
});

const DAY = days(1);
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;

const midnightOf = (at: Instant): number => Math.floor(at / DAY) * DAY;

/** The day of the week in UTC; 0 is Sunday. */
const weekdayOf = (at: Instant): number => (Math.floor(at / DAY) + FIRST_WEEKDAY) % 7;

/** The limits of the machine's schedules that slow anything: a rate of 0 stands for no limit. */
const limitsOf = ({ bandwidthSchedules }: ApplianceState): readonly BandwidthLimit[] =>
  bandwidthSchedules.flatMap(({ limit }) =>
    limit === undefined || limit.rateInMbps === 0 ? [] : [limit],
  );

/** Whether `limit` holds at `at`: from its start on, its stop not included. One that stops no later than it starts, stops the day after [ours]. */
function holdsAt({ weekdays, startSecond, stopSecond }: BandwidthLimit, at: Instant): boolean {
  const today = weekdayOf(at);
  const second = (at - midnightOf(at)) / 1000;
  const isOn = (weekday: number): boolean => weekdays.includes(weekday);
  if (startSecond < stopSecond) {
    return isOn(today) && second >= startSecond && second < stopSecond;
  }
  return (isOn(today) && second >= startSecond) || (isOn((today + 6) % 7) && second < stopSecond);
}

/** The rate in Mbps that the schedules leave at `at`: the lowest where several hold [ours]; undefined where none does. */
export function rateAt(state: ApplianceState, at: Instant): number | undefined {
  const rates = limitsOf(state)
    .filter((limit) => holdsAt(limit, at))
    .map(({ rateInMbps }) => rateInMbps);
  return rates.length === 0 ? undefined : Math.min(...rates);
}

/** The moments of the week after `at` at which a schedule begins or ends, in order. None where nothing is limited. */
export function boundariesAfter(state: ApplianceState, at: Instant): readonly Instant[] {
  const midnight = midnightOf(at);
  const moments = new Set<Instant>();
  for (const { startSecond, stopSecond } of limitsOf(state)) {
    for (let day = 0; day <= 7; day++) {
      for (const second of [startSecond, stopSecond]) {
        moments.add(instant(midnight + day * DAY + seconds(second)));
      }
    }
  }
  return [...moments].filter((moment) => moment > at).toSorted((one, other) => one - other);
}
