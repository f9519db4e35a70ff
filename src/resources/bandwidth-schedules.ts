/**
 * bandwidthSchedules: when the device may use how much bandwidth towards Azure. The smallest whole resource type, and
 * the one to copy: schema, checks, plans, view, in this order, and nothing else.
 *
 * Sources: bw (rates, all-day), [S] for the shapes and the normalised times, [rec 9–11] for the verbs.
 */
import { Type } from 'typebox';
import { named, object, oneOf } from '#arm/schema.ts';
import { int32 } from '#arm/shapes.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

const DAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

/** The slowest rate a schedule may set, in Mbps; 0 stands for "no limit" [bw; the 0 is ours: §16 NF]. */
const MIN_RATE_MBPS = 20;
const MAX_RATE_MBPS = 2_147_483_647;

const schema = object(
  {
    ...envelope,
    properties: object(
      {
        /** UTC, `H:m:s`. */
        start: Type.String(),
        stop: Type.String(),
        rateInMbps: Type.Integer({ minimum: 0, maximum: MAX_RATE_MBPS, ...int32 }),
        days: Type.Array(oneOf(DAYS, named('DayOfWeek'))),
      },
      named('BandwidthScheduleProperties'),
    ),
    systemData: systemDataSince('2020-09-01'),
  },
  named('BandwidthSchedule'),
);

type Schedule = Accepted<typeof schema>;

export const bandwidthSchedules = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/bandwidthSchedules',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: {
      id: 'BandwidthSchedules_ListByDataBoxEdgeDevice',
      published: { listName: 'BandwidthSchedulesList' },
    },
    get: { id: 'BandwidthSchedules_Get' },
    put: { id: 'BandwidthSchedules_CreateOrUpdate', plan: planPut },
    delete: { id: 'BandwidthSchedules_Delete', plan: planDelete },
  },
  check,
  view,
});

async function check(_target: Target, { properties }: Schedule): Promise<readonly Fault[]> {
  const { start, stop, rateInMbps, days } = properties;
  const faults: Fault[] = [];
  for (const [member, time] of Object.entries({ start, stop })) {
    if (normalisedTime(time) === undefined) {
      faults.push({
        target: `properties.${member}`,
        message: `'${time}' is not a time of day; write hours, minutes and seconds as 'HH:mm:ss'.`,
      });
    }
  }
  if (rateInMbps !== 0 && rateInMbps < MIN_RATE_MBPS) {
    faults.push({
      target: 'properties.rateInMbps',
      message: `The rate must be ${MIN_RATE_MBPS} Mbps or more, or 0 for no limit.`,
    });
  }
  if (days.length === 0) {
    faults.push({ target: 'properties.days', message: 'At least one day must be given.' });
  }
  if (new Set(days).size !== days.length) {
    faults.push({ target: 'properties.days', message: 'A day must not be given twice.' });
  }
  return faults;
}

async function planPut(target: Target, { properties }: Schedule) {
  const { start, stop, rateInMbps, days } = properties;
  const limit = {
    weekdays: days.map((day) => DAYS.indexOf(day)),
    startSecond: secondOfDay(start),
    stopSecond: secondOfDay(stop),
    rateInMbps,
  };
  return [machineStep(target, { kind: 'putBandwidthSchedule', schedule: target.name, limit })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteBandwidthSchedule', schedule: target.name })];
}

async function view(target: Existing<Schedule>): Promise<Shown<typeof schema>> {
  const { start, stop, rateInMbps, days } = target.resource.body.properties;
  return {
    properties: {
      start: normalisedTime(start) ?? start,
      stop: normalisedTime(stop) ?? stop,
      rateInMbps,
      days,
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules'),
  };
}

/** Seconds since midnight. */
function secondOfDay(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = (normalisedTime(time) ?? '').split(':').map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}

/** `0:0:0` as `00:00:00` [S]; undefined when it is no time of day. Seconds may be left out. */
function normalisedTime(time: string): string | undefined {
  const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(time);
  if (match === null) return undefined;
  const [, hours = '', minutes = '', seconds = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':');
}
