/**
 * Keeps a lease: takes it where nobody holds it, renews it, and tells when it was gained. One process of all that share the
 * database holds it at a time; where that one dies, another has it within `LEASE_MS` and a look. Used by `pump.ts`.
 *
 * A database that no other process can use needs none: there the lease is held from the start.
 */
import { monotonicNow } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import { giveLeaseBack, type LeaseRow, readLease, renewLease, takeLease } from '#store/leases.ts';
import { isDeadNeighbour, processName } from './process-name.ts';

/** How long a lease lasts that is not renewed, milliseconds. */
export const LEASE_MS = 3000;
/** How often its holder renews it, and the others look whether it does, milliseconds. */
const RENEW_MS = 1000;
const LOOK_MS = 500;
/** How long before the end of its lease a holder regards it as lost, milliseconds: the others count from a later moment. */
const MARGIN_MS = 500;

export interface LeaseKeeperParts {
  readonly database: Database;
  readonly name: string;
  /** False: it only watches whether another process holds the lease. */
  readonly isCandidate: boolean;
  readonly log: Logger;
}

export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  readonly #self = processName();
  readonly #listeners: (() => void)[] = [];
  /** Ours; undefined: another process holds it, or nobody. */
  #lease: LeaseRow | undefined;
  /** When the renewal began that showed it as ours, by the monotonic clock. */
  #renewedAt = 0;
  /** What the last look showed, and since when it is so, by the monotonic clock. */
  #seen: LeaseRow | undefined;
  #seenAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> | undefined;
  #isRunning = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  /** The fence of our lease; `unshared` where nobody else could hold it; undefined where we do not hold it. */
  get fence(): number | 'unshared' | undefined {
    if (!this.#isRunning) return undefined;
    if (!this.#parts.database.isShared) return 'unshared';
    const isOver = monotonicNow() - this.#renewedAt > LEASE_MS - MARGIN_MS;
    return isOver ? undefined : this.#lease?.fence;
  }

  /** Calls `listener` whenever this process has gained the lease. */
  onGain(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether some process has renewed the lease of late, or this one holds it. */
  get isHeldBySomebody(): boolean {
    if (this.fence !== undefined) return true;
    const { holder = '' } = this.#seen ?? {};
    return holder !== '' && monotonicNow() - this.#seenAt <= LEASE_MS + LOOK_MS;
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    if (!this.#parts.database.isShared) return;
    this.#seenAt = monotonicNow();
    await this.#turn();
    this.#next();
  }

  /** Gives the lease back. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#turning;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease === undefined) return;
    const { database, log } = this.#parts;
    await database
      .write(async (writer) => giveLeaseBack(writer, lease))
      .catch((error: unknown) => {
        log.warn({ err: error, lease: lease.name }, 'a lease could not be given back');
      });
  }

  #next(): void {
    if (!this.#isRunning) return;
    const wait = this.#lease === undefined ? LOOK_MS : RENEW_MS;
    this.#timer = setTimeout(() => {
      this.#turning = this.#turn().finally(() => {
        this.#turning = undefined;
        this.#next();
      });
    }, wait);
    this.#timer.unref();
  }

  /** Renews what is ours, or looks whether it may be taken. */
  async #turn(): Promise<void> {
    try {
      if (this.#lease === undefined) await this.#look();
      else await this.#renew(this.#lease);
    } catch (error) {
      // The database is away. A lease that cannot be renewed ends by itself (`fence`).
      this.#parts.log.warn(
        { err: error, lease: this.#parts.name },
        'a lease could not be looked at',
      );
    }
  }

  async #renew(lease: LeaseRow): Promise<void> {
    const beganAt = monotonicNow();
    const renewed = await this.#parts.database.write(async (writer) => renewLease(writer, lease));
    if (renewed === undefined) {
      this.#parts.log.warn({ lease: lease.name }, 'a lease has passed to another process');
      this.#lease = undefined;
      this.#seenAt = monotonicNow();
      return;
    }
    const wasOver = this.fence === undefined;
    this.#lease = renewed;
    this.#renewedAt = beganAt;
    if (wasOver) this.#tellGain();
  }

  async #look(): Promise<void> {
    const { database, name, isCandidate } = this.#parts;
    const beganAt = monotonicNow();
    const row = await readLease(database.reader, name);
    if (row?.fence !== this.#seen?.fence || row?.renewals !== this.#seen?.renewals) {
      this.#seenAt = beganAt;
    }
    this.#seen = row;
    if (!isCandidate || !this.#isFree(row, beganAt)) return;
    const taken = await database.write(async (writer) =>
      takeLease(writer, this.#self, { name, seen: row }),
    );
    if (taken === undefined) return;
    this.#lease = taken;
    this.#renewedAt = beganAt;
    this.#tellGain();
  }

  #isFree(row: LeaseRow | undefined, now: number): boolean {
    if (row === undefined || row.holder === '') return true;
    return isDeadNeighbour(row.holder) || now - this.#seenAt > LEASE_MS;
  }

  #tellGain(): void {
    for (const listener of this.#listeners) listener();
  }
}
