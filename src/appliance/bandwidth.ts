/**
 * Bandwidth schedules: the machine knows their names only. Days, times and rates are desired state and stay in the
 * resource; nothing is throttled here.
 * Sources: bw (appliance.md §16).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { CommandOf } from './process.ts';
import { settingProcesses } from './settings.ts';

const SCHEDULE_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

export const { put: putBandwidthSchedule, remove: deleteBandwidthSchedule } = settingProcesses<
  CommandOf<'putBandwidthSchedule'>,
  CommandOf<'deleteBandwidthSchedule'>
>({
  list: 'bandwidthSchedules',
  kinds: { put: 'putBandwidthSchedule', remove: 'deleteBandwidthSchedule' },
  subject: 'bandwidthSchedule',
  key: ['schedule'],
  noun: 'bandwidth schedule',
  table: SCHEDULE_CHANGE,
});
