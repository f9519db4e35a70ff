/**
 * The simulated clock: wall time mapped to simulated time by a stored row. Everyone reads it; `control/` sets it and the
 * pump steps it. With `shared/instant.ts` the only place that knows wall time.
 */
import {
  between,
  type Duration,
  type Instant,
  instant,
  later,
  milliseconds,
  wallNow,
} from '#shared/instant.ts';
import { type ClockRow, readClock, writeClock } from '#store/clock.ts';
import type { Database } from '#store/database.ts';

/** How a new world's clock begins. */
export interface ClockBirth {
  /** First simulated moment; undefined: the wall's now. */
  readonly startAt: Instant | undefined;
  /** Simulated seconds a wall second, above 0. */
  readonly rate: number;
  readonly isFrozen: boolean;
}

export class Clock {
  readonly #database: Database;
  #row: ClockRow;
  /** Never goes back, even where the wall does. */
  #last: Instant = instant(0);
  /** Changes wait for one another: one made from an older row would take the clock back. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(database: Database, row: ClockRow) {
    this.#database = database;
    this.#row = row;
  }

  /** The world's clock: the stored one, or a new one as `birth` says. */
  static async open(database: Database, birth: ClockBirth): Promise<Clock> {
    const stored = await readClock(database);
    if (stored !== undefined) return new Clock(database, stored);
    const row = rowAt(birth);
    await writeClock(database, row);
    return new Clock(database, row);
  }

  get rate(): number {
    return this.#row.rate;
  }

  get isFrozen(): boolean {
    return this.#row.isFrozen;
  }

  /** The present simulated moment. */
  now(): Instant {
    const passed = this.#row.isFrozen ? 0 : (wallNow() - this.#row.wallAnchorMs) * this.#row.rate;
    this.#last = later(this.#last, instant(this.#row.simulatedAnchorMs + passed));
    return this.#last;
  }

  /** How long the wall has to wait until `at`; 0 when it is past; undefined while the clock is frozen before it. */
  wallUntil(at: Instant): Duration | undefined {
    const now = this.now();
    if (at <= now) return milliseconds(0);
    if (this.#row.isFrozen) return undefined;
    return milliseconds(Math.ceil(between(now, at) / this.#row.rate));
  }

  /** Changes rate, standstill or moment from now on. `now` may not lie in the past: what happened stays so. */
  async set(change: {
    readonly rate?: number;
    readonly isFrozen?: boolean;
    readonly now?: Instant;
  }): Promise<void> {
    await this.#inTurn(async () => {
      const row: ClockRow = {
        wallAnchorMs: wallNow(),
        simulatedAnchorMs: later(this.now(), change.now ?? instant(0)),
        rate: change.rate ?? this.#row.rate,
        isFrozen: change.isFrozen ?? this.#row.isFrozen,
      };
      await writeClock(this.#database, row);
      this.#row = row;
    });
  }

  /** Takes a world's clock anew after a reset: it begins again at `birth`. */
  async restart(birth: ClockBirth): Promise<void> {
    await this.#inTurn(async () => {
      const row = rowAt(birth);
      await writeClock(this.#database, row);
      this.#row = row;
      this.#last = instant(0);
    });
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    await turn;
  }
}

function rowAt({ startAt, rate, isFrozen }: ClockBirth): ClockRow {
  const wall = wallNow();
  return { wallAnchorMs: wall, simulatedAnchorMs: startAt ?? wall, rate, isFrozen };
}
