/**
 * The simulated clock: real time mapped to simulated time by a stored row. Everyone reads it; `control/` sets it and the
 * pump steps it. With `shared/instant.ts` the only place that knows real time.
 *
 * Several processes share the row, and none may show a moment that the row does not allow:
 *
 * - On SQLite a process looks whether the row was changed before it tells the time, at most once a millisecond.
 * - On PostgreSQL it hears of a change by notification, and reads the row again ten times a second and before each request. It tells the time from the
 *   row for a quarter of a second after it began to read it; then its time stands until it has read the row again, so a
 *   process that was paused, or has lost the server, does not run past the others.
 * - Whoever slows the clock down or freezes it sets it to a moment that nobody can have passed before they know.
 */
import {
  between,
  type Duration,
  earlier,
  type Instant,
  instant,
  LAST_MOMENT,
  later,
  milliseconds,
  monotonicNow,
  wallNow,
} from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import {
  addClock,
  changeClock,
  clockNow,
  type ClockRow,
  type ClockSetting,
  readClock,
} from '#store/clock.ts';
import type { Database, Writer } from '#store/database.ts';
import { latestMoment } from '#store/journal.ts';
import { signalsOf } from '#store/signals.ts';
import { findWorldValue, setWorldValue } from '#store/world.ts';

/** How a new world's clock begins. */
export interface InitialClock {
  /** First simulated moment; undefined: the present real time. */
  readonly startAt: Instant | undefined;
  /** Simulated seconds a second, above 0. */
  readonly rate: number;
  readonly isFrozen: boolean;
}

/** What a clock may be set to. */
export interface ClockChange {
  readonly rate?: number;
  readonly isFrozen?: boolean;
  readonly now?: Instant;
}

/** The name of the world's value with the moment that a process was at when it ended. */
const REACHED = 'clock-reached';
/** So far may the wall be set back, as NTP does, before the clock is set anew, milliseconds. */
const MAX_BACK_MS = 2000;

/** How often the row is read again where the engine does not tell of changes at once. */
const REFRESH_MS = 100;
/** How long a process may not know of a change after it was committed, and how long a commit takes, milliseconds. */
interface Delays {
  readonly newsMs: number;
  /** One that takes longer is mended afterwards. */
  readonly commitMs: number;
}

/** A process tells the time from a row that it has not read again for `newsMs` at most. */
const POSTGRESQL_DELAYS: Delays = { newsMs: 250, commitMs: 100 };
const SQLITE_DELAYS: Delays = { newsMs: 1, commitMs: 10 };

function delaysOf({ engine, isShared }: Database): Delays | undefined {
  if (!isShared) return undefined;
  return engine === 'postgresql' ? POSTGRESQL_DELAYS : SQLITE_DELAYS;
}

/** How far ahead, in real time, a clock is set that is slowed down; milliseconds. */
export function slowingMarginMs(database: Database): number {
  const { newsMs, commitMs } = delaysOf(database) ?? { newsMs: 0, commitMs: 0 };
  return newsMs + commitMs;
}

export class Clock {
  readonly #database: Database;
  /** Undefined: no other process can change the row. */
  readonly #delays: Delays | undefined;
  /** Changes of other processes have to be read by a query. */
  readonly #isRead: boolean;
  readonly #listeners: (() => void)[] = [];
  #row: ClockRow;
  /** When the look that showed the row began, by the monotonic clock. */
  #readAt: number;
  /** Never goes back, even where real time does. */
  #last: Instant = instant(0);
  readonly #refresh: NodeJS.Timeout | undefined;
  #isRefreshing = false;
  #isFollowing = false;
  /** A look at the row that is under way, and the one that begins after it. */
  #reading: Promise<void> | undefined;
  #nextRead: Promise<void> | undefined;

  private constructor(database: Database, row: ClockRow, readAt: number) {
    this.#database = database;
    this.#row = row;
    this.#readAt = readAt;
    this.#delays = delaysOf(database);
    this.#isRead = !database.hasCache;
    database.onCommit(({ isClockSet, isExternal }) => {
      if (!isClockSet || !isExternal) return;
      if (this.#isRead) void this.#refreshAtLeisure();
      else this.#readNow();
    });
    if (this.#isRead) {
      this.#refresh = setInterval(() => {
        if (!this.#isRefreshing) void this.#refreshAtLeisure();
      }, REFRESH_MS);
      this.#refresh.unref();
    }
  }

  /** The world's clock: the stored one, or a new one as `initial` says. */
  static async open(database: Database, initial: InitialClock): Promise<Clock> {
    await database.write(async (writer) => addClock(writer, settingAt(initial)));
    const readAt = monotonicNow();
    const row = present(await readClock(database.reader), 'the clock of the world');
    const clock = new Clock(database, row, readAt);
    // The wall may have been set back while no process ran: what has happened does not lie in the future.
    const reached = await reachedMoment(database);
    if (reached > clock.now()) await clock.set({ now: reached });
    return clock;
  }

  /** Stores the present moment, so that the next process begins no earlier, whatever the wall says. */
  async keepMoment(): Promise<void> {
    const now = this.now();
    const { version } = this.#row;
    await this.#database.write(async (writer) => {
      // Who changed the row meanwhile has set it later, or has begun the world anew: then this moment is one of the former world.
      const row = await readClock(writer);
      if (row?.version === version) await setWorldValue(writer, REACHED, String(now));
    });
  }

  /** Reads no more. What it tells from then on is of no use. */
  close(): void {
    clearInterval(this.#refresh);
  }

  /** Which row it tells the time from; grows by one with each change that any process makes. */
  get version(): number {
    return this.#row.version;
  }

  get rate(): number {
    return this.#row.rate;
  }

  get isFrozen(): boolean {
    return this.#row.isFrozen;
  }

  /** Calls `listener` whenever the clock was set, in this process or in another. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The present simulated moment. */
  now(): Instant {
    let overdueMs = 0;
    if (this.#delays !== undefined) {
      const { newsMs } = this.#delays;
      if (this.#isRead) overdueMs = Math.max(0, monotonicNow() - this.#readAt - newsMs);
      else this.#database.noticeOthers(newsMs);
    }
    const moment = momentAt(this.#row, wallNow() - overdueMs);
    if (this.#last - moment > MAX_BACK_MS * speedOf(this.#row)) this.#followWall();
    this.#last = later(this.#last, moment);
    return this.#last;
  }

  /** The wall was set back: the clock goes on from where it is, instead of standing until the wall is there again. */
  #followWall(): void {
    if (this.#isFollowing || this.#row.isFrozen) return;
    this.#isFollowing = true;
    void this.set({})
      .catch(() => undefined)
      .finally(() => {
        this.#isFollowing = false;
      });
  }

  /** How long the wall has to wait until `at`; 0 when it is past; undefined while the clock is frozen before it. */
  wallUntil(at: Instant): Duration | undefined {
    const now = this.now();
    if (at <= now) return milliseconds(0);
    if (this.#row.isFrozen) return undefined;
    return milliseconds(Math.ceil(between(now, at) / this.#row.rate));
  }

  /** Reads the row again: what another process set before this call is known when it resolves. */
  async refresh(): Promise<void> {
    if (!this.#isRead) {
      this.#database.noticeOthers(0);
      return;
    }
    const readAt = monotonicNow();
    const row = await readClock(this.#database.reader);
    if (row !== undefined) this.#adopt(row, readAt);
  }

  /**
   * Resolves when the time that is told is not older than this call: whoever has the answer to an advance from one process is not shown
   * an earlier time by the next. Undefined where that is so at once. Calls of the same time share a query.
   */
  upToDate(): Promise<void> | undefined {
    if (!this.#isRead) {
      this.#database.noticeOthers(0);
      return undefined;
    }
    this.#nextRead ??= this.#readAfter(this.#reading);
    return this.#nextRead;
  }

  /** Changes rate, standstill or moment from now on. `now` may not lie in the past: what happened stays so. */
  async set(change: ClockChange): Promise<void> {
    const { before, after, changedAt } = await this.#database.write(async (writer) =>
      this.#setIn(writer, change),
    );
    if (this.#delays === undefined || speedOf(after) >= speedOf(before)) return;
    const { newsMs, commitMs } = this.#delays;
    if (monotonicNow() - changedAt <= commitMs) return;
    // Others told the time from the former row until the commit, and a little longer.
    await this.set({ now: momentAt(before, wallNow() + newsMs) });
  }

  /** Begins anew, as in a new world, and gives its first moment. Part of the transaction that empties the world. */
  async restart(writer: Writer, initial: InitialClock): Promise<Instant> {
    const row = present(await readClock(writer), 'the clock of the world');
    await setWorldValue(writer, REACHED, '0');
    const { simulatedAnchorMs } = await this.#change(writer, settingAt(initial), row.version);
    return instant(simulatedAnchorMs);
  }

  async #setIn(
    writer: Writer,
    change: ClockChange,
  ): Promise<{ before: ClockRow; after: ClockRow; changedAt: number }> {
    const changedAt = monotonicNow();
    const before = present(await readClock(writer), 'the clock of the world');
    const rate = change.rate ?? before.rate;
    const isFrozen = change.isFrozen ?? before.isFrozen;
    const isSlowing = speedOf({ rate, isFrozen }) < speedOf(before);
    const wallMs = wallNow();
    const marginMs = isSlowing ? slowingMarginMs(this.#database) : 0;
    const last = before.version === this.#row.version ? this.#last : instant(0);
    const reached = later(last, momentAt(before, wallMs + marginMs));
    const { now = reached } = change;
    const setting =
      now > reached
        ? { wallAnchorMs: wallMs, simulatedAnchorMs: now, rate, isFrozen }
        : { wallAnchorMs: wallMs + marginMs, simulatedAnchorMs: reached, rate, isFrozen };
    return { before, after: await this.#change(writer, setting, before.version), changedAt };
  }

  async #change(writer: Writer, setting: ClockSetting, from: number): Promise<ClockRow> {
    const readAt = monotonicNow();
    const row = present(await changeClock(writer, setting, from), 'the version of the clock');
    signalsOf(writer).afterCommit(() => {
      this.#adopt(row, readAt);
    });
    return row;
  }

  /** Takes a row over that was read, unless a newer one is known. */
  #adopt(row: ClockRow, readAt: number): void {
    if (row.version < this.#row.version) return;
    this.#readAt = Math.max(this.#readAt, readAt);
    if (row.version === this.#row.version) return;
    this.#row = row;
    // A row lies behind no moment that was told, but where the world began anew.
    this.#last = instant(0);
    for (const listener of this.#listeners) listener();
  }

  async #readAfter(earlier: Promise<void> | undefined): Promise<void> {
    await earlier;
    this.#reading = this.#nextRead;
    this.#nextRead = undefined;
    await this.#refreshAtLeisure();
  }

  #readNow(): void {
    const row = clockNow(this.#database);
    if (row !== undefined) this.#adopt(row, monotonicNow());
  }

  async #refreshAtLeisure(): Promise<void> {
    this.#isRefreshing = true;
    try {
      await this.refresh();
    } catch {
      // The server is away: the next one may reach it, and time stands until then.
    } finally {
      this.#isRefreshing = false;
    }
  }
}

/** Simulated milliseconds a millisecond. */
const speedOf = ({ rate, isFrozen }: Pick<ClockSetting, 'rate' | 'isFrozen'>): number =>
  isFrozen ? 0 : rate;

/** The simulated moment at a real one, milliseconds, as the row has it. */
const momentAt = (row: ClockSetting, wallMs: number): Instant =>
  earlier(LAST_MOMENT, instant(row.simulatedAnchorMs + (wallMs - row.wallAnchorMs) * speedOf(row)));

/** The latest moment that the world is known to have seen. */
async function reachedMoment({ reader }: Database): Promise<Instant> {
  const kept = instant(Number((await findWorldValue(reader, REACHED)) ?? 0));
  return later(kept, (await latestMoment(reader)) ?? kept);
}

function settingAt({ startAt, rate, isFrozen }: InitialClock): ClockSetting {
  const wall = wallNow();
  return { wallAnchorMs: wall, simulatedAnchorMs: startAt ?? wall, rate, isFrozen };
}
