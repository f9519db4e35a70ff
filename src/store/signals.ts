/**
 * What a transaction tells the rest of the program once it is committed: which cached things it changed, when the next timer
 * may be due, whether the clock was set. The table files say it while they write; `database.ts` passes it on. A transaction
 * that is rolled back tells nothing.
 */
import { earlier, type Instant } from '#shared/instant.ts';

/** What one commit, or several, have changed. */
export interface Commit {
  /** The earliest due time among the timers that were set; undefined: none was. */
  readonly wakeAt: Instant | undefined;
  /** The clock's row was written. */
  readonly isClockSet: boolean;
  /** Another process made it, so that anything may have changed. */
  readonly isExternal: boolean;
}

/** Collects what the works of one transaction change. */
export class Signals {
  readonly keys = new Set<string>();
  readonly prefixes = new Set<string>();
  wakeAt: Instant | undefined;
  isClockSet = false;
  isEverything = false;
  readonly #afterCommit: (() => void)[] = [];

  /** The cached thing of that key is no longer what it was. */
  touch(key: string): void {
    this.keys.add(key);
  }

  /** Nor are any whose keys begin so. */
  touchPrefix(prefix: string): void {
    this.prefixes.add(prefix);
  }

  /** Whether the cached thing of that key has been changed. */
  touches(key: string): boolean {
    if (this.isEverything || this.keys.has(key)) return true;
    for (const prefix of this.prefixes) if (key.startsWith(prefix)) return true;
    return false;
  }

  /** Nothing is what it was. */
  touchEverything(): void {
    this.isEverything = true;
    this.isClockSet = true;
  }

  /** A timer is due then. */
  wake(dueAt: Instant): void {
    this.wakeAt = this.wakeAt === undefined ? dueAt : earlier(this.wakeAt, dueAt);
  }

  setClock(): void {
    this.isClockSet = true;
  }

  /** Calls `action` once the work is committed: never where it was taken back. For memory that follows the database. */
  afterCommit(action: () => void): void {
    this.#afterCommit.push(action);
  }

  /** How many actions there are: what `dropAfter` goes back to where a work is taken back. */
  get actionCount(): number {
    return this.#afterCommit.length;
  }

  dropAfter(count: number): void {
    this.#afterCommit.length = count;
  }

  runActions(): void {
    for (const action of this.#afterCommit) action();
  }
}

const byTransaction = new WeakMap<object, Signals>();

/** The signals of a transaction; `database.ts` gives them to each that it begins. */
export function signalsOf(transaction: object): Signals {
  const signals = byTransaction.get(transaction);
  if (signals === undefined) throw new Error('only a transaction of Database.write may write');
  return signals;
}

/** Gives a transaction its signals. */
export function collectSignals(transaction: object): Signals {
  const signals = new Signals();
  byTransaction.set(transaction, signals);
  return signals;
}
