/** Waiting for another process to give a cluster up, or for a dead one's lease to end. */
import { monotonicNow } from '#shared/instant.ts';

/** As long as a dead owner may seem to live, which is its lease and a look at it, with room to spare. */
const LONGEST_WAIT_MS = 8000;
const WAIT_MS = 30;

/** Waits for a moment, wall; false, at once, where that has gone on for too long since `beganAt` of the monotonic clock. */
export async function waitForOther(beganAt: number): Promise<boolean> {
  if (monotonicNow() - beganAt > LONGEST_WAIT_MS) return false;
  await new Promise<void>((resolve) => {
    // eslint-disable-next-line no-restricted-syntax -- another process needs real time to end what it does
    setTimeout(resolve, WAIT_MS);
  });
  return true;
}
