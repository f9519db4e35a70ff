/**
 * Moves the clock through everything that falls due on the way, and waits until it is worked off. Used by `pump.ts`. What is
 * due is asked of the database, so it does not matter which process does the work.
 */
import {
  type Duration,
  formatInstant,
  type Instant,
  milliseconds,
  monotonicNow,
  plus,
  seconds,
} from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import { RefusedError } from '#shared/failure.ts';
import { lookAtTimers } from '#store/timers.ts';
import type { Clock } from './clock.ts';
import type { TimerHandlers } from './timer-handlers.ts';

/** How long to wait before looking again whether something is still due, wall: doubling from the first to the last. */
const FIRST_POLL: Duration = milliseconds(2);
const MAX_POLL: Duration = milliseconds(20);
/**
 * How long the earliest due timer may stay the same before the wait is given up, wall: the work of one takes milliseconds, and
 * another process takes the pump over, or a job of one that died, in less.
 */
const LONGEST_STANDSTILL: Duration = seconds(5);

/** What it needs of the pump. */
interface StepPump {
  isRunning(): boolean;
  /** Looks for due timers. */
  wake(): void;
  /** Resolves when nothing that the pump has sent is under way, or after `wait` (wall). */
  quiet(wait: Duration): Promise<void>;
  /** Takes nothing that was sent for granted, and looks. */
  restart(): void;
  /** What keeps due timers from being worked off, as far as it is known. */
  problem(): string | undefined;
}

export interface SteppingParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly handlers: TimerHandlers;
  readonly pump: StepPump;
}

export class Stepping {
  readonly #parts: SteppingParts;
  /** Advances, and works that run exclusively, wait for one another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SteppingParts) {
    this.#parts = parts;
  }

  async advance(length: Duration): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stepTo(plus(this.#parts.clock.now(), length));
    });
  }

  async advanceTo(moment: Instant): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stepTo(moment);
    });
  }

  /**
   * Waits until nothing is due, and gives the due time of the next timer. Throws a refusal with 503 where nothing happens for too
   * long: the clock stands then at a moment at which something is still to be done, and a later call goes on from there.
   */
  async settle(): Promise<Instant | undefined> {
    const { database, clock, handlers, pump } = this.#parts;
    let first: number | undefined;
    let firstSince = monotonicNow();
    for (let wait = FIRST_POLL; ; wait = milliseconds(Math.min(2 * wait, MAX_POLL))) {
      const { due, nextAt } = await lookAtTimers(database.reader, clock.now(), 1);
      // What a handler does after its transaction may be to set another timer.
      if ((due.length === 0 && !handlers.isActive) || !pump.isRunning()) return nextAt;
      if (due[0]?.sequence !== first || handlers.isActive) {
        first = due[0]?.sequence;
        firstSince = monotonicNow();
      } else if (monotonicNow() - firstSince > LONGEST_STANDSTILL) {
        throw standstill(formatInstant(clock.now()), pump.problem());
      }
      if (due.length > 0) pump.wake();
      await pump.quiet(wait);
    }
  }

  async exclusively(work: () => Promise<void>): Promise<void> {
    await this.#inTurn(async () => {
      const { handlers, pump } = this.#parts;
      const release = await handlers.hold();
      try {
        await work();
      } finally {
        release();
        pump.restart();
      }
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async #stepTo(target: Instant): Promise<void> {
    const { clock, pump } = this.#parts;
    for (;;) {
      const next = await this.settle();
      if (!pump.isRunning() || next === undefined || next > target) break;
      await clock.set({ now: next });
    }
    await clock.set({ now: target });
    await this.settle();
  }
}

function standstill(now: string, problem: string | undefined): RefusedError {
  const reason = problem ?? 'no process works off what is due';
  const message =
    `The clock stands at ${now}, where something is due that is not being done: ${reason}. ` +
    'Nothing is lost. /health/ready tells more; try again once it is well.';
  return new RefusedError(
    503,
    { code: 'ServiceUnavailable', message },
    {
      headers: { 'retry-after': '5' },
    },
  );
}
