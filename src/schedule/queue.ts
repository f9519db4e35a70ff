/**
 * The queue that carries wake-ups from the pump to the handlers. It holds ids and no truth: what is lost here is found
 * again in the timers table, and what arrives twice finds its timer gone. Two adapters pass one suite:
 * `queue-inline.ts` (default) and `queue-bullmq.ts` (`REDIS_URL`).
 */

/** One wake-up: a timer that fell due. */
export interface Job {
  readonly kind: string;
  readonly target: string;
  /** The timer's sequence: tells this wake-up from an earlier one of the same timer. */
  readonly sequence: number;
  /** Nobody waits for it: where many jobs wait, the others go first. */
  readonly isBackground: boolean;
}

/** Does the work of one wake-up. A throw means that the queue should bring it again, a bounded number of times. */
export type JobHandler = (job: Job) => Promise<void>;

/** How often a job is handled that throws. */
export const MAX_ATTEMPTS = 5;

/** How many jobs of a kind are in the queue, or were of late. */
export interface QueueDepth {
  readonly kind: string;
  readonly waiting: number;
  readonly active: number;
  /** Waiting for their next attempt. */
  readonly delayed: number;
}

export interface Queue {
  /** What `/health/ready` and logs call it. */
  readonly name: string;
  /** Begins to hand jobs of these kinds to `handle`, several at once. */
  start(handle: JobHandler, kinds: readonly string[]): Promise<void>;
  /** Calls `listener` whenever the queue is back after it could not be reached: what it held may be lost. */
  onReturn(listener: () => void): void;
  /**
   * Accepts jobs, to be handled in this order but for those in the background, which wait for the others. One that is equal to a
   * job that still waits is not doubled.
   */
  enqueue(...jobs: readonly Job[]): Promise<void>;
  /** True when the queue can be reached. */
  isAlive(): Promise<boolean>;
  /** How many jobs there are in each state, by kind; rejects when the queue cannot be reached. */
  depth(): Promise<readonly QueueDepth[]>;
  /** Lets the jobs that are being handled finish, and stops. */
  close(): Promise<void>;
}

/** Names a job, in characters that every adapter takes. */
export function jobId(job: Job): string {
  return `${job.kind}-${job.sequence}`;
}
