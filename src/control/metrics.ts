/**
 * What `/metrics` shows, in the text format of Prometheus: requests, operations by state, timers that are due, the queue's depth,
 * the event loop's lag and the memory of this process. Made when it is asked for; only requests are counted along the way. Mounted by
 * `health.ts`.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as Prometheus from 'prom-client';
import type { Clock } from '#schedule/clock.ts';
import type { Pump } from '#schedule/pump.ts';
import type { Queue } from '#schedule/queue.ts';
import { monotonicNow } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import { countFaults } from '#store/faults.ts';
import { countOperations } from '#store/operations.ts';
import { countDueTimers } from '#store/timers.ts';

export interface MetricsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly pump: Pump;
  readonly queue: Queue;
}

/** Requests of one method that were answered with one status. */
interface Requests {
  readonly method: string;
  readonly status: string;
  count: number;
  seconds: number;
}

const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';

/** When a request came, by the monotonic clock. Kept on the request: a WeakMap of all would slow every garbage collection down. */
const STARTED_AT = Symbol('started at');
interface Timed extends IncomingMessage {
  [STARTED_AT]?: number;
}

/** Counts the requests that this process answers, at any of its doors. */
class RequestCounts {
  readonly #counts = new Map<string, Requests>();

  readonly #onStart = (message: unknown): void => {
    const { request } = message as { readonly request: Timed };
    request[STARTED_AT] = monotonicNow();
  };

  readonly #onFinish = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: Timed;
      readonly response: ServerResponse;
    };
    const { method = '' } = request;
    const status = String(response.statusCode);
    const key = `${method} ${status}`;
    let requests = this.#counts.get(key);
    if (requests === undefined) {
      requests = { method, status, count: 0, seconds: 0 };
      this.#counts.set(key, requests);
    }
    requests.count++;
    const { [STARTED_AT]: startedAt } = request;
    if (startedAt !== undefined) requests.seconds += (monotonicNow() - startedAt) / 1000;
  };

  start(): void {
    subscribe(STARTED, this.#onStart);
    subscribe(FINISHED, this.#onFinish);
  }

  stop(): void {
    unsubscribe(STARTED, this.#onStart);
    unsubscribe(FINISHED, this.#onFinish);
  }

  get all(): Iterable<Requests> {
    return this.#counts.values();
  }
}

export class Metrics {
  readonly #parts: MetricsParts;
  readonly #requests = new RequestCounts();
  #registry: Promise<Prometheus.Registry> | undefined;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    this.#requests.start();
  }

  /** The text, and its media type. */
  async text(): Promise<{ readonly type: string; readonly text: string }> {
    this.#registry ??= this.#makeRegistry();
    const registry = await this.#registry;
    return { type: registry.contentType, text: await registry.metrics() };
  }

  close(): void {
    this.#requests.stop();
  }

  async #makeRegistry(): Promise<Prometheus.Registry> {
    // Loaded only where somebody asks: it costs start-up time and memory.
    const prometheus = await import('prom-client');
    const registry = new prometheus.Registry();
    prometheus.collectDefaultMetrics({ register: registry });
    addRequestMetrics({ prometheus, registry }, this.#requests);
    addWorldMetrics({ prometheus, registry }, this.#parts);
    addProcessMetrics({ prometheus, registry }, this.#parts);
    return registry;
  }
}

interface Target {
  readonly prometheus: typeof Prometheus;
  readonly registry: Prometheus.Registry;
}

function addRequestMetrics({ prometheus, registry }: Target, requests: RequestCounts): void {
  const common = { labelNames: ['method', 'status'] as const, registers: [registry] };
  new prometheus.Counter({
    ...common,
    name: 'edgetwin_http_requests_total',
    help: 'Requests that this process has answered.',
    collect() {
      this.reset();
      for (const { method, status, count } of requests.all) this.inc({ method, status }, count);
    },
  });
  new prometheus.Counter({
    ...common,
    name: 'edgetwin_http_request_seconds_total',
    help: 'Time that this process has taken for the requests that it has answered, from their heads to the ends of the answers.',
    collect() {
      this.reset();
      for (const { method, status, seconds } of requests.all) this.inc({ method, status }, seconds);
    },
  });
}

/** What is the same whichever process is asked. */
function addWorldMetrics(
  { prometheus, registry }: Target,
  { database, clock }: MetricsParts,
): void {
  const registers = [registry];
  new prometheus.Gauge({
    name: 'edgetwin_operations',
    help: 'Long-running operations in the database, by their state.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      for (const [status, count] of await countOperations(database.reader)) {
        this.set({ status }, count);
      }
    },
  });
  new prometheus.Gauge({
    name: 'edgetwin_timers_due',
    help: 'Timers that are due in simulated time and not worked off yet.',
    registers,
    async collect() {
      this.set(await countDueTimers(database.reader, clock.now()));
    },
  });
  new prometheus.Gauge({
    name: 'edgetwin_faults',
    help: 'Faults and campaigns of faults that were injected and have not ended, those to come included.',
    registers,
    async collect() {
      this.set(await countFaults(database.reader));
    },
  });
  new prometheus.Gauge({
    name: 'edgetwin_clock_rate',
    help: 'Simulated seconds a second; 0 while the clock is frozen.',
    registers,
    collect() {
      this.set(clock.isFrozen ? 0 : clock.rate);
    },
  });
}

function addProcessMetrics({ prometheus, registry }: Target, { pump, queue }: MetricsParts): void {
  const registers = [registry];
  new prometheus.Gauge({
    name: 'edgetwin_queue_jobs',
    help: 'Jobs in the queue, by their kind and state; those of this process where the queue is inside of it.',
    labelNames: ['kind', 'state'],
    registers,
    async collect() {
      this.reset();
      // A queue that cannot be reached has no depth; /health/ready says so.
      const depths = await queue.depth().catch(() => []);
      for (const { kind, ...states } of depths) {
        for (const [state, count] of Object.entries(states)) this.set({ kind, state }, count);
      }
    },
  });
  new prometheus.Gauge({
    name: 'edgetwin_pump_elected',
    help: '1 in the process that turns due timers into jobs, 0 in all others.',
    registers,
    collect() {
      this.set(pump.isElected ? 1 : 0);
    },
  });
}
