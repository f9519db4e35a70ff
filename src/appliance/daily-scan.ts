/**
 * The daily scan for updates that a machine makes by itself (upd). Nearly all of them change nothing, and are no event: the machine has
 * no timer for them. An event is one that finds another update, one that fails, one that succeeds after a failure, and one that is left
 * out since the machine is off or updates already. Sources: upd, alerts (appliance.md §5, §12, §14).
 */
import { type Instant, later, milliseconds, plus } from '#shared/instant.ts';
import { causedBy, type Change, unchanged } from './change.ts';
import { type Condition, conditionsOf, has } from './conditions.ts';
import { RELEASES, publishedAt } from './releases.ts';
import { lastScanMoment, lastSuccessfulScanAt, nextScanMoment } from './scan-times.ts';
import { type ApplianceState, isRunning } from './state.ts';
import { isOff } from './status.ts';
import { failed, offerAt, scanned } from './updates.ts';

/** The next daily scan that changes something. */
export interface ScanDue {
  readonly at: Instant;
}

/** Whether no scan takes place: the machine is off, or busy with an update of its own. */
const isLeftOut = (state: ApplianceState, conditions: readonly Condition[]): boolean =>
  isRunning(state, 'scanForUpdates', 'downloadUpdates', 'installUpdates', 'reset') ||
  isOff(state, conditions);

/** Whether a scan cannot reach the update server, or a fault makes it fail. */
const isFailing = (conditions: readonly Condition[]): boolean =>
  has(conditions, 'uplinkDown') ||
  conditions.some(({ kind, stage }) => kind === 'updateFails' && stage === 'scan');

/** Whether the scan at `at` is an event, as things are now. */
function isEvent(state: ApplianceState, at: Instant): boolean {
  const conditions = conditionsOf(state);
  return (
    isLeftOut(state, conditions) ||
    isFailing(conditions) ||
    state.updates.failure?.stage === 'scan' ||
    offerAt(state, at) !== state.updates.offer
  );
}

/**
 * The next daily scan that is an event; undefined where none is to come as things are. All that changes with time alone is which
 * releases are published.
 */
export function nextScanDue(state: ApplianceState): ScanDue | undefined {
  const { spec, isActive, updates } = state;
  if (!isActive || updates.scansFrom === undefined) return undefined;
  const next = nextScanMoment(spec, later(state.at, updates.scansFrom));
  if (isEvent(state, next)) return { at: next };
  for (const release of RELEASES) {
    const published = publishedAt(release);
    if (published <= next) continue;
    const at = nextScanMoment(spec, plus(published, milliseconds(-1)));
    if (offerAt(state, at) !== updates.offer) return { at };
  }
  return undefined;
}

/** Plays the daily scan at `state.at`. */
export function playScan(before: ApplianceState): Change {
  const { spec, at } = before;
  const last = lastSuccessfulScanAt(before, plus(at, milliseconds(-1)));
  const state = {
    ...before,
    updates: {
      ...before.updates,
      scansFrom: lastScanMoment(spec, at),
      ...(last === undefined ? {} : { lastSuccessfulScanAt: last }),
    },
  };
  const conditions = conditionsOf(state);
  if (isLeftOut(state, conditions)) return unchanged(state);
  return causedBy(isFailing(conditions) ? failed(state, 'scan') : scanned(state), 'clock');
}
