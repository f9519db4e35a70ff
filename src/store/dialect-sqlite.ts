/** SQLite: embedded, a file in the data folder, or in memory. Opened by `dialects.ts`. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { type CompiledQuery, Kysely, type QueryResult, SqliteDialect } from 'kysely';
import {
  codeOf,
  type Dialect,
  type ExclusiveStore,
  MAX_ATTEMPTS,
  type Migration,
  MIGRATIONS_TABLE,
  rendered,
  rowsOf,
  run,
  type TableShape,
} from './dialect.ts';
import { inWords, makePrivate } from './database-file.ts';
import { allowDirect } from './direct.ts';
import type { Tables } from './tables.ts';
import {
  checkMigrations,
  foreignStore,
  StoreInUseError,
  unusableFile,
  UnusableStoreError,
} from './unusable.ts';

/** The database in the data folder. */
const FILE = 'edgetwin.sqlite';
/**
 * Bytes of a page of a new database; one that is there keeps its own. A transaction changes pages all over the indexes, and each is written by two
 * calls of the system: with pages of 4,096 bytes they are twice as many.
 */
const PAGE_BYTES = 8192;
/** Bytes of the log before they are put into the database. At SQLite's own, an eighth of it, writes under load wait ten times as often. */
const CHECKPOINT_BYTES = 32_768_000;
/** SQLite's own default; better-sqlite3's is 16 MB, of pages that the system keeps anyway. */
const PAGE_CACHE_KIB = 2000;
/** Prepared statements kept for each connection. */
const MAX_STATEMENTS = 500;
/** How long a read, or the migrations, wait while another process holds the lock, milliseconds. */
const BUSY_MS = 5000;

/** Opens (or makes) the database in `folder`, or one in memory. */
export function openSqlite(folder: string): Dialect {
  const isInMemory = folder === ':memory:';
  const path = isInMemory ? folder : join(folder, FILE);
  const writing = inWords(path, () => {
    if (!isInMemory) makePrivate(folder, path);
    const connection = sqliteConnection(path);
    connection.pragma(`page_size = ${PAGE_BYTES}`);
    // WAL with NORMAL: a killed process loses nothing that was committed; only a power cut could [sqlite.org/wal].
    connection.pragma('journal_mode = WAL');
    // What a statement or a savepoint may have to take back does not go through a file of its own [sqlite.org/tempfiles 2.3].
    connection.pragma('temp_store = memory');
    return connection;
  });
  const pageBytes = Number(writing.pragma('page_size', { simple: true }));
  writing.pragma(`wal_autocheckpoint = ${Math.floor(CHECKPOINT_BYTES / pageBytes)}`);
  const statements = new Statements(writing);
  const writer = sqliteKysely(writing, statements);
  // A database in memory belongs to its connection; there, reads wait for the transaction that is under way.
  const reading = isInMemory ? writing : sqliteConnection(path);
  const reader = isInMemory ? writer : sqliteReader(reading);
  const dataVersion = writing.prepare('pragma data_version').pluck();
  let clock: SqliteDatabase.Statement | undefined;
  return {
    name: 'sqlite',
    place: path,
    isShared: !isInMemory,
    reader,
    withConnection: async (work) =>
      writer.connection().execute(async (connection) => {
        allowDirect(connection, (query) => statements.run(query));
        return await work(connection, undefined);
      }),
    pipelines: false,
    locksWhole: true,
    // Takes the write lock at once: a transaction that reads first and writes then could find the lock taken, for good.
    begin: 'begin immediate',
    // Nobody else can reach a database in memory.
    externalVersion: isInMemory ? () => 0 : () => dataVersion.get(),
    clockNow: isInMemory
      ? undefined
      : () => {
          clock ??= reading.prepare('select * from clock');
          return clock.get();
        },
    migrate: async (migrations) => {
      inWords(path, () => {
        migrateSqlite(writing, { path, migrations });
      });
      // From here on a lock that is taken is waited for without standing still (`Database.write`).
      writing.pragma('busy_timeout = 0');
      return Promise.resolve();
    },
    attemptsAfter: (error) => (codeOf(error).startsWith('SQLITE_BUSY') ? MAX_ATTEMPTS : 1),
    notify: undefined,
    // Other processes are found by `externalVersion`.
    listen: () => Promise.resolve(),
    close: async () => {
      await writer.destroy();
      if (reader !== writer) await reader.destroy();
      // Kysely closes only what it has used.
      writing.close();
      reading.close();
    },
  };
}

function sqliteConnection(path: string): SqliteDatabase.Database {
  const sqlite = new SqliteDatabase(path);
  sqlite.pragma('synchronous = NORMAL');
  sqlite.pragma(`busy_timeout = ${BUSY_MS}`);
  sqlite.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return sqlite;
}

/** A connection's prepared statements, by their text. */
class Statements {
  readonly #sqlite: SqliteDatabase.Database;
  readonly #byText = new Map<string, SqliteDatabase.Statement>();

  constructor(sqlite: SqliteDatabase.Database) {
    this.#sqlite = sqlite;
  }

  prepare(sql: string): SqliteDatabase.Statement {
    let statement = this.#byText.get(sql);
    if (statement === undefined) {
      // Inserts of many rows have a text for each count; nothing else comes in so many forms.
      if (this.#byText.size > MAX_STATEMENTS) this.#byText.clear();
      statement = this.#sqlite.prepare(sql);
      this.#byText.set(sql, statement);
    }
    return statement;
  }

  /** Carries out a statement at once; gives what Kysely gives of it. */
  run({ sql, parameters }: CompiledQuery): QueryResult<unknown> {
    const statement = this.prepare(sql);
    if (statement.reader) return { rows: statement.all(parameters) };
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }
}

function sqliteKysely(sqlite: SqliteDatabase.Database, statements: Statements): Kysely<Tables> {
  const database = {
    prepare: (sql: string) => statements.prepare(sql),
    close: () => sqlite.close(),
  };
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

/** On a connection that has no transactions: every statement sees what is committed. */
function sqliteReader(sqlite: SqliteDatabase.Database): Kysely<Tables> {
  const statements = new Statements(sqlite);
  const reader = sqliteKysely(sqlite, statements);
  allowDirect(reader, (query) => statements.run(query));
  return reader;
}

function migrateSqlite(
  sqlite: SqliteDatabase.Database,
  { path, migrations }: { readonly path: string; readonly migrations: readonly Migration[] },
): void {
  // The write lock is taken before it is asked what is missing: two processes that start together run each file once.
  sqlite
    .transaction(() => {
      const tables = sqlite
        .prepare("select name from sqlite_master where type = 'table'")
        .pluck()
        .all();
      if (tables.length > 0 && !tables.includes('migrations')) throw foreignStore(path);
      sqlite.exec(MIGRATIONS_TABLE);
      const seen = new Set(sqlite.prepare('select name from migrations').pluck().all());
      checkMigrations(path, { seen, known: migrations.map(({ name }) => name) });
      for (const { name, sql } of migrations) {
        if (seen.has(name)) continue;
        sqlite.exec(rendered(sql, 'sqlite'));
        sqlite.prepare('insert into migrations (name) values (?)').run(name);
      }
    })
    .immediate();
}

/** As `openSqlite`, for this process alone; with `isNew`, of a folder that may not be there. */
export function openSqliteExclusively(
  folder: string,
  { isNew }: { readonly isNew: boolean },
): ExclusiveStore {
  const path = join(folder, FILE);
  const isMade = !existsSync(path);
  const isFolderMade = !existsSync(folder);
  if (isMade && !isNew) throw new UnusableStoreError(`There is no ${FILE} in ${folder}.`);
  const sqlite = inWords(path, () => {
    makePrivate(folder, path);
    return new SqliteDatabase(path, { timeout: 0 });
  });
  const close = (isKept: boolean): void => {
    sqlite.close();
    if (!isMade || isKept) return;
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(path + ending, { force: true });
    if (isFolderMade) rmSync(folder, { recursive: true });
  };
  try {
    sqlite.pragma(`page_size = ${PAGE_BYTES}`);
    // From its first transaction on no other connection gets at the file, until this one is closed [sqlite.org/pragma].
    sqlite.pragma('locking_mode = EXCLUSIVE');
    sqlite.exec('begin exclusive; commit');
  } catch (error) {
    close(false);
    if (codeOf(error).startsWith('SQLITE_BUSY')) throw new StoreInUseError(`${path} is in use.`);
    throw unusableFile(path, error) ?? error;
  }
  const connection = sqliteKysely(sqlite, new Statements(sqlite));
  return {
    connection,
    begin: 'begin',
    tables: async () => sqliteTables(connection),
    migrate: async (migrations) => {
      await run(connection, MIGRATIONS_TABLE);
      for (const { name, sql } of migrations) {
        sqlite.exec(rendered(sql, 'sqlite'));
        await rowsOf(connection, 'insert into migrations (name) values (?)', [name]);
      }
    },
    lastDrawn: async (table) => lastDrawnOf(connection, table),
    setLastDrawn: async (table, _column, number) => {
      await rowsOf(connection, 'delete from sqlite_sequence where name = ?', [table]);
      if (number === 0) return;
      const insert = 'insert into sqlite_sequence (name, seq) values (?, ?)';
      await rowsOf(connection, insert, [table, number]);
    },
    close: async (isKept) => {
      close(isKept);
      return Promise.resolve();
    },
  };
}

async function lastDrawnOf(connection: Kysely<Tables>, table: string): Promise<number> {
  const select = 'select seq from sqlite_sequence where name = ?';
  const [row] = await rowsOf<{ seq: number }>(connection, select, [table]);
  return row?.seq ?? 0;
}

async function sqliteTables(connection: Kysely<Tables>): Promise<TableShape[]> {
  const tables = await rowsOf<{ name: string; sql: string }>(
    connection,
    "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
  );
  const shapes: TableShape[] = [];
  for (const { name, sql } of tables) {
    const columns = await rowsOf<{ name: string; pk: number }>(
      connection,
      'select name, pk from pragma_table_info(?) order by cid',
      [name],
    );
    const keyed = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    const key = keyed.map((column) => column.name);
    const identity = /\bautoincrement\b/i.test(sql) ? key[0] : undefined;
    shapes.push({ name, columns: columns.map((column) => column.name), key, identity });
  }
  return shapes;
}
