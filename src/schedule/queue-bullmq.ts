/**
 * The queue on Redis, for several processes: one BullMQ queue a kind of timer, so that operations never wait behind machines.
 * BullMQ does what it is for: deduplication by job id, priorities, retries with back-off, recovery of stalled jobs, metrics. It never gets a delay: a delayed job counts wall time, and a clock that
 * is frozen or jumped could not carry it along. Loaded only where `REDIS_URL` is set.
 */
import { Queue as BullQueue, Worker, type WorkerOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '#shared/logger.ts';
import { seconds } from '#shared/instant.ts';
import {
  type Job,
  type JobHandler,
  jobId,
  MAX_ATTEMPTS,
  type Queue,
  type QueueDepth,
} from './queue.ts';

const METRICS_KEPT_POINTS = 60 * 24;
/** Jobs of one queue that a process handles at once: what they write in one turn shares a commit. */
const CONCURRENCY = 16;
/** BullMQ serves jobs without a priority first, and the others in the order of their numbers. */
const BACKGROUND_PRIORITY = 10;
const LONGEST_RETRY = seconds(0.5);
/**
 * How long a job of a worker that died is held for it, and how often the others look. Far less than the library's own: handlers
 * take milliseconds, and the world waits meanwhile. A job that two workers do is harmless.
 */
const LOCK_LASTS = seconds(2);
const STALLED_LOOK_EVERY = seconds(0.5);
/** How often a job may lose its worker. After that the pump sends it again. */
const MAX_STALLED = 5;

export interface BullMqOptions {
  /** `redis://host:port/db`. */
  readonly redisUrl: string;
  /** Tells worlds that share a Redis apart; letters, digits and `-`. */
  readonly prefix: string;
  /** Jobs a second of each kind that all processes together begin at most; undefined: as many as there are. */
  readonly rate: number | undefined;
}

export class BullMqQueue implements Queue {
  readonly name = 'bullmq';
  readonly #log: Logger;
  readonly #options: BullMqOptions;
  readonly #producer: Redis;
  readonly #queues = new Map<string, BullQueue<Job>>();
  readonly #workers: Worker<Job>[] = [];
  #consumer: CopiedRedis | undefined;
  /** An outage has been logged, and is not over. */
  #isAway = false;
  /** Handlers that are on. */
  readonly #running = new Set<Promise<void>>();

  constructor(options: BullMqOptions, log: Logger) {
    this.#log = log;
    this.#options = options;
    // A producer fails fast (the pump asks again), a worker waits for Redis to come back [bullmq docs].
    this.#producer = new Redis(options.redisUrl, {
      maxRetriesPerRequest: 1,
      retryStrategy: waitBeforeRetry,
    });
    this.#watch(this.#producer);
  }

  async start(handle: JobHandler, kinds: readonly string[]): Promise<void> {
    this.#consumer = new CopiedRedis(this.#options.redisUrl, {
      maxRetriesPerRequest: null,
      retryStrategy: waitBeforeRetry,
    });
    this.#consumer.onCopy = (copy) => {
      this.#watch(copy);
    };
    this.#watch(this.#consumer);
    const { prefix, rate } = this.#options;
    const options: WorkerOptions = {
      connection: this.#consumer,
      prefix,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_LASTS,
      stalledInterval: STALLED_LOOK_EVERY,
      maxStalledCount: MAX_STALLED,
      metrics: { maxDataPoints: METRICS_KEPT_POINTS },
      ...(rate === undefined ? {} : { limiter: { max: rate, duration: seconds(1) } }),
    };
    for (const kind of kinds) {
      // A queue that is made during an outage never takes a job, even after it (BullMQ 6.7).
      this.#queueOf(kind);
      this.#workers.push(this.#workerOf(kind, { handle, options }));
    }
    // Not waited for: a service without its Redis starts, says so in /health/ready, and works once it is there.
  }

  onReturn(listener: () => void): void {
    // The producer says `ready` at its first connection too; to look once more does no harm.
    this.#producer.on('ready', listener);
  }

  async enqueue(...jobs: readonly Job[]): Promise<void> {
    const byKind = Map.groupBy(jobs, ({ kind }) => kind);
    await Promise.all(
      [...byKind].map(async ([kind, some]) => this.#queueOf(kind).addBulk(some.map(bulkJob))),
    );
  }

  async depth(): Promise<readonly QueueDepth[]> {
    return await Promise.all(
      [...this.#queues].map(async ([kind, queue]) => {
        const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
        const of = (state: string): number => counts[state] ?? 0;
        return {
          kind,
          waiting: of('waiting') + of('prioritized'),
          active: of('active'),
          delayed: of('delayed'),
        };
      }),
    );
  }

  async isAlive(): Promise<boolean> {
    try {
      await this.#producer.ping();
      return true;
    } catch {
      return false;
    }
  }

  /** Where Redis is away, or goes meanwhile: what runs here finishes all the same, and its job will find its timer gone. */
  async close(): Promise<void> {
    await Promise.race([this.#closeInOrder(), untilLost(this.#producer)]);
    await Promise.allSettled(this.#running);
    for (const connection of this.#connections()) {
      if (connection.status !== 'end') connection.disconnect();
    }
    // Where it was not closed in order: its loops must not go on looking for Redis. It may wait for Redis to answer; we don't.
    for (const worker of this.#workers) void worker.close(true);
  }

  async #closeInOrder(): Promise<void> {
    // A worker that is closed while one of its connections is on its way back never ends (BullMQ 6.7, ioredis 6.0).
    await Promise.all(this.#connections().map(untilReady));
    await Promise.all(this.#workers.map(async (worker) => worker.close()));
    await Promise.all([...this.#queues.values()].map(async (queue) => queue.close()));
  }

  #connections(): readonly Redis[] {
    const consumer = this.#consumer;
    return [this.#producer, ...(consumer === undefined ? [] : [consumer, ...consumer.copies])];
  }

  #queueOf(kind: string): BullQueue<Job> {
    const known = this.#queues.get(kind);
    if (known !== undefined) return known;
    const queue = new BullQueue<Job>(kind, {
      connection: this.#producer,
      prefix: this.#options.prefix,
      defaultJobOptions: {
        attempts: MAX_ATTEMPTS,
        backoff: { type: 'exponential', delay: seconds(0.2) },
        removeOnComplete: true,
        removeOnFail: true,
      },
    });
    queue.on('error', (error) => {
      this.#noteError(error);
    });
    this.#queues.set(kind, queue);
    return queue;
  }

  #workerOf(
    kind: string,
    { handle, options }: { readonly handle: JobHandler; readonly options: WorkerOptions },
  ): Worker<Job> {
    const worker = new Worker<Job>(kind, async (job) => this.#run(handle, job.data), options);
    worker.on('failed', (job, error) => {
      this.#log.error({ err: error, jobId: job?.id }, 'a job failed');
    });
    worker.on('stalled', (id) => {
      this.#log.warn({ jobId: id }, 'a stalled job is given to another worker');
    });
    worker.on('error', (error) => {
      this.#noteError(error);
    });
    return worker;
  }

  #watch(connection: Redis): void {
    connection.on('error', (error) => {
      this.#noteError(error);
    });
    connection.on('ready', () => {
      if (!this.#isAway || this.#isAnyAway()) return;
      this.#isAway = false;
      this.#log.info({}, 'Redis can be reached again');
    });
  }

  #isAnyAway(): boolean {
    return this.#connections().some(({ status }) => status !== 'ready');
  }

  /**
   * Logs the first error of an outage, which lasts until every connection is back: until then each of them, each queue and each worker has
   * several errors a second. What a lost connection leaves behind after that is told no more.
   */
  #noteError(error: Error): void {
    if (this.#isAnyAway()) {
      if (this.#isAway) return;
      this.#isAway = true;
      const { host } = new URL(this.#options.redisUrl);
      const { code } = error as NodeJS.ErrnoException;
      this.#log.error({ host, reason: code ?? error.message }, 'Redis cannot be reached');
    } else if (!isOfLostConnection(error)) {
      this.#log.error({ err: error }, 'the queue failed');
    }
  }

  /** Handles a job and knows that it is on. */
  async #run(handle: JobHandler, job: Job): Promise<void> {
    const running = handle(job);
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

const bulkJob = (job: Job) => ({
  name: job.kind,
  data: job,
  opts: {
    jobId: jobId(job),
    ...(job.isBackground ? { priority: BACKGROUND_PRIORITY } : {}),
  },
});

/** A connection that knows its copies: the worker makes one for the reads that block, and nobody else could look after it. */
class CopiedRedis extends Redis {
  readonly copies: Redis[] = [];
  /** Called with each copy. */
  onCopy: ((copy: Redis) => void) | undefined;

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate(override);
    this.copies.push(copy);
    this.onCopy?.(copy);
    return copy;
  }
}

/** The errors of a socket, and those of ioredis for commands that were under way when their connection was lost [ioredis]. */
function isOfLostConnection(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_)/.test(code)) return true;
  return error.name === 'MaxRetriesPerRequestError' || error.message === 'Connection is closed.';
}

/** Milliseconds to wait before the nth try to connect: soon back where Redis is. */
const waitBeforeRetry = (tries: number): number => Math.min(tries * 50, LONGEST_RETRY);

async function untilReady(connection: Redis): Promise<void> {
  if (connection.status === 'ready') return;
  await new Promise<void>((resolve) => {
    connection.once('ready', resolve);
  });
}

/** Resolves when the connection is not there (any more). */
async function untilLost(connection: Redis): Promise<void> {
  if (connection.status !== 'ready') return;
  await new Promise<void>((resolve) => {
    connection.once('close', resolve);
  });
}
