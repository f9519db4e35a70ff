/**
 * Tells when the process has nothing to do: what it should give back then, it can give back without making anybody wait.
 * Called by `main.ts`; about the process, not about the world that it simulates.
 */
import { type EventLoopUtilization, eventLoopUtilization } from 'node:perf_hooks';

/** How often the event loop is looked at, wall. */
const LOOK_MS = 1000;
/** Share of the time between looks above which something is going on; looking for due timers takes less. */
const BUSY = 0.05;

/** Calls `rest` once after each spell of work. `busyShare` tells how much of the time since it was last asked went into work. */
export function whenIdle(rest: () => void, busyShare: () => number = newBusyShare()): void {
  let hasWorked = true;
  // It alone keeps no process alive.
  setInterval(() => {
    if (busyShare() > BUSY) hasWorked = true;
    else if (hasWorked) {
      hasWorked = false;
      rest();
      // What it took itself is no work after which to rest again.
      busyShare();
    }
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
