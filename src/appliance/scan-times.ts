/**
 * When a machine scans for updates by itself: once a day (upd), at a minute of the day that is drawn for it. A scan that changes nothing
 * is nowhere stored: that it was follows from the clock (docs/decisions/0022-daily-scans.md).
 */
import { days, type Instant, instant, later, minutes, plus } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import type { MachineSpec } from './commands.ts';
import type { ApplianceState } from './state.ts';

const DAY = days(1);

/** The minute of the day in UTC, drawn so that machines do not all scan at once `[ours]`. */
const minuteOf = ({ seed }: MachineSpec): number => wholeNumber(0, 1439, seed, 'daily scan');

/** The last moment of a daily scan up to `at`, that one included. */
export function lastScanMoment(spec: MachineSpec, at: Instant): Instant {
  const offset = minutes(minuteOf(spec));
  return instant(Math.floor((at - offset) / DAY) * DAY + offset);
}

/** The first moment of a daily scan after `at`. */
export const nextScanMoment = (spec: MachineSpec, at: Instant): Instant =>
  plus(lastScanMoment(spec, at), DAY);

/**
 * When a scan last succeeded, up to `at`: one that is stored, or a daily one. Daily ones after `scansFrom` have all succeeded and found
 * nothing new, since any other one is an event that sets it anew.
 */
export function lastSuccessfulScanAt(
  { spec, isActive, updates }: Pick<ApplianceState, 'spec' | 'isActive' | 'updates'>,
  at: Instant,
): Instant | undefined {
  const { scansFrom, lastSuccessfulScanAt: stored } = updates;
  const last = lastScanMoment(spec, at);
  if (!isActive || scansFrom === undefined || last <= scansFrom) return stored;
  return stored === undefined ? last : later(stored, last);
}
