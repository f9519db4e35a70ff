/**
 * The pump: looks which timers are due in simulated time and wakes their handlers through the queue. It owns the one
 * real-time timer of the program and the stepping of the clock (`advance`). It knows no handler by name; `app.ts`
 * registers them by kind.
 *
 * A handler clears or moves its timer in the transaction of its work. One that throws has its timer put off
 * (back-off, in simulated time), so a fault in one place neither blocks the others nor is forgotten.
 */
import {
  type Duration,
  type Instant,
  milliseconds,
  minutes,
  plus,
  seconds,
  wallNow,
} from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import { dueTimers, nextTimerAt, readTimer, setTimer, type TimerRow } from '#store/timers.ts';
import type { Clock } from './clock.ts';
import { type Job, jobId, type Queue } from './queue.ts';

/** Handles one due timer: does its work and clears or moves the timer in the same transaction. */
export type TimerHandler = (target: string) => Promise<void>;

const BATCH = 256;
/** A wake-up that has not come back after this (wall) is sent again: the broker may have lost it. */
const LOST_AFTER: Duration = seconds(30);
/** The longest the pump sleeps without looking, wall: other processes may have set timers. */
const LONGEST_SLEEP: Duration = seconds(1);
const SETTLE_POLL: Duration = milliseconds(20);
const FIRST_BACK_OFF: Duration = seconds(30);
const LONGEST_BACK_OFF: Duration = minutes(30);

export interface PumpParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly queue: Queue;
  readonly log: Logger;
}

export class Pump {
  readonly #parts: PumpParts;
  readonly #handlers = new Map<string, TimerHandler>();
  /** Wake-ups on their way, by job id, with the wall moment of their sending. */
  readonly #sent = new Map<string, Instant>();
  readonly #settled = new Set<() => void>();
  #sleep: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #advancing: Promise<unknown> = Promise.resolve();
  readonly #active = new Set<Promise<void>>();
  #held: Promise<void> | undefined;
  #isRunning = false;
  #lastError: unknown;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    parts.database.onCommit(() => {
      this.wake();
    });
    parts.queue.onReturn(() => {
      this.#sent.clear();
      this.wake();
    });
  }

  /** Names the handler of a kind of timer. Before `start`. */
  on(kind: string, handler: TimerHandler): void {
    this.#handlers.set(kind, handler);
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    await this.#parts.queue.start(async (job) => this.#handle(job));
    this.wake();
  }

  /** Stops waking; what is under way finishes. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#sleep);
    await this.#looking;
    await this.#parts.queue.close();
  }

  /** Looks for due timers soon. Cheap: many calls make one look. */
  wake(): void {
    if (!this.#isRunning) return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.wake();
      }
    });
  }

  /** What keeps it from working, or undefined when all is well. */
  problem(): string | undefined {
    if (!this.#isRunning) return 'the pump is stopped';
    return this.#lastError === undefined ? undefined : 'due timers cannot be queued';
  }

  /**
   * Moves the clock on by `length`, through every timer that falls due on the way, in order; answers when all of them
   * have been worked off. Calls wait for one another.
   */
  async advance(length: Duration): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stepTo(plus(this.#parts.clock.now(), length));
    });
  }

  /** As `advance`, to a moment; one that is past already changes nothing. */
  async advanceTo(moment: Instant): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stepTo(moment);
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#advancing.then(work);
    this.#advancing = turn.catch(() => undefined);
    await turn;
  }

  /** Waits until nothing is due any more. */
  async settle(): Promise<void> {
    const { database, clock } = this.#parts;
    while (this.#isRunning && (await dueTimers(database.reader, clock.now(), 1)).length > 0) {
      this.wake();
      await this.#nextSettlement();
    }
  }

  /**
   * Runs `work` while no handler runs in this process and nobody moves the clock through `advance`; those that come wait
   * for its end.
   */
  async exclusively(work: () => Promise<void>): Promise<void> {
    await this.#inTurn(async () => {
      const held = Promise.withResolvers<undefined>();
      this.#held = held.promise;
      try {
        await Promise.allSettled(this.#active);
        await work();
      } finally {
        this.#held = undefined;
        this.#sent.clear();
        held.resolve(undefined);
        this.wake();
      }
    });
  }

  async #stepTo(target: Instant): Promise<void> {
    const { clock, database } = this.#parts;
    for (;;) {
      await this.settle();
      const next = await nextTimerAt(database.reader, clock.now());
      if (!this.#isRunning || next === undefined || next > target) break;
      await clock.set({ now: next });
    }
    await clock.set({ now: target });
    await this.settle();
  }

  /** Resolves when a job has ended here, or after a moment, in case it ended in another process. */
  async #nextSettlement(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timeout);
        this.#settled.delete(done);
        resolve();
      };
      const timeout = setTimeout(done, SETTLE_POLL);
      this.#settled.add(done);
    });
  }

  async #look(): Promise<void> {
    clearTimeout(this.#sleep);
    const { database, clock, queue, log } = this.#parts;
    try {
      const due = await dueTimers(database.reader, clock.now(), BATCH);
      const wall = wallNow();
      for (const timer of due) {
        const job = jobOf(timer);
        const sentAt = this.#sent.get(jobId(job));
        if (sentAt !== undefined && wall - sentAt < LOST_AFTER) continue;
        this.#sent.set(jobId(job), wall);
        await queue.enqueue(job);
      }
      this.#lastError = undefined;
      await this.#sleepUntilNext();
    } catch (error) {
      this.#lastError = error;
      this.#sent.clear();
      log.error({ err: error }, 'due timers could not be queued');
      this.#sleepFor(LONGEST_SLEEP);
    }
  }

  async #sleepUntilNext(): Promise<void> {
    const { database, clock } = this.#parts;
    const next = await nextTimerAt(database.reader, clock.now());
    const wait = next === undefined ? undefined : clock.wallUntil(next);
    this.#sleepFor(wait === undefined || wait > LONGEST_SLEEP ? LONGEST_SLEEP : wait);
  }

  #sleepFor(wait: Duration): void {
    if (!this.#isRunning) return;
    clearTimeout(this.#sleep);
    this.#sleep = setTimeout(() => {
      this.wake();
    }, wait);
  }

  async #handle(job: Job): Promise<void> {
    while (this.#held !== undefined) await this.#held;
    const active = this.#handleNow(job);
    this.#active.add(active);
    try {
      await active;
    } finally {
      this.#active.delete(active);
    }
  }

  async #handleNow(job: Job): Promise<void> {
    const { database, clock } = this.#parts;
    try {
      const timer = await readTimer(database.reader, job.kind, job.target);
      // Gone or moved: this wake-up came twice, or late.
      if (timer?.sequence !== job.sequence || timer.dueAt > clock.now()) return;
      await this.#serve(timer);
    } finally {
      this.#sent.delete(jobId(job));
      for (const settled of [...this.#settled]) settled();
    }
  }

  async #serve(timer: TimerRow): Promise<void> {
    const handler = present(this.#handlers.get(timer.kind), `handler of ${timer.kind} timers`);
    try {
      await handler(timer.target);
    } catch (error) {
      this.#parts.log.error(
        { err: error, timerKind: timer.kind, target: timer.target, attempts: timer.attempts },
        'a timer handler failed',
      );
      await this.#putOff(timer);
    }
  }

  async #putOff(timer: TimerRow): Promise<void> {
    const { database, clock } = this.#parts;
    const wait = milliseconds(Math.min(FIRST_BACK_OFF * 2 ** timer.attempts, LONGEST_BACK_OFF));
    await database.write(async (writer) => {
      const present = await readTimer(writer, timer.kind, timer.target);
      if (present?.sequence !== timer.sequence) return;
      await setTimer(
        writer,
        { kind: timer.kind, target: timer.target, dueAt: plus(clock.now(), wait) },
        timer.attempts + 1,
      );
    });
  }
}

function jobOf(timer: TimerRow): Job {
  return { kind: timer.kind, target: timer.target, sequence: timer.sequence };
}
