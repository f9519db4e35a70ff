/**
 * The heartbeats of a cluster that is connected to Arc. They are computed, not stored: the state has only the moment from
 * which they count and the moment at which the machine became unreachable.
 * Sources: arcconn (appliance.md §10.4).
 */
import {
  days,
  type Duration,
  type Instant,
  instant,
  milliseconds,
  minutes,
  plus,
} from '#shared/instant.ts';
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

/** The record of agents that fall silent at `at`, because of `cause`. */
export function silenced(arc: ArcRecord, at: Instant, cause: string): ArcRecord {
  return arc.beatsFrom === undefined || arc.silentSince !== undefined
    ? arc
    : { ...arc, silentSince: at, silencedBy: cause };
}

/** The record of agents that are heard again from `at` on; they send a heartbeat immediately. */
export function resumed(arc: ArcRecord, at: Instant): ArcRecord {
  const { silentSince, silencedBy: _silencedBy, told: _told, ...rest } = arc;
  return silentSince === undefined ? arc : { ...rest, beatsFrom: at };
}

/** A change of the connectivity that comes by itself, and when. */
export interface ArcDue {
  readonly at: Instant;
  readonly to: 'Offline' | 'Expired';
}

/** The next change of the connectivity during a silence; undefined while heartbeats arrive, and after the last one. */
export function nextArcDue(arc: ArcRecord | undefined): ArcDue | undefined {
  if (arc?.silentSince === undefined || arc.told === 'Expired') return undefined;
  const heartbeat = lastHeartbeatOf(arc, arc.silentSince);
  const expiry = certificateExpiryOf(arc, arc.silentSince);
  if (heartbeat === undefined || expiry === undefined) return undefined;
  // Both begin when the limit has passed.
  return arc.told === undefined
    ? { at: plus(plus(heartbeat, OFFLINE_AFTER), milliseconds(1)), to: 'Offline' }
    : { at: plus(expiry, milliseconds(1)), to: 'Expired' };
}
