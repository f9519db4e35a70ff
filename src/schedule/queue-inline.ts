/**
 * The queue without a broker: hands jobs out in this process in the order in which they came, a bounded number at once, so
 * that what they write in one turn of the event loop shares a commit. A job whose handler threw stays out of the way for a while
 * that grows with each try, and then waits behind the others.
 */
import { type Duration, seconds } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import {
  type Job,
  type JobHandler,
  jobId,
  MAX_ATTEMPTS,
  type Queue,
  type QueueDepth,
} from './queue.ts';

/** How many jobs are handled at once. */
export const INLINE_CONCURRENCY = 32;
/** The delay before the first retry, wall; it doubles with each further one. */
const FIRST_BACKOFF: Duration = seconds(0.02);

interface Entry {
  readonly id: string;
  readonly job: Job;
  /** How often its handler has thrown. */
  attempts: number;
}

export class InlineQueue implements Queue {
  readonly name = 'inline';
  readonly #log: Logger;
  /** Of every job that waits, is handled, or is to be tried again. */
  readonly #ids = new Set<string>();
  /** Those that somebody waits for, and the others. */
  readonly #waiting: Entry[] = [];
  readonly #inBackground: Entry[] = [];
  readonly #running = new Map<Promise<void>, Entry>();
  readonly #delays = new Map<NodeJS.Timeout, Entry>();
  #handle: JobHandler | undefined;
  #isRunPlanned = false;
  #isStarting = false;
  #isClosed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  async start(handle: JobHandler): Promise<void> {
    this.#handle = handle;
    this.#run();
  }

  onReturn(): void {
    // It is never away.
  }

  async enqueue(...jobs: readonly Job[]): Promise<void> {
    if (this.#isClosed) return;
    for (const job of jobs) {
      const id = jobId(job);
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      this.#add({ id, job, attempts: 0 });
    }
    this.#run();
  }

  async depth(): Promise<readonly QueueDepth[]> {
    const kinds = new Map<string, { waiting: number; active: number; delayed: number }>();
    const count = (entries: Iterable<Entry>, state: 'waiting' | 'active' | 'delayed'): void => {
      for (const { job } of entries) {
        const depth = kinds.get(job.kind) ?? { waiting: 0, active: 0, delayed: 0 };
        depth[state]++;
        kinds.set(job.kind, depth);
      }
    };
    count([...this.#waiting, ...this.#inBackground], 'waiting');
    count(this.#running.values(), 'active');
    count(this.#delays.values(), 'delayed');
    return [...kinds].map(([kind, depth]) => ({ kind, ...depth }));
  }

  async isAlive(): Promise<boolean> {
    return !this.#isClosed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const delay of this.#delays.keys()) clearTimeout(delay);
    this.#waiting.length = 0;
    this.#inBackground.length = 0;
    await Promise.all(this.#running.keys());
  }

  #add(entry: Entry): void {
    (entry.job.isBackground ? this.#inBackground : this.#waiting).push(entry);
  }

  /** At the end of this turn: by then others may have ended too, and the next ones begin together. */
  #runSoon(): void {
    if (this.#isRunPlanned) return;
    this.#isRunPlanned = true;
    setImmediate(() => {
      this.#isRunPlanned = false;
      this.#run();
    });
  }

  #run(): void {
    const handle = this.#handle;
    if (handle === undefined || this.#isClosed) return;
    if (this.#isStarting) {
      // A handler that begins puts in a job: others have their turn first, however many jobs make new ones.
      this.#runSoon();
      return;
    }
    this.#isStarting = true;
    while (this.#running.size < INLINE_CONCURRENCY) {
      const entry = this.#waiting.shift() ?? this.#inBackground.shift();
      if (entry === undefined) break;
      const running = this.#work(handle, entry).finally(() => {
        this.#running.delete(running);
        this.#runSoon();
      });
      this.#running.set(running, entry);
    }
    this.#isStarting = false;
  }

  async #work(handle: JobHandler, entry: Entry): Promise<void> {
    try {
      await handle(entry.job);
      this.#ids.delete(entry.id);
    } catch (error) {
      this.#log.error({ err: error, jobId: entry.id }, 'a job failed');
      this.#retryLater(entry);
    }
  }

  /** After too many attempts the job is dropped: its timer is still there, and the pump brings it again. */
  #retryLater(entry: Entry): void {
    entry.attempts++;
    if (this.#isClosed || entry.attempts >= MAX_ATTEMPTS) {
      this.#ids.delete(entry.id);
      return;
    }
    const delay = setTimeout(
      () => {
        this.#delays.delete(delay);
        this.#add(entry);
        this.#runSoon();
      },
      FIRST_BACKOFF * 2 ** (entry.attempts - 1),
    );
    this.#delays.set(delay, entry);
  }
}
