/**
 * Leads through the story: makes calls and shows them, follows what takes time with a bar, moves the clock. Used by the
 * chapters. Everything that it knows of the service comes over HTTP.
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

/** Between two looks, wall. */
const LOOK_EVERY = milliseconds(100);
/** What has not ended by then (wall) never will: the tour gives up. */
const LONGEST_WAIT = seconds(45);
/** For reading, wall; on a terminal only. */
const AFTER_A_CALL = milliseconds(150);
const AFTER_A_CHAPTER = milliseconds(600);

export interface GuideParts {
  readonly client: ArmClient;
  readonly screen: Screen;
  readonly wait: (length: Duration) => Promise<void>;
  /** Somebody reads along. */
  readonly isWatched: boolean;
  /** Simulated moment at which the tour began. */
  readonly beganAt: Instant;
}

/** How far something is. */
export interface State extends Progress {
  readonly isDone: boolean;
}

export interface Wish {
  readonly body?: JsonObject;
  /** The status that the story goes on with; default 200. */
  readonly status?: number;
}

/** How the clock gets on while something is followed. */
export interface Pace {
  /** Moved by hand by this much a look; without it the clock runs by itself. */
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
    await this.#pause(AFTER_A_CHAPTER);
    this.screen.chapter(title, await this.time());
  }

  /** Makes a call, shows it, and gives the answer; any other status than the wished one ends the tour. */
  async call(method: Method, path: string, wish: Wish = {}): Promise<Reply> {
    const reply = await this.client.call(method, path, wish.body);
    this.screen.call(method, shownPath(path), reply.status);
    if (reply.status !== (wish.status ?? 200)) throw new UnexpectedAnswer(reply);
    await this.#pause(AFTER_A_CALL);
    return reply;
  }

  /** As `call`, for what is accepted with a 202. */
  async begin(method: Method, path: string, body?: JsonObject): Promise<Operation> {
    const wish = { status: 202, ...(body === undefined ? {} : { body }) };
    return new Operation(this.client, await this.call(method, path, wish));
  }

  /** A GET that is not shown: the resource's properties; empty where there is none (yet). */
  async properties(path: string): Promise<JsonObject> {
    const { body } = await this.client.call('GET', path);
    return (body.properties ?? {}) as JsonObject;
  }

  /** Follows `operation` to its end with a bar; `progress` says how far it is. */
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

  /** Draws a bar until `look` says that it is done; `passed` is simulated time. */
  async watch(look: (passed: Duration) => Promise<State>, pace: Pace = {}): Promise<void> {
    const beganAt = await this.now();
    const gaveUpAt = wallNow() + LONGEST_WAIT;
    for (;;) {
      const now = await this.now();
      const { isDone, percent, label } = await look(between(beganAt, now));
      const shown = { label, percent: isDone ? 100 : Math.min(99, percent) };
      this.screen.bar(shown, this.#elapsed(now));
      if (isDone) return;
      if (wallNow() > gaveUpAt) throw new Error(`'${label}' did not end in time.`);
      await this.#parts.wait(LOOK_EVERY);
      if (pace.step !== undefined) await this.#advance(pace.step);
    }
  }

  /** Moves the clock on by an ISO 8601 duration, and says so. */
  async jump(duration: string, text: string): Promise<void> {
    this.screen.jump(text);
    await this.#advance(duration);
    await this.#pause(AFTER_A_CALL);
  }

  /** The present simulated moment. */
  async now(): Promise<Instant> {
    const { body } = await this.client.call('GET', '/_edgetwin/clock');
    return present(parseInstant(textOf(body.now)), 'the time of the clock');
  }

  /** Simulated time since the tour began: `+7 d 02:35`. */
  async time(): Promise<string> {
    return this.#elapsed(await this.now());
  }

  #elapsed(now: Instant): string {
    const passedMinutes = Math.floor(between(this.#parts.beganAt, now) / 60_000);
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

/** Progress of what tells none: by its longest time. */
export function byTime(passed: Duration, longest: Duration): number {
  return (passed * 100) / longest;
}
