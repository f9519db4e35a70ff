/**
 * Bandwidth schedules: the machine keeps to those it knows by name. Called through `processes.ts`. Never knows days,
 * times or rates: those are its resource's wishes, and nothing is throttled here.
 * Sources: bw (appliance.md §16).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseUnlessActive } from './refusals.ts';
import { type ApplianceState, tell, unchanged, worksOf } from './state.ts';

export const SCHEDULE_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

const refuseBusy = (state: ApplianceState, schedule: string) =>
  [...worksOf(state, 'putBandwidthSchedule'), ...worksOf(state, 'deleteBandwidthSchedule')].some(
    (work) => work.command.schedule === schedule,
  )
    ? busy(`The bandwidth schedule ${schedule} is being created, changed or removed.`)
    : undefined;

export const putBandwidthSchedule: Process<CommandOf<'putBandwidthSchedule'>> = {
  subject: (command) => command.schedule,
  refuse: (state, { schedule }) => refuseUnlessActive(state) ?? refuseBusy(state, schedule),
  table: () => SCHEDULE_CHANGE,
  finish: (state, { command: { schedule } }) =>
    state.bandwidthSchedules.includes(schedule)
      ? tell(state, 'bandwidthSchedule.changed', { schedule })
      : tell(
          { ...state, bandwidthSchedules: [...state.bandwidthSchedules, schedule] },
          'bandwidthSchedule.created',
          { schedule },
        ),
};

export const deleteBandwidthSchedule: Process<CommandOf<'deleteBandwidthSchedule'>> = {
  subject: (command) => command.schedule,
  refuse: (state, { schedule }) => refuseBusy(state, schedule),
  table: (state, { schedule }) =>
    state.bandwidthSchedules.includes(schedule) ? SCHEDULE_CHANGE : [],
  finish: (state, { command: { schedule } }) => {
    if (!state.bandwidthSchedules.includes(schedule)) return unchanged(state);
    const left = state.bandwidthSchedules.filter((name) => name !== schedule);
    return tell({ ...state, bandwidthSchedules: left }, 'bandwidthSchedule.deleted', { schedule });
  },
};
