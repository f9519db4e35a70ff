/**
 * Tells when the process has nothing to do: what it should give back then, it can give back without making anybody wait.
 * Called by `main.ts`; about the process, not about the world that it simulates.
 */
import { type EventLoopUtilization, eventLoopUtilization } from 'node:perf_hooks';

/** How often the event loop is looked at, wall. */
const LOOK_MS = 500;
/** Share of the time between looks above which something is going on; looking for due timers takes less. */
const BUSY = 0.05;

/**
 * At which looks without work in between it is time to rest: after two seconds, and once more for what is let go of soon after the last
 * use, such as clusters in memory. Not in every short pause: the first requests after a rest take half as long again (docs/decisions/0028).
 */
const REST_AT = [4, 6];

/**
 * Calls `rest` after each spell of work: once at its end and once soon after. `busyShare` tells how much of the time since it was last
 * asked went into work.
 */
export function whenIdle(rest: () => void, busyShare: () => number = newBusyShare()): void {
  let idleLooks = 0;
  // It alone keeps no process alive.
  setInterval(() => {
    if (busyShare() > BUSY) {
      idleLooks = 0;
      return;
    }
    idleLooks++;
    if (!REST_AT.includes(idleLooks)) return;
    rest();
    // What it took itself is no work after which to rest again.
    busyShare();
  }, LOOK_MS).unref();
}

function newBusyShare(): () => number {
  let last: EventLoopUtilization = eventLoopUtilization();
  return () => {
    const now = eventLoopUtilization();
    const { utilization } = eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
