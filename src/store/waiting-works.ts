/**
 * The works that wait for a transaction: which of them share the next one, and what becomes of those of one that failed
 * (docs/decisions/0025). Used by `database.ts`.
 */
import type { Writer } from './transaction.ts';

/** How many works share a transaction at most: the event loop stands while they run. */
export const MAX_BATCH = 64;
/** How often works that others were in the way of are run again together, before each goes alone. */
const MAX_TOGETHER = 4;
/** After a work has thrown in a transaction without savepoints, so many have one: where some throw, more will. */
const WORKS_UNDER_SAVEPOINTS = 256;

/**
 * How a work shares a transaction: with nothing between it and the others, so that one that throws makes all of them run again; under
 * a savepoint of its own; or not at all.
 */
export type Manner = 'together' | 'underSavepoint' | 'alone';

/** A work that waits for its transaction, or is in it. */
export interface Pending {
  readonly work: (writer: Writer) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** How often others were in its way. */
  attempts: number;
  manner: Manner;
}

export class WaitingWorks {
  readonly #works: Pending[] = [];
  readonly #pipelines: boolean;
  /** How many of the next works are to have a savepoint. */
  #underSavepoints = 0;

  /** `pipelines`: whether the engine takes statements before it has answered earlier ones. */
  constructor(pipelines: boolean) {
    this.#pipelines = pipelines;
  }

  get count(): number {
    return this.#works.length;
  }

  /** Adds a new work, as the last one. */
  add(work: Pick<Pending, 'work' | 'resolve' | 'reject'>): void {
    this.#works.push({ ...work, attempts: 0, manner: this.#nextManner() });
  }

  /** Takes those of the next transaction: the first ones, up to one that shares it in another manner. */
  next(): Pending[] {
    const manner = this.#works[0]?.manner;
    if (manner === 'alone') return this.#works.splice(0, 1);
    const other = this.#works.findIndex((pending) => pending.manner !== manner);
    return this.#works.splice(0, other === -1 ? MAX_BATCH : Math.min(MAX_BATCH, other));
  }

  /**
   * Puts works back of which one has thrown, or a statement that nobody waited for has failed: it is to be found out which. False where
   * there is nothing to find out: it is the only one, or all had savepoints and the engine waits for each statement, so that it was none of them.
   */
  tellApart(batch: readonly Pending[]): boolean {
    if (batch.length === 1) return false;
    const isTogether = batch[0]?.manner === 'together';
    if (!isTogether && !this.#pipelines) return false;
    if (isTogether) this.#underSavepoints = WORKS_UNDER_SAVEPOINTS;
    for (const pending of batch) {
      pending.manner = pending.manner === 'together' ? 'underSavepoint' : 'alone';
    }
    this.#works.unshift(...batch);
    return true;
  }

  /** Puts works back that others were in the way of. One that has been run `most` times is told of `error` instead. */
  putBack(batch: readonly Pending[], most: number, error: unknown): void {
    const left = batch.filter((pending) => {
      pending.attempts++;
      if (batch.length > 1) {
        // Those that fail again and again disturb nobody else.
        if (pending.attempts >= Math.min(most - 1, MAX_TOGETHER)) pending.manner = 'alone';
        return true;
      }
      if (pending.attempts < most) return true;
      pending.reject(error);
      return false;
    });
    this.#works.unshift(...left);
  }

  /**
   * How a new work is run first. Under a savepoint SQLite keeps a copy of every page that the work changes, and on PostgreSQL what a work
   * reads and then changes stays read, for others to be in the way of [PostgreSQL predicate.c].
   */
  #nextManner(): Manner {
    if (this.#underSavepoints === 0) return 'together';
    this.#underSavepoints--;
    return 'underSavepoint';
  }
}
