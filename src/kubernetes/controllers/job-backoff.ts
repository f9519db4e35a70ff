/**
 * How long a Job waits before it tries again after pods have failed. What it remembers lies beside the Job in its row.
 * Source: controller/job/backoff_utils.go (kubernetes-facts.md 4.5).
 */
import {
  type Instant,
  instant,
  later,
  milliseconds,
  minutes,
  plus,
  seconds,
} from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Entry } from '../objects/entry.ts';
import { minorVersion, type World } from '../world.ts';
import { type Ended, endOf } from './job-pods.ts';

interface Backoff {
  /** How many pods have failed since the last one that succeeded. */
  readonly failures: number;
  /** When the last of them did, in milliseconds. */
  readonly lastFailureAt: number;
}

const FIRST_WAIT = seconds(10);
const LONGEST_WAIT = minutes(10);
const FORMER_LONGEST_WAIT = seconds(360);
/** From this minor version on the longest wait is longer. */
const FIRST_LONGER = 28;

const backoffOf = ({ simulation }: Entry): Backoff | undefined =>
  simulation as unknown as Backoff | undefined;

/** Notes what has ended: pods that failed after the last success count. */
export function noteEnded(world: World, job: Entry, { succeeded, failed }: Ended): void {
  if (succeeded.length === 0 && failed.length === 0) return;
  const ends = (pods: readonly Entry[]): Instant[] => pods.map((pod) => endOf(pod, world.now));
  const lastSuccess = ends(succeeded).reduce<Instant | undefined>(
    (last, end) => (last === undefined ? end : later(last, end)),
    undefined,
  );
  const counted = ends(failed).filter((end) => lastSuccess === undefined || end > lastSuccess);
  const before = lastSuccess === undefined ? backoffOf(job) : undefined;
  const failures = (before?.failures ?? 0) + counted.length;
  const lastFailureAt = counted.reduce<number>(
    (last, end) => Math.max(last, end),
    before?.lastFailureAt ?? 0,
  );
  const next: Backoff = { failures, lastFailureAt };
  world.store.remember(job, next as unknown as JsonObject);
}

/** When the next pod may be made; undefined: at once. */
export function nextTryAt(world: World, job: Entry): Instant | undefined {
  const { failures = 0, lastFailureAt = 0 } = backoffOf(job) ?? {};
  if (failures === 0) return undefined;
  const longest = minorVersion(world) >= FIRST_LONGER ? LONGEST_WAIT : FORMER_LONGEST_WAIT;
  const wait = Math.min(FIRST_WAIT * 2 ** (failures - 1), longest);
  const at = plus(instant(lastFailureAt), milliseconds(wait));
  return at > world.now ? at : undefined;
}
