/**
 * Whether this process may hold clusters in memory, and whether another one that holds one still lives. A process has one lease for
 * all of its clusters, from the first on. While the lease is its own nobody takes a cluster from it; once it has lapsed, whatever
 * it held counts as another's. Used by `clusters.ts`. A database that no other process can use needs none of it.
 */
import { randomUUID } from 'node:crypto';
import { LEASE_MS, LeaseKeeper } from '#schedule/lease-keeper.ts';
import { isDeadNeighbour } from '#schedule/process-name.ts';
import { monotonicNow } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database, Writer } from '#store/database.ts';
import { readLease, removeLease } from '#store/leases.ts';

export interface OwnershipParts {
  readonly database: Database;
  readonly log: Logger;
  /** Where other processes reach this one, such as `https://10.0.0.2:8480`; undefined: they don't. */
  readonly address: () => string | undefined;
}

/** What was seen of another process's lease, and since when it is so, by the monotonic clock. */
interface Seen {
  readonly renewals: number;
  readonly since: number;
}

export class Ownership {
  /** The name of this process's lease; null: nobody else could hold a cluster. */
  readonly name: string | null;
  readonly #parts: OwnershipParts;
  readonly #keeper: LeaseKeeper | undefined;
  readonly #seen = new Map<string, Seen>();
  #starting: Promise<void> | undefined;

  /** `onLapse` is called when clusters may have passed to others: before the lease is in use again. */
  constructor(parts: OwnershipParts, onLapse: () => void) {
    const { database, log } = parts;
    this.#parts = parts;
    this.name = database.isShared ? `clusters/${randomUUID()}` : null;
    if (this.name === null) return;
    this.#keeper = new LeaseKeeper({ database, name: this.name, isCandidate: true, log });
    let isFirst = true;
    this.#keeper.onGain(() => {
      if (!isFirst) onLapse();
      isFirst = false;
    });
  }

  /** Where other processes reach this one. */
  get address(): string | null {
    return this.#parts.address() ?? null;
  }

  /** Whether what this process holds is its own at this moment. */
  get isValid(): boolean {
    return this.#keeper === undefined || this.#keeper.fence !== undefined;
  }

  /** Takes the lease, unless that was done. */
  async begin(): Promise<void> {
    if (this.#keeper === undefined) return;
    this.#starting ??= this.#keeper.start();
    await this.#starting;
  }

  /** Whether the process whose lease has that name may still hold clusters. */
  async isAlive(name: string): Promise<boolean> {
    const lease = await readLease(this.#parts.database.reader, name);
    if (lease === undefined || lease.holder === '' || isDeadNeighbour(lease.holder)) return false;
    const now = monotonicNow();
    const seen = this.#seen.get(name);
    if (seen?.renewals === lease.renewals) return now - seen.since <= LEASE_MS;
    this.#seen.set(name, { renewals: lease.renewals, since: now });
    return true;
  }

  /** Ends the lease of a process that is taken to be dead. Part of the transaction that takes a cluster from it. */
  async revoke(writer: Writer, name: string): Promise<void> {
    await removeLease(writer, name);
    this.#seen.delete(name);
  }

  async close(): Promise<void> {
    const { name } = this;
    if (this.#starting === undefined || name === null) return;
    await this.#starting;
    await this.#keeper?.stop();
    await this.#parts.database.write(async (writer) => removeLease(writer, name));
  }
}
