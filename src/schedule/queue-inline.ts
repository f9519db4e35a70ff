/** The queue without a broker: one job after another in this process, in the order they came. */
import type { Logger } from '#shared/logger.ts';
import { type Job, type JobHandler, jobId, MOST_ATTEMPTS, type Queue } from './queue.ts';

interface Waiting {
  readonly job: Job;
  /** How often its handler has thrown. */
  readonly attempts: number;
}

export class InlineQueue implements Queue {
  readonly name = 'inline';
  readonly #log: Logger;
  readonly #waiting = new Map<string, Waiting>();
  #handle: JobHandler | undefined;
  #running: Promise<void> | undefined;
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

  async enqueue(job: Job): Promise<void> {
    const id = jobId(job);
    if (this.#isClosed || this.#waiting.has(id)) return;
    this.#waiting.set(id, { job, attempts: 0 });
    this.#run();
  }

  async isAlive(): Promise<boolean> {
    return !this.#isClosed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    await this.#running;
  }

  #run(): void {
    if (this.#handle === undefined || this.#running !== undefined) return;
    this.#running = this.#work(this.#handle).finally(() => {
      this.#running = undefined;
      if (this.#waiting.size > 0) this.#run();
    });
  }

  async #work(handle: JobHandler): Promise<void> {
    for (const [id, { job, attempts }] of this.#waiting) {
      try {
        await handle(job);
        this.#waiting.delete(id);
      } catch (error) {
        this.#log.error({ err: error, jobId: id }, 'a job failed');
        this.#putBehind(id, { job, attempts: attempts + 1 });
      }
    }
  }

  /** Lets the others go first. After too many attempts it is dropped: its timer is still there, and the pump brings it again. */
  #putBehind(id: string, waiting: Waiting): void {
    const isDropped = this.#isClosed || waiting.attempts >= MOST_ATTEMPTS;
    this.#waiting.delete(id);
    if (!isDropped) this.#waiting.set(id, waiting);
  }
}
