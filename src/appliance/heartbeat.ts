/**
 * The heartbeats of a cluster that is connected to Arc. They are computed, not stored: the state has only the moment from
 * which they count and the moment at which the machine became unreachable.
 * Sources: arcconn (appliance.md §10.4).
 */
import { days, type Duration, type Instant, instant, minutes, plus } from '#shared/instant.ts';
import type { ObservedArc } from './observation.ts';
import type { ArcRecord } from './state.ts';

/** Every five minutes [ours]: three heartbeats can be lost before the limit of 15 minutes. */
const HEARTBEAT_EVERY = minutes(5);
/** A cluster without a heartbeat for longer than this is Offline (arcconn). */
const OFFLINE_AFTER = minutes(15);
/** How long an identity certificate is valid (arcconn). */
const CERTIFICATE_LASTS = days(90);
/** Renewed with a third of its life left [ours], so that connecting every 30 days, as documented (arcconn), is enough. */
const CERTIFICATE_RENEWED_EVERY = days(60);

const wholeSteps = (from: Instant, to: Instant, step: Duration): number =>
  Math.floor(Math.max(0, to - from) / step);

/** The newest heartbeat at or before `now`; undefined before the first one. */
export function lastHeartbeatOf(arc: ArcRecord, now: Instant): Instant | undefined {
  if (arc.beatsFrom === undefined) return undefined;
  const until = arc.silentSince ?? now;
  return instant(
    arc.beatsFrom + wholeSteps(arc.beatsFrom, until, HEARTBEAT_EVERY) * HEARTBEAT_EVERY,
  );
}

/** When the identity certificate expires; heartbeats renew it. Undefined before the first heartbeat. */
export function certificateExpiryOf(arc: ArcRecord, now: Instant): Instant | undefined {
  const heartbeat = lastHeartbeatOf(arc, now);
  if (arc.connectedAt === undefined || heartbeat === undefined) return undefined;
  const renewals = wholeSteps(arc.connectedAt, heartbeat, CERTIFICATE_RENEWED_EVERY);
  return plus(instant(arc.connectedAt + renewals * CERTIFICATE_RENEWED_EVERY), CERTIFICATE_LASTS);
}

/** The connectivity that Arc shows for the cluster at `now`. */
export function connectivityOf(arc: ArcRecord, now: Instant): ObservedArc['connectivity'] {
  const heartbeat = lastHeartbeatOf(arc, now);
  const expiry = certificateExpiryOf(arc, now);
  if (heartbeat === undefined || expiry === undefined) return 'Connecting';
  if (now > expiry) return 'Expired';
  return now - heartbeat > OFFLINE_AFTER ? 'Offline' : 'Connected';
}

/** The record of a machine that becomes unreachable at `at`. */
export function silenced(arc: ArcRecord, at: Instant): ArcRecord {
  return arc.beatsFrom === undefined || arc.silentSince !== undefined
    ? arc
    : { ...arc, silentSince: at };
}

/** The record of a machine that is reachable again at `at`; its agents send a heartbeat immediately. */
export function resumed(arc: ArcRecord, at: Instant): ArcRecord {
  const { silentSince, ...rest } = arc;
  return silentSince === undefined ? arc : { ...rest, beatsFrom: at };
}
