/**
 * The database: opens it, brings it up to date, and gives out reads and transactions. Every table has a file of its own
 * beside this one; nothing outside `store/` sees SQL. Called by `app.ts` (open, close) and by the table files.
 *
 * Works that are handed to `write` in one turn of the event loop share a transaction and its commit; one that fails takes only its own
 * changes back (docs/decisions/0025 says how). While more come with each turn, they are waited for, at most five
 * milliseconds: a commit costs as much as some of the works. A work may run more than once: where another process was in the
 * way, all of the transaction is run again. So a work changes nothing but the database.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { monotonicNow } from '#shared/instant.ts';
import type { Dialect } from './dialect.ts';
import { openDialect } from './dialects.ts';
import { migrations } from './migrations.ts';
import { OpenTransaction } from './open-transaction.ts';
import { OtherProcesses } from './other-processes.ts';
import { ReadSet } from './read-set.ts';
import { RowCache } from './row-cache.ts';
import { type Commit, type Signals, signalsOf } from './signals.ts';
import { isStorageFull, StorageFullError } from './storage-full.ts';
import type { Tables } from './tables.ts';
import type { Reader, Writer } from './transaction.ts';
import { MAX_BATCH, type Pending, WaitingWorks } from './waiting-works.ts';

export type { Reader, Writer } from './transaction.ts';

/** Where a look-up reads: the database, by its cache where it has one, or a transaction. */
export type Source = Database | Reader;

/** How long works wait for others that come turn by turn, at most. */
const LONGEST_GATHERING_MS = 5;
/** How long to wait before the next attempt, milliseconds: drawn up to these, doubling from the first to the last. */
const FIRST_BACKOFF_MS = 2;
const MAX_BACKOFF_MS = 250;

/** What is written to see whether there is room: as much as some resources take. */
const [ROOM, ROOM_CHARACTERS] = ['room', 65_536];

/** What a committed transaction has come to: an outcome for each of its works. */
interface Committed {
  readonly outcomes: readonly Outcome[];
  readonly signals: Signals;
}

/** How a work came out; told once its transaction is committed. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

export class Database {
  readonly reader: Reader;
  readonly #dialect: Dialect;
  readonly #listeners: ((commit: Commit) => void)[] = [];
  readonly #works: WaitingWorks;
  /**
   * A transaction is under way. There is one at a time in a process: on PostgreSQL several would be in each other's way more often than
   * not (an index page is enough), and one takes all that waits.
   */
  #isBusy = false;
  #isScheduled = false;
  /** The last transaction has found the disk full. */
  #isFull = false;
  readonly #cache: RowCache | undefined;
  readonly #others: OtherProcesses;
  readonly #aloneIn = new WeakMap<Signals, boolean>();

  private constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.reader = dialect.reader;
    this.#works = new WaitingWorks(dialect.pipelines);
    if (dialect.externalVersion !== undefined) this.#cache = new RowCache();
    this.#others = new OtherProcesses(dialect, (commit) => {
      this.#cache?.clear();
      // It may have been found out while a request was being carried out, which is not the one that hears of it.
      ReadSet.outside(() => {
        this.#tell(commit);
      });
    });
  }

  /**
   * Opens (or makes) the database at `place`: a folder for SQLite, `:memory:`, or a `postgres://` URL. Runs the migrations that
   * it has not seen. Rejects when it cannot be reached or written.
   */
  static async open(place: string): Promise<Database> {
    const dialect = await openDialect(place);
    const database = new Database(dialect);
    try {
      await dialect.migrate(migrations());
      await database.#others.start();
    } catch (error) {
      await dialect.close();
      throw error;
    }
    return database;
  }

  /** `sqlite` or `postgresql`. */
  get engine(): Dialect['name'] {
    return this.#dialect.name;
  }

  /**
   * Runs `work` in a transaction; a throw takes back what it wrote. Resolves once it is committed. Inside, only the writer may
   * be used: a read on anything else does not see what the transaction has written, or waits for its end.
   */
  async write<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#works.add({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /**
   * What `load` reads, cached under `key` until a commit touches that key, in this process or in another. For what nearly every
   * request reads; what is given must not be changed by anyone. Reads anew each time where the engine cannot tell at once
   * whether another process has committed.
   */
  async cached<T>(key: string, load: (reader: Reader) => Promise<T>): Promise<T> {
    if (this.#cache === undefined) return await load(this.reader);
    this.#others.lookOnceATurn();
    const kept = this.#cache.get(key);
    if (kept !== undefined) return kept.value as T;
    return await this.#cache.getOrLoad(key, async () => load(this.reader));
  }

  /**
   * As `cached`, for several keys at once: one `load` reads those that are not there. It gives what it has found by key; of the rest it
   * is cached that there is nothing.
   */
  async cachedMany<T>(
    keys: readonly string[],
    load: (reader: Reader, missing: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ): Promise<ReadonlyMap<string, T>> {
    const cache = this.#cache;
    if (cache === undefined) return await load(this.reader, keys);
    this.#others.lookOnceATurn();
    return await cache.getOrLoadMany(keys, async (missing) => load(this.reader, missing));
  }

  /** The clock's committed row, read at once; undefined where the engine cannot, or nobody else can change it. */
  clockNow(): Tables['clock'] | undefined {
    return this.#dialect.clockNow?.() as Tables['clock'] | undefined;
  }

  /** Whether other processes may use the same database. */
  get isShared(): boolean {
    return this.#dialect.isShared;
  }

  /**
   * Looks whether another process has committed, and tells the listeners, unless that was looked for less than `maxAgeMs` ago.
   * Does nothing where the engine does not tell at once.
   */
  noticeOthers(maxAgeMs: number): void {
    if (this.hasCache) this.#others.lookIfOlder(maxAgeMs);
  }

  /** Whether rows are cached between commits: only where the engine tells at once that another process has committed. */
  get hasCache(): boolean {
    return this.#cache !== undefined;
  }

  /** What is cached under `key`, at once; undefined where it would have to be read. */
  peek(key: string): unknown {
    if (this.#cache === undefined) return undefined;
    this.#others.lookOnceATurn();
    return this.#cache.get(key)?.value;
  }

  /**
   * Whether what is cached under `key` is this very `value` still, as the transaction of `writer` sees it. False where that would
   * have to be read.
   */
  isUnchanged(writer: Writer, key: string, value: unknown): boolean {
    if (this.#cache === undefined || signalsOf(writer).touches(key)) return false;
    if (!this.#isAlone(signalsOf(writer))) return false;
    const kept = this.#cache.get(key);
    return kept !== undefined && kept.value === value;
  }

  /** Whether no other process has committed since that was last looked for. The transaction holds the write lock: nobody will. */
  #isAlone(transaction: Signals): boolean {
    const known = this.#aloneIn.get(transaction);
    if (known !== undefined) return known;
    const isAlone = this.#others.areQuiet;
    this.#aloneIn.set(transaction, isAlone);
    return isAlone;
  }

  /** Calls `listener` after every commit of this process, and when another one has committed. */
  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  /** What keeps it from being read or written; undefined when all is well. */
  async problem(): Promise<string | undefined> {
    try {
      await this.reader.selectFrom('world').select('name').limit(1).execute();
      // Whether there is room again only a write can tell.
      if (this.#isFull) {
        await this.write(async (writer) => {
          await writer
            .insertInto('world')
            .values({ name: ROOM, value: 'x'.repeat(ROOM_CHARACTERS) })
            .execute();
          await writer.deleteFrom('world').where('name', '=', ROOM).execute();
        });
      }
      return undefined;
    } catch (error) {
      return error instanceof StorageFullError ? error.message : 'the database does not answer';
    }
  }

  async close(): Promise<void> {
    this.#others.stop();
    await this.#dialect.close();
  }

  // --- transactions

  /** Begins a transaction for what waits, at the end of this turn or a few turns later: so the works share one. */
  #schedule(): void {
    if (this.#isScheduled || this.#isBusy) return;
    this.#isScheduled = true;
    // Transactions, and whoever hears of their commits, belong to no request.
    ReadSet.outside(() => {
      this.#gather(0, monotonicNow() + LONGEST_GATHERING_MS);
    });
  }

  /** Looks at the end of this turn whether more works have come than the `known` ones; when none have, or time is up, they begin. */
  #gather(known: number, until: number): void {
    setImmediate(() => {
      const { count } = this.#works;
      if (count > known && count < MAX_BATCH && monotonicNow() < until) {
        this.#gather(count, until);
        return;
      }
      this.#isScheduled = false;
      this.#beginBatch();
    });
  }

  #beginBatch(): void {
    const batch = this.#works.next();
    this.#isBusy = true;
    void this.#runBatch(batch).finally(() => {
      this.#isBusy = false;
      if (this.#works.count > 0) this.#schedule();
    });
  }

  async #runBatch(batch: readonly Pending[]): Promise<void> {
    let result: Committed;
    try {
      result = await this.#transaction(batch);
    } catch (error) {
      if (this.#dialect.attemptsAfter(error) > 1) {
        const again = this.#runAgain(batch, error);
        if (this.#dialect.locksWhole) await again;
        return;
      }
      if (this.#works.tellApart(batch)) return;
      this.#isFull = isStorageFull(error);
      const told = this.#isFull ? new StorageFullError(this.#dialect.place, error) : error;
      for (const pending of batch) pending.reject(told);
      return;
    }
    this.#isFull = false;
    // From here on it is committed: whatever a listener does, nobody may be told that it was not.
    try {
      this.#committed(result.signals);
    } finally {
      batch.forEach((pending, index) => {
        const outcome = result.outcomes[index];
        if (outcome !== undefined && 'value' in outcome) pending.resolve(outcome.value);
        else pending.reject(outcome?.error);
      });
    }
  }

  async #runAgain(batch: readonly Pending[], error: unknown): Promise<void> {
    const attempts = Math.max(...batch.map((pending) => pending.attempts));
    const longest = Math.min(FIRST_BACKOFF_MS * 2 ** attempts, MAX_BACKOFF_MS);
    // Two that are in each other's way must not come back together.
    await wait(1 + randomInt(longest));
    this.#works.putBack(batch, this.#dialect.attemptsAfter(error), error);
    if (this.#works.count > 0) this.#schedule();
  }

  async #transaction(batch: readonly Pending[]): Promise<Committed> {
    return await this.#dialect.withConnection(async (connection, sender) => {
      const transaction = new OpenTransaction(connection, sender);
      await transaction.run(this.#dialect.begin);
      try {
        const outcomes: Outcome[] = [];
        for (const { work, manner } of batch) {
          outcomes.push(
            manner === 'underSavepoint' && batch.length > 1
              ? await this.#underSavepoint(transaction, work)
              : { value: await transaction.directly(work) },
          );
        }
        await transaction.commit();
        return { outcomes, signals: transaction.signals };
      } catch (error) {
        const reason = await transaction.reasonFor(error);
        // A lost connection cannot be rolled back, and SQLite may have done so itself: the reason is what is to be told.
        await transaction.rollBack().catch(() => undefined);
        throw reason;
      }
    });
  }

  /** Runs one of several works. What it throws is its own affair, unless all of the transaction has to be run again. */
  async #underSavepoint(transaction: OpenTransaction, work: Pending['work']): Promise<Outcome> {
    const { signals } = transaction;
    const actions = signals.actionCount;
    try {
      return { value: await transaction.underSavepoint(work) };
    } catch (error) {
      if (await transaction.hasFailed()) throw error;
      if (this.#dialect.attemptsAfter(error) > 1) throw error;
      signals.dropAfter(actions);
      await transaction.rollBackToSavepoint();
      return { error };
    }
  }

  // --- signals

  #committed(signals: Signals): void {
    this.#cache?.drop(signals);
    signals.runActions();
    const { wakeAt, isClockSet } = signals;
    this.#tell({ wakeAt, isClockSet, isExternal: false });
    this.#others.tell(signals);
  }

  #tell(commit: Commit): void {
    for (const listener of this.#listeners) listener(commit);
  }
}
