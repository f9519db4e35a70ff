/**
 * The pump: looks which timers are due in simulated time and wakes their handlers through the queue. It owns the one
 * real-time timer that simulated time has, and is the front for `timer-handlers.ts` (what is done with a due timer) and
 * `stepping.ts` (moving the clock through what falls due).
 *
 * Of all processes that share the database one looks, the one that holds the lease of the pump; where it dies, another one goes on
 * within seconds. Every process may move the clock, and every one that works takes jobs from the queue.
 *
 * It does not look after every commit: a commit tells when the earliest timer that it set is due, and the pump looks when one
 * is due that is earlier than all that it knows of, when the clock was set, and now and then in case it was not told.
 */
import {
  type Duration,
  type Instant,
  milliseconds,
  monotonicNow,
  seconds,
} from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import {
  bringBackTimers,
  lookAtTimers,
  lookAtTimersUnder,
  type TimerRow,
  type TimersSeen,
} from '#store/timers.ts';
import type { Clock } from './clock.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { Job, Queue } from './queue.ts';
import { Stepping } from './stepping.ts';
import { type TimerHandler, TimerHandlers } from './timer-handlers.ts';

/** How many due timers one look takes. */
const BATCH = 256;
/**
 * With so many jobs under way a new timer is not looked for at once, since nobody is idle: but when so few of them are left, or after
 * `FULL_BATCH_WAIT`.
 */
const ENOUGH = 64;
const FEW = 32;
/**
 * How long to wait before the next look where a look showed a whole batch, wall: longer each time as long as most of the batch is under
 * way, here or in other processes, since such a look reads much and finds little.
 */
const FULL_BATCH_WAIT: Duration = milliseconds(10);
const LONGEST_FULL_BATCH_WAIT: Duration = milliseconds(160);
/** A job whose timer is still due after this, wall, is sent again: the broker may have lost it. */
const LOST_AFTER: Duration = seconds(5);
/** The longest the pump sleeps without looking, wall: it may not have been told of a timer. */
const MAX_SLEEP: Duration = seconds(1);

/** The lease under which due timers are turned into jobs. */
const PUMP_LEASE = 'pump';

export interface PumpParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly queue: Queue;
  readonly log: Logger;
  /** Whether this process does what falls due, or leaves it to others; true where nothing is said. */
  readonly works?: boolean;
}

/** A job that was given to the queue. */
interface Sent extends Pick<TimerRow, 'sequence' | 'dueAt'> {
  /** When it was sent, by the monotonic clock. */
  readonly at: number;
}

const timerName = ({ kind, target }: Pick<Job, 'kind' | 'target'>): string => `${kind}/${target}`;

/** Whether a look shows the one after the other. */
const isLater = (one: Omit<Sent, 'at'>, other: Omit<Sent, 'at'>): boolean =>
  one.dueAt === other.dueAt ? one.sequence > other.sequence : one.dueAt > other.dueAt;

export class Pump {
  readonly #parts: PumpParts;
  readonly #handlers: TimerHandlers;
  readonly #stepping: Stepping;
  readonly #lease: LeaseKeeper;
  readonly #works: boolean;
  /** Jobs under way, by the name of their timer. */
  readonly #sent = new Map<string, Sent>();
  readonly #whenQuiet = new Set<() => void>();
  /** The earliest due time of a timer that no look has shown as due yet; undefined: none is known. */
  #nextAt: Instant | undefined;
  /** The last look showed as many due timers as it takes, so there may be more. */
  #hasMore = false;
  #fullBatchWait = FULL_BATCH_WAIT;
  #sleep: NodeJS.Timeout | undefined;
  #isLookPlanned = false;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #isRunning = false;
  #lastError: unknown;
  #looks = 0;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    const { database, log, works = true } = parts;
    this.#works = works;
    this.#lease = new LeaseKeeper({ database, name: PUMP_LEASE, isCandidate: works, log });
    this.#lease.onGain(() => {
      this.#restart();
    });
    this.#handlers = new TimerHandlers(parts);
    this.#stepping = new Stepping({
      ...parts,
      handlers: this.#handlers,
      pump: {
        isRunning: () => this.#isRunning,
        wake: () => {
          this.wake();
        },
        quiet: async (wait) => this.#quiet(wait),
        restart: () => {
          this.#restart();
        },
        problem: () => this.problem(),
      },
    });
    database.onCommit(({ wakeAt }) => {
      if (wakeAt !== undefined) this.#expect(wakeAt);
    });
    parts.clock.onChange(() => {
      this.wake();
    });
    parts.queue.onReturn(() => {
      this.#restart();
    });
  }

  /** Names the handler of a kind of timer. Before `start`. */
  on(kind: string, handler: TimerHandler): void {
    this.#handlers.on(kind, handler);
  }

  async start(): Promise<void> {
    const { database, clock, queue } = this.#parts;
    this.#isRunning = true;
    if (this.#works) {
      const { kinds } = this.#handlers;
      await database.write(async (writer) => {
        for (const kind of kinds) await bringBackTimers(writer, kind, clock.now());
      });
      await queue.start(async (job) => this.#handle(job), kinds);
    }
    await this.#lease.start();
    this.wake();
  }

  /** Stops waking; what is under way finishes. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#sleep);
    const { queue } = this.#parts;
    // A look that waits for a queue which cannot be reached may wait for ever (BullMQ 6.7, of a queue that is made meanwhile).
    if (await queue.isAlive()) await this.#looking;
    await this.#lease.stop();
    await queue.close();
  }

  /**
   * Looks for due timers as soon as what runs at present has returned: many calls make one look. Not later than that: a job
   * that a request began is with its machine before the caller has the answer and asks for the next.
   */
  wake(): void {
    if (!this.#mayLook || this.#isLookPlanned) return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    this.#isLookPlanned = true;
    queueMicrotask(() => {
      this.#isLookPlanned = false;
      if (this.#mayLook) this.#startLook();
    });
  }

  /** Whether it is this process that looks for due timers. */
  get isElected(): boolean {
    return this.#lease.fence !== undefined;
  }

  /** How many jobs are under way, here or in other processes, as far as it knows. */
  get underWay(): number {
    return this.#sent.size;
  }

  /** How often it has looked which timers are due. */
  get looks(): number {
    return this.#looks;
  }

  /** What keeps it from working, or undefined when all is well. */
  problem(): string | undefined {
    if (!this.#isRunning) return 'the pump is stopped';
    if (!this.#lease.isHeldBySomebody) return 'no process turns due timers into jobs';
    return this.#lastError === undefined ? undefined : 'due timers cannot be queued';
  }

  /**
   * Moves the clock on by `length`, through every timer that falls due on the way, in order; answers when all of them
   * have been worked off. Calls wait for one another.
   */
  async advance(length: Duration): Promise<void> {
    await this.#stepping.advance(length);
  }

  /** As `advance`, to a moment; one that is past already changes nothing. */
  async advanceTo(moment: Instant): Promise<void> {
    await this.#stepping.advanceTo(moment);
  }

  /** Waits until nothing is due any more. */
  async settle(): Promise<void> {
    await this.#stepping.settle();
  }

  /**
   * Runs `work` while no handler runs in this process and nobody moves the clock through `advance`; those that come wait
   * for its end.
   */
  async exclusively(work: () => Promise<void>): Promise<void> {
    await this.#stepping.exclusively(work);
  }

  get #mayLook(): boolean {
    return this.#isRunning && this.isElected;
  }

  /** Takes nothing that was sent for granted, and looks. */
  #restart(): void {
    this.#sent.clear();
    this.wake();
  }

  /** Resolves when nothing that it has sent is under way any more, or after `wait`. */
  async #quiet(wait: Duration): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timeout);
        this.#whenQuiet.delete(done);
        resolve();
      };
      const timeout = setTimeout(done, wait);
      this.#whenQuiet.add(done);
    });
  }

  #tellIfQuiet(): void {
    if (this.#sent.size > 0 || this.#isLookPlanned || this.#looking !== undefined) return;
    for (const done of [...this.#whenQuiet]) done();
  }

  /** A commit has set timers; the earliest of them is due then. */
  #expect(dueAt: Instant): void {
    if (!this.#noteDue(dueAt) || this.#looking !== undefined) return;
    if (this.#sent.size >= ENOUGH) this.#hasMore = true;
    this.#sleepUntilNext();
  }

  /** Takes note of a timer that is due then; gives whether it is the earliest. */
  #noteDue(dueAt: Instant): boolean {
    if (this.#nextAt !== undefined && this.#nextAt <= dueAt) return false;
    this.#nextAt = dueAt;
    return true;
  }

  #startLook(): void {
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.wake();
      } else {
        this.#sleepUntilNext();
      }
      this.#tellIfQuiet();
    });
  }

  async #look(): Promise<void> {
    clearTimeout(this.#sleep);
    this.#looks++;
    const { queue, log } = this.#parts;
    // Commits during the look tell of timers that it may not show.
    this.#nextAt = undefined;
    try {
      const { due, nextAt } = await this.#timers();
      this.#hasMore = due.length === BATCH;
      this.#forgetHandled(due);
      const unsent = this.#takeUnsent(due);
      this.#fullBatchWait =
        unsent.length >= BATCH / 2
          ? FULL_BATCH_WAIT
          : milliseconds(Math.min(this.#fullBatchWait * 2, LONGEST_FULL_BATCH_WAIT));
      if (unsent.length > 0) await queue.enqueue(...unsent);
      if (nextAt !== undefined) this.#noteDue(nextAt);
      this.#lastError = undefined;
    } catch (error) {
      const isNews = this.#lastError === undefined;
      this.#lastError = error;
      this.#hasMore = false;
      this.#sent.clear();
      if (isNews) log.error({ err: error }, 'due timers could not be queued');
    }
  }

  async #timers(): Promise<TimersSeen> {
    const { database, clock } = this.#parts;
    const { fence } = this.#lease;
    if (fence === undefined) return { due: [], nextAt: undefined };
    const now = clock.now();
    if (fence === 'unshared') return await lookAtTimers(database.reader, now, BATCH);
    const lease = { name: PUMP_LEASE, fence };
    return await lookAtTimersUnder(database.reader, lease, { now, limit: BATCH });
  }

  /** Forgets jobs whose timers would be among these if they were still due: they were handled, here or in another process. */
  #forgetHandled(due: readonly TimerRow[]): void {
    if (this.#sent.size === 0) return;
    const names = new Set(due.map(timerName));
    const last = this.#hasMore ? due.at(-1) : undefined;
    for (const [name, sent] of this.#sent) {
      const isBeyond = last !== undefined && isLater(sent, last);
      if (!names.has(name) && !isBeyond) this.#sent.delete(name);
    }
  }

  /** Those that are not under way, as jobs that are under way from now on. */
  #takeUnsent(due: readonly TimerRow[]): Job[] {
    const now = monotonicNow();
    const jobs: Job[] = [];
    for (const { kind, target, sequence, dueAt, isBackground = false } of due) {
      const name = timerName({ kind, target });
      const sent = this.#sent.get(name);
      if (sent?.sequence === sequence && now - sent.at < LOST_AFTER) continue;
      this.#sent.set(name, { sequence, dueAt, at: now });
      jobs.push({ kind, target, sequence, isBackground });
    }
    return jobs;
  }

  #sleepUntilNext(): void {
    clearTimeout(this.#sleep);
    if (!this.#mayLook || this.#isLookPlanned) return;
    const wait = this.#waitForNext();
    if (wait === 0) {
      this.wake();
      return;
    }
    this.#sleep = setTimeout(() => {
      this.wake();
    }, wait);
  }

  #waitForNext(): Duration {
    if (this.#lastError !== undefined) return MAX_SLEEP;
    if (this.#hasMore) return this.#fullBatchWait;
    if (this.#nextAt === undefined) return MAX_SLEEP;
    const wait = this.#parts.clock.wallUntil(this.#nextAt) ?? MAX_SLEEP;
    return wait > MAX_SLEEP ? MAX_SLEEP : wait;
  }

  async #handle(job: Job): Promise<void> {
    try {
      await this.#handlers.handle(job);
    } finally {
      const name = timerName(job);
      if (this.#sent.get(name)?.sequence === job.sequence) this.#sent.delete(name);
      if (this.#hasMore && this.#sent.size <= FEW) this.wake();
      this.#tellIfQuiet();
    }
  }
}
