/**
 * The heartbeats of a cluster that is connected to Arc, computed and never ticked: where they count from and since when
 * the machine is silent is all that is stored. Called by `status.ts` and `observe.ts`.
 * Sources: arcconn (appliance.md §10.4).
 */
import { type Duration, days, type Instant, instant, minutes, plus } from '#shared/instant.ts';
import type { ObservedArc } from './observation.ts';
import type { ArcRecord } from './state.ts';

/** [ours]: three chances before 15 minutes are over. */
const HEARTBEAT_EVERY = minutes(5);
/** Silent for longer than this is Offline (arcconn). */
const OFFLINE_AFTER = minutes(15);
/** (arcconn) */
const CERTIFICATE_LASTS = days(90);
/** [ours]: with a third of its life left, so that the advice to connect every 30 days (arcconn) is enough. */
const CERTIFICATE_RENEWED_EVERY = days(60);

const wholeSteps = (from: Instant, to: Instant, step: Duration): number =>
  Math.floor(Math.max(0, to - from) / step);

/** The newest heartbeat up to `now`; undefined before the first. */
export function lastHeartbeatOf(arc: ArcRecord, now: Instant): Instant | undefined {
  if (arc.beatsFrom === undefined) return undefined;
  const until = arc.silentSince ?? now;
  return instant(
    arc.beatsFrom + wholeSteps(arc.beatsFrom, until, HEARTBEAT_EVERY) * HEARTBEAT_EVERY,
  );
}

/** When the identity certificate ends; it is renewed by heartbeats. Undefined before the first. */
export function certificateExpiryOf(arc: ArcRecord, now: Instant): Instant | undefined {
  const heartbeat = lastHeartbeatOf(arc, now);
  if (arc.connectedAt === undefined || heartbeat === undefined) return undefined;
  const renewals = wholeSteps(arc.connectedAt, heartbeat, CERTIFICATE_RENEWED_EVERY);
  return plus(instant(arc.connectedAt + renewals * CERTIFICATE_RENEWED_EVERY), CERTIFICATE_LASTS);
}

/** How Arc sees the cluster at `now`. */
export function connectivityOf(arc: ArcRecord, now: Instant): ObservedArc['connectivity'] {
  const heartbeat = lastHeartbeatOf(arc, now);
  const expiry = certificateExpiryOf(arc, now);
  if (heartbeat === undefined || expiry === undefined) return 'Connecting';
  if (now > expiry) return 'Expired';
  return now - heartbeat > OFFLINE_AFTER ? 'Offline' : 'Connected';
}

/** The machine goes out of reach at `at`. */
export function silenced(arc: ArcRecord, at: Instant): ArcRecord {
  return arc.beatsFrom === undefined || arc.silentSince !== undefined
    ? arc
    : { ...arc, silentSince: at };
}

/** The machine is back at `at`, and its agents say so at once. */
export function resumed(arc: ArcRecord, at: Instant): ArcRecord {
  const { silentSince, ...rest } = arc;
  return silentSince === undefined ? arc : { ...rest, beatsFrom: at };
}
