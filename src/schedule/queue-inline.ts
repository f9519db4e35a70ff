/** The queue without a broker: one job after another in this process, in the order they came. */
import type { Logger } from '#shared/logger.ts';
import { type Job, type JobHandler, jobId, type Queue } from './queue.ts';

export class InlineQueue implements Queue {
  readonly name = 'inline';
  readonly #log: Logger;
  readonly #waiting = new Map<string, Job>();
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

  async enqueue(job: Job): Promise<void> {
    if (this.#isClosed) return;
    this.#waiting.set(jobId(job), job);
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
    for (const [id, job] of this.#waiting) {
      try {
        await handle(job);
      } catch (error) {
        // The timer is still there: the pump brings it again.
        this.#log.error({ err: error, jobId: id }, 'a job failed');
      }
      this.#waiting.delete(id);
    }
  }
}
