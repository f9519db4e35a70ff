/** Times that clients write without a zone: they are in the device's own (databoxedge-contract §5). */
import { formatInstant, type Instant, minutes, parseInstant, plus } from '#shared/instant.ts';

/** Windows names of time zones that machines have, as the rest of the world writes them. */
const ZONES: Readonly<Record<string, string>> = { 'Pacific Standard Time': 'America/Los_Angeles' };

/** How far `zone` is from UTC at a moment, in minutes. */
function offsetMinutes(zone: string, at: Instant): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hour = '0', minute = '0'] = /([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return Number(`${sign}1`) * (Number(hour) * 60 + Number(minute));
}

/** `text` as `2026-03-02T09:00:00Z`, to the second; undefined where it is no date and time. UTC where the zone is unknown. */
export function utcOf(text: string, deviceZone: string | undefined): string | undefined {
  const moment = parseInstant(text) ?? localInstant(text, ZONES[deviceZone ?? ''] ?? 'UTC');
  return moment === undefined ? undefined : formatInstant(moment).replace(/\.\d+Z$/, 'Z');
}

function localInstant(text: string, zone: string): Instant | undefined {
  const asUtc = parseInstant(`${text}Z`);
  if (asUtc === undefined) return undefined;
  const guess = plus(asUtc, minutes(-offsetMinutes(zone, asUtc)));
  // Once more from there: near the change to or from summer time the first guess can be an hour off.
  return plus(asUtc, minutes(-offsetMinutes(zone, guess)));
}
