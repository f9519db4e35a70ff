/**
 * The database: opens it, brings it up to date, and gives out reads and transactions. Every table has a file of its
 * own beside this one; nothing outside `store/` sees SQL. Called by `app.ts` (open, close) and by the table files.
 *
 * One connection, so transactions run one after another; they must not wait for anything but the database, or every
 * reader waits with them.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect, type Transaction } from 'kysely';
import { assert } from '#shared/assert.ts';
import { packageFile } from '#shared/package-files.ts';
import type { Tables } from './tables.ts';

/** Reads: the database itself, or a transaction that is under way. */
export type Reader = Kysely<Tables>;
/** A transaction: what is written in it is there together or not at all. */
export type Writer = Transaction<Tables>;

/** Above this many rows, all hot reads are forgotten at once. */
const MOST_REMEMBERED = 5000;

const MOST_STATEMENTS = 500;

/** Pages of the log before they are put into the database: 32 MB. At SQLite's 1,000, writes under load wait ten times as often. */
const CHECKPOINT_PAGES = 8000;

/** SQLite's own default; better-sqlite3's is 16 MB, of pages that the system keeps anyway. */
const PAGE_CACHE_KIB = 2000;

const noResult = (): void => undefined;

const MIGRATIONS = packageFile('migrations/');

export class Database {
  readonly reader: Reader;
  readonly #sqlite: SqliteDatabase.Database;
  readonly #statements = new Map<string, SqliteDatabase.Statement>();
  readonly #listeners: (() => void)[] = [];
  /** The transaction under way: on one connection, hot reads would see its unfinished writes. */
  #writing: Promise<unknown> | undefined;
  /** What hot reads found since the last commit, by their own names. */
  readonly #remembered = new Map<string, unknown>();
  #rememberedRows = 0;
  /** Counts the times at which hot reads were forgotten. */
  #generation = 0;
  readonly #dataVersion: SqliteDatabase.Statement;
  #seenVersion: unknown;
  /** Other processes' commits were looked for in this turn of the event loop. */
  #isLookedFor = false;
  /** Counts the transactions begun: a read that one overtook is not remembered. */
  #transactions = 0;

  private constructor(sqlite: SqliteDatabase.Database) {
    this.#sqlite = sqlite;
    this.#dataVersion = sqlite.prepare('pragma data_version').pluck();
    this.reader = new Kysely<Tables>({
      dialect: new SqliteDialect({
        database: { prepare: (sql) => this.#prepared(sql), close: () => sqlite.close() },
      }),
    });
  }

  /**
   * Opens (or makes) the database in `folder`, or one in memory where it says `:memory:`, and runs the migrations that it has not seen.
   * `folder` is made where it is missing. Throws when it cannot be written.
   */
  static open(folder: string): Database {
    if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
    const sqlite = new SqliteDatabase(
      folder === ':memory:' ? folder : join(folder, 'edgetwin.sqlite'),
    );
    // WAL with NORMAL: a killed process loses nothing that was committed; only a power cut could [sqlite.org/wal].
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = NORMAL');
    sqlite.pragma('busy_timeout = 5000');
    sqlite.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    sqlite.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
    migrate(sqlite);
    return new Database(sqlite);
  }

  /**
   * Runs `work` as one transaction; a throw undoes it. Listeners hear of it once it is committed. Inside, only the writer
   * may be used: any other read waits for the end of the transaction, and so for itself.
   */
  async write<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    while (this.#writing !== undefined) await this.#writing;
    this.#transactions++;
    const transaction = this.reader.transaction().execute(work);
    const ended = transaction.then(noResult, noResult);
    this.#writing = ended;
    try {
      return await transaction;
    } finally {
      this.#writing = undefined;
      this.#forgetReads();
      for (const listener of this.#listeners) listener();
    }
  }

  /**
   * What `load` makes of the database, kept under `name` until anything is written, by us or by another process. For
   * the reads that every request makes; what is given must not be changed by anyone.
   */
  async remembered<T>(name: string, load: () => Promise<T>): Promise<T> {
    while (this.#writing !== undefined) await this.#writing;
    this.#lookForOthers();
    if (this.#remembered.has(name)) return this.#remembered.get(name) as T;
    const begun = this.#transactions;
    const loaded = await load();
    if (begun === this.#transactions) {
      if (this.#rememberedRows > MOST_REMEMBERED) this.#forgetReads();
      this.#rememberedRows += Array.isArray(loaded) ? loaded.length : 1;
      this.#remembered.set(name, loaded);
    }
    return loaded;
  }

  /** A number that stays the same as long as nothing was written, by us or by another process. */
  generation(): number {
    this.#lookForOthers();
    return this.#generation;
  }

  #forgetReads(): void {
    this.#generation++;
    this.#remembered.clear();
    this.#rememberedRows = 0;
  }

  /** Forgets everything after a commit of another process, looking once a turn of the event loop. Our own empty the memory in `write`. */
  #lookForOthers(): void {
    if (this.#isLookedFor) return;
    this.#isLookedFor = true;
    setImmediate(() => {
      this.#isLookedFor = false;
    });
    const version = this.#dataVersion.get();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.#forgetReads();
  }

  /** Calls `listener` after every commit. The pump uses it to see new timers at once. */
  onCommit(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * One row by a prepared statement, around Kysely: for the reads that every request makes (7 µs in place of 30).
   * `sql` must be a constant; it is prepared once and kept.
   */
  async row(sql: string, ...parameters: readonly (string | number)[]): Promise<unknown> {
    while (this.#writing !== undefined) await this.#writing;
    return this.#prepared(sql).get(...parameters);
  }

  /** Statements are prepared once and kept: preparing costs more than most of them take to run. */
  #prepared(sql: string): SqliteDatabase.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // Inserts of many rows have a text for each count; nothing else comes in so many forms.
      if (this.#statements.size > MOST_STATEMENTS) this.#statements.clear();
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** True when the database answers. */
  async isAlive(): Promise<boolean> {
    return (await this.row('select 1 as one')) !== undefined;
  }

  async close(): Promise<void> {
    await this.reader.destroy();
  }
}

/** Applies the files of `migrations/` in the order of their names, each in a transaction of its own, each once. */
function migrate(sqlite: SqliteDatabase.Database): void {
  sqlite.exec('create table if not exists migrations (name text primary key)');
  const seen = new Set(
    sqlite
      .prepare('select name from migrations')
      .all()
      .map((row) => (row as { name: string }).name),
  );
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  assert(files.length > 0, 'the migrations are beside the sources');
  for (const name of files) {
    if (seen.has(name)) continue;
    sqlite.transaction(() => {
      sqlite.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
      sqlite.prepare('insert into migrations (name) values (?)').run(name);
    })();
  }
}
