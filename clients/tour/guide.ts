/**
 * Used by the chapters to tell the story: makes calls and shows them, follows long-running operations with a progress bar,
 * advances the clock. Knows the service over HTTP only.
 */
import {
  between,
  type Duration,
  type Instant,
  milliseconds,
  parseInstant,
  seconds,
  wallNow,
} from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  type Method,
  Operation,
  type Reply,
  textOf,
  UnexpectedAnswer,
} from './arm-client.ts';
import type { Progress, Screen } from './screen.ts';
import { shownPath } from './place.ts';

/** Between two polls, in real time. */
const POLL_INTERVAL = milliseconds(100);
/** After this (real time) the tour gives up. */
const MAX_WAIT = seconds(45);
/** Pauses for reading, in real time; on a terminal only. */
const PAUSE_AFTER_CALL = milliseconds(150);
const PAUSE_BEFORE_CHAPTER = milliseconds(600);

export interface GuideParts {
  readonly client: ArmClient;
  readonly screen: Screen;
  readonly wait: (length: Duration) => Promise<void>;
  /** On a terminal: pauses give time to read. */
  readonly isWatched: boolean;
  /** The simulated time at the start of the tour. */
  readonly startedAt: Instant;
}

/** The progress of something, and whether it is done. */
export interface State extends Progress {
  readonly isDone: boolean;
}

export interface CallOptions {
  readonly body?: JsonObject;
  /** The expected status; default 200. */
  readonly status?: number;
}

/** How the clock proceeds while something is followed. */
export interface Pace {
  /** The clock is advanced by this duration at each poll; without it the clock runs by itself. */
  readonly step?: string;
}

export class Guide {
  readonly client: ArmClient;
  readonly screen: Screen;
  readonly #parts: GuideParts;

  constructor(parts: GuideParts) {
    this.#parts = parts;
    this.client = parts.client;
    this.screen = parts.screen;
  }

  async chapter(title: string): Promise<void> {
    await this.#pause(PAUSE_BEFORE_CHAPTER);
    this.screen.chapter(title, await this.time());
  }

  /** Makes a call, shows it, and gives the answer; another status than the expected one ends the tour. */
  async call(method: Method, path: string, options: CallOptions = {}): Promise<Reply> {
    const reply = await this.client.call(method, path, options.body);
    this.screen.call(method, shownPath(path), reply.status);
    if (reply.status !== (options.status ?? 200)) throw new UnexpectedAnswer(reply);
    await this.#pause(PAUSE_AFTER_CALL);
    return reply;
  }

  /** As `call`, for a request that is accepted with a 202. */
  async begin(method: Method, path: string, body?: JsonObject): Promise<Operation> {
    const options = { status: 202, ...(body === undefined ? {} : { body }) };
    return new Operation(this.client, await this.call(method, path, options));
  }

  /** The properties of a resource, by a GET that is not shown; empty where it does not exist (yet). */
  async properties(path: string): Promise<JsonObject> {
    const { body } = await this.client.call('GET', path);
    return (body.properties ?? {}) as JsonObject;
  }

  /** Follows `operation` to its end with a progress bar; `passed` is in simulated time. */
  async follow(
    operation: Operation,
    progress: (passed: Duration) => Promise<Progress>,
    pace: Pace = {},
  ): Promise<void> {
    await this.watch(async (passed) => {
      const isDone = await operation.isDone();
      return { ...(await progress(passed)), isDone };
    }, pace);
  }

  /** Draws a progress bar until `poll` says that it is done; `passed` is in simulated time. */
  async watch(poll: (passed: Duration) => Promise<State>, pace: Pace = {}): Promise<void> {
    const startedAt = await this.now();
    const deadline = wallNow() + MAX_WAIT;
    for (;;) {
      const now = await this.now();
      const { isDone, percent, label } = await poll(between(startedAt, now));
      const shown = { label, percent: isDone ? 100 : Math.min(99, percent) };
      this.screen.bar(shown, this.#elapsed(now));
      if (isDone) return;
      if (wallNow() > deadline) throw new Error(`'${label}' did not end in time.`);
      await this.#parts.wait(POLL_INTERVAL);
      if (pace.step !== undefined) await this.#advance(pace.step);
    }
  }

  /** Advances the clock by an ISO 8601 duration, and shows `text`. */
  async jump(duration: string, text: string): Promise<void> {
    this.screen.jump(text);
    await this.#advance(duration);
    await this.#pause(PAUSE_AFTER_CALL);
  }

  /** The simulated time. */
  async now(): Promise<Instant> {
    const { body } = await this.client.call('GET', '/_edgetwin/clock');
    return present(parseInstant(textOf(body.now)), 'the time of the clock');
  }

  /** Simulated time since the start of the tour: `+7 d 02:35`. */
  async time(): Promise<string> {
    return this.#elapsed(await this.now());
  }

  #elapsed(now: Instant): string {
    const passedMinutes = Math.floor(between(this.#parts.startedAt, now) / 60_000);
    const two = (value: number): string => String(value).padStart(2, '0');
    const dayCount = Math.floor(passedMinutes / 1440);
    const clock = `${two(Math.floor(passedMinutes / 60) % 24)}:${two(passedMinutes % 60)}`;
    return dayCount === 0 ? `+${clock}` : `+${dayCount} d ${clock}`;
  }

  async #advance(duration: string): Promise<void> {
    const reply = await this.client.call('POST', '/_edgetwin/clock/advance', { duration });
    if (reply.status !== 200) throw new UnexpectedAnswer(reply);
  }

  async #pause(length: Duration): Promise<void> {
    if (this.#parts.isWatched) await this.#parts.wait(length);
  }
}

/** The progress, in percent, of something that reports none: by the longest time that it takes. */
export function byTime(passed: Duration, maximum: Duration): number {
  return (passed * 100) / maximum;
}
