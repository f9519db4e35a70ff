/**
 * Tells when the process has nothing to do: what it should give back then, it can give back without making anybody wait.
 * Called by `main.ts`; about the process, not about the world that it simulates.
 */
import { type EventLoopUtilization, eventLoopUtilization } from 'node:perf_hooks';

/** How often the event loop is looked at, wall. */
const LOOK_MS = 500;
/**
 * It is idle when little was going on in so many looks together: not in every short pause, since the first requests after a rest take half
 * as long again (docs/decisions/0028), and also where one look met work of its own, such as a lease that is renewed.
 */
const LOOKS = 4;
/** Share of that time above which something is going on; looking for due timers, and what V8 does by itself, takes less. */
const BUSY = 0.1;

/** At which idle looks in a row it is time to rest: at the first, and once more for what is let go of soon after the last use, such as clusters in memory. */
const REST_AT = [1, 3];

/**
 * Calls `rest` after each spell of work: once when it has been over for two seconds, and once soon after. `busyShare` tells how much of the
 * time since it was last asked went into work.
 */
export function whenIdle(rest: () => void, busyShare: () => number = newBusyShare()): void {
  const recent: number[] = [];
  let idleLooks = 0;
  // It alone keeps no process alive.
  setInterval(() => {
    recent.push(busyShare());
    if (recent.length > LOOKS) recent.shift();
    const isIdle =
      recent.length === LOOKS && recent.reduce((sum, share) => sum + share) <= BUSY * LOOKS;
    idleLooks = isIdle ? idleLooks + 1 : 0;
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
