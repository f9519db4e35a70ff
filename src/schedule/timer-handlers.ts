/**
 * What is done when a timer falls due: the handlers by kind of timer, and the handling of one job of the queue. Called by the
 * queue, in every process that takes jobs. It knows no handler by name; `app.ts` registers them by kind.
 *
 * A handler clears or moves its timer in the transaction of its work. A job can arrive late or twice, or in two processes at
 * once: then its timer is gone or has another sequence, and nothing is done.
 */
import { type Duration, milliseconds, minutes, plus, seconds } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database, Writer } from '#store/database.ts';
import {
  readTimer,
  readTimerAndClock,
  setTimer,
  setTimerAside,
  type TimerRow,
} from '#store/timers.ts';
import type { Clock } from './clock.ts';
import type { Job } from './queue.ts';

/** Handles one due timer: does its work and clears or moves the timer in the same transaction. */
export type TimerHandler = (target: string, timer: TimerRow) => Promise<void>;

/** How long the timer of a handler that threw is put off, simulated: doubling from the first to the last. */
const FIRST_BACKOFF: Duration = seconds(30);
const MAX_BACKOFF: Duration = minutes(30);

export interface TimerHandlersParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

export class TimerHandlers {
  readonly #parts: TimerHandlersParts;
  readonly #handlers = new Map<string, TimerHandler>();
  /** The last job of each timer that is handled at present. */
  readonly #active = new Map<string, Promise<void>>();
  #held: Promise<void> | undefined;

  constructor(parts: TimerHandlersParts) {
    this.#parts = parts;
  }

  /** Names the handler of a kind of timer. */
  on(kind: string, handler: TimerHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** The kinds that have a handler. */
  get kinds(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** Whether anything is being handled in this process. */
  get isActive(): boolean {
    return this.#active.size > 0;
  }

  /** Handles one job. Jobs of one timer wait for one another: the later one begins when the earlier one has ended. */
  async handle(job: Job): Promise<void> {
    while (this.#held !== undefined) await this.#held;
    const timer = `${job.kind}/${job.target}`;
    const active = this.#handleAfter(this.#active.get(timer), job);
    this.#active.set(timer, active);
    try {
      await active;
    } finally {
      if (this.#active.get(timer) === active) this.#active.delete(timer);
    }
  }

  /** Lets what is being handled finish; from then on nothing is handled until the function that this gives is called. */
  async hold(): Promise<() => void> {
    const held = Promise.withResolvers<undefined>();
    this.#held = held.promise;
    await Promise.allSettled(this.#active.values());
    return () => {
      this.#held = undefined;
      held.resolve(undefined);
    };
  }

  async #handleAfter(earlier: Promise<void> | undefined, job: Job): Promise<void> {
    // Whether the earlier one failed is its own affair.
    await earlier?.catch(() => undefined);
    const { database, clock } = this.#parts;
    const found = await readTimerAndClock(database.reader, job.kind, job.target);
    // Gone or moved: this job came twice, or late.
    if (found?.timer.sequence !== job.sequence) return;
    const { timer, clockVersion } = found;
    // The job may have come sooner than the news that the clock was set, or that the world began anew at an earlier moment.
    if (clock.version !== clockVersion || timer.dueAt > clock.now()) await clock.refresh();
    if (timer.dueAt > clock.now()) return;
    const handler = this.#handlers.get(timer.kind);
    if (handler === undefined) await this.#setAside(timer);
    else await this.#serve(timer, handler);
  }

  async #serve(timer: TimerRow, handler: TimerHandler): Promise<void> {
    try {
      await handler(timer.target, timer);
    } catch (error) {
      this.#parts.log.error(
        { err: error, timerKind: timer.kind, target: timer.target, attempts: timer.attempts },
        'a timer handler failed',
      );
      await this.#putOff(timer);
    }
  }

  /** A fault in one place neither blocks the others nor is forgotten: its timer is set anew for later. */
  async #putOff(timer: TimerRow): Promise<void> {
    const { clock } = this.#parts;
    const { kind, target, attempts } = timer;
    const length = milliseconds(Math.min(FIRST_BACKOFF * 2 ** attempts, MAX_BACKOFF));
    await this.#change(timer, async (writer) => {
      await setTimer(writer, { kind, target, dueAt: plus(clock.now(), length) }, attempts + 1);
    });
  }

  /**
   * A timer of a kind that nobody here knows, as one of a newer release is: trying it again would keep others waiting, so it is
   * put away, and made due again by a process that knows its kind (`Pump.start`).
   */
  async #setAside(timer: TimerRow): Promise<void> {
    this.#parts.log.error(
      { timerKind: timer.kind, target: timer.target },
      'a timer of an unknown kind is set aside',
    );
    await this.#change(timer, async (writer) => setTimerAside(writer, timer));
  }

  /** Changes the timer, unless it was moved meanwhile. */
  async #change(timer: TimerRow, change: (writer: Writer) => Promise<void>): Promise<void> {
    await this.#parts.database.write(async (writer) => {
      const present = await readTimer(writer, timer.kind, timer.target);
      if (present?.sequence === timer.sequence) await change(writer);
    });
  }
}
