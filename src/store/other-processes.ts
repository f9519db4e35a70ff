/**
 * What the processes on one database tell each other about their commits, and how a process finds out by itself. PostgreSQL
 * carries messages, at best effort. SQLite has a number that changes with every commit of another process; it is looked at
 * before something cached is used, and now and then. Used by `database.ts` alone.
 */
import { randomUUID } from 'node:crypto';
import { instant, type Instant, monotonicNow } from '#shared/instant.ts';
import type { Dialect } from './dialect.ts';
import type { Commit } from './signals.ts';

/** How often a process that does nothing looks whether another one has committed, milliseconds. */
const POLL_MS = 50;
/** The same for a while after another one has committed, milliseconds: they may be waiting for one another. */
const BUSY_POLL_MS = 5;
const BUSY_FOR_MS = 1000;
/** The same once nothing has been asked for in a while, milliseconds: an idle service should cost nothing. */
const IDLE_POLL_MS = 200;
const IDLE_AFTER_MS = 10_000;

/** What one process tells the others after its commits. */
interface Message {
  readonly from: string;
  readonly wakeAt?: number;
  readonly isClockSet?: boolean;
}

export class OtherProcesses {
  readonly #dialect: Dialect;
  readonly #hear: (commit: Commit) => void;
  #seenVersion: unknown;
  /** That number was looked at in this turn of the event loop. */
  #isLookedFor = false;
  /** When it was last looked at, and last found changed, by the monotonic clock. */
  #lookedAt = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** When something was last asked of this process. */
  #usedAt = monotonicNow();
  #poll: NodeJS.Timeout | undefined;
  /** Tells our own messages from those of other processes. */
  readonly #process = randomUUID();
  /** What is yet to be told to them. */
  #untold: { wakeAt: Instant | undefined; isClockSet: boolean } | undefined;

  /** `hear` is called when another process has committed. */
  constructor(dialect: Dialect, hear: (commit: Commit) => void) {
    this.#dialect = dialect;
    this.#hear = hear;
  }

  async start(): Promise<void> {
    const { externalVersion } = this.#dialect;
    if (externalVersion !== undefined) {
      this.#seenVersion = externalVersion();
      this.#pollAgain();
    }
    await this.#dialect.listen((text) => {
      this.#take(text === undefined ? undefined : (JSON.parse(text) as Message));
    });
  }

  stop(): void {
    clearTimeout(this.#poll);
  }

  /** Whether none has committed since it was last looked for, as can be told at once. */
  get areQuiet(): boolean {
    return this.#dialect.externalVersion?.() === this.#seenVersion;
  }

  /** Looks whether one has committed, once a turn of the event loop. */
  lookOnceATurn(): void {
    if (this.#isLookedFor) return;
    this.#look();
    this.#usedAt = this.#lookedAt;
  }

  /** The same, unless that was done less than `maxAgeMs` ago. */
  lookIfOlder(maxAgeMs: number): void {
    if (monotonicNow() - this.#lookedAt >= maxAgeMs) this.#look();
  }

  /** Tells the others of commits of this turn, in one message. One that is lost is made up for by what they do by themselves. */
  tell({ wakeAt, isClockSet }: Pick<Commit, 'wakeAt' | 'isClockSet'>): void {
    if (this.#dialect.notify === undefined || (wakeAt === undefined && !isClockSet)) return;
    const isFirst = this.#untold === undefined;
    this.#untold ??= { wakeAt: undefined, isClockSet: false };
    this.#untold.isClockSet ||= isClockSet;
    if (wakeAt !== undefined) {
      this.#untold.wakeAt = instant(Math.min(wakeAt, this.#untold.wakeAt ?? wakeAt));
    }
    if (!isFirst) return;
    setImmediate(() => {
      const untold = this.#untold;
      this.#untold = undefined;
      const message = JSON.stringify({ from: this.#process, ...untold });
      this.#dialect.notify?.(message).catch(() => undefined);
    });
  }

  #pollAgain(): void {
    this.#poll = setTimeout(() => {
      this.#look();
      this.#pollAgain();
    }, this.#pollMs());
    this.#poll.unref();
  }

  #pollMs(): number {
    const now = monotonicNow();
    if (now - this.#changedAt < BUSY_FOR_MS) return BUSY_POLL_MS;
    return now - Math.max(this.#usedAt, this.#changedAt) < IDLE_AFTER_MS ? POLL_MS : IDLE_POLL_MS;
  }

  #look(): void {
    if (!this.#isLookedFor) {
      this.#isLookedFor = true;
      setImmediate(() => {
        this.#isLookedFor = false;
      });
    }
    this.#lookedAt = monotonicNow();
    const version = this.#dialect.externalVersion?.();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.#changedAt = this.#lookedAt;
    this.#take(undefined);
  }

  /** Takes a message of another process; undefined: anything may have changed. */
  #take(message: Message | undefined): void {
    if (message?.from === this.#process) return;
    const wakeAt = message === undefined ? instant(0) : message.wakeAt;
    this.#hear({
      wakeAt: wakeAt === undefined ? undefined : instant(wakeAt),
      isClockSet: message?.isClockSet ?? true,
      isExternal: true,
    });
  }
}
