/** PostgreSQL, 15 or later: a schema on a server. Opened by `dialects.ts`. */
import { Kysely, PostgresDialect } from 'kysely';
import type { Pool, PoolConfig } from 'pg';
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
import { Listening } from './listening.ts';
import { PostgresConnections } from './postgres-connections.ts';
import type { Tables } from './tables.ts';
import { checkMigrations, unusableServer, UnusableStoreError } from './unusable.ts';
import { LOCK_ALONE, LOCK_SHARED_IN_TRANSACTION, takeLock } from './use-lock.ts';

/** For reads, and one each for the transaction that is under way, for listening, and for what is sent to the pool itself. */
const POSTGRES_CONNECTIONS = PostgresConnections.forReads + 3;
const CONNECT_TIMEOUT_MS = 10_000;
const CHANNEL = 'edgetwin';
/** Of the advisory lock under which migrations run; any number, the same for all. */
const MIGRATION_LOCK = 7_340_113;

/**
 * Reading a table from end to end locks all of it against every serialisable transaction that writes to it, so indexes are preferred
 * [PostgreSQL 13.2.3]; a plan that is made while a table is small and empty would be kept otherwise. To compile a plan never pays here.
 */
const PLANS = 'set enable_seqscan = off; set jit = off';

/** Two transactions could not be put in an order, or waited for each other [PostgreSQL, appendix A]. */
const CONFLICTS = ['40001', '40P01'];
/** A key that another transaction may have inserted meanwhile: run again, the work sees it and says what it means. */
const UNIQUE_VIOLATION = '23505';
const MAX_ATTEMPTS_FOR_KEY = 4;

/** Every text column compares byte by byte, as in SQLite: with a language's collation, ranges of keys match strangers. */
const COLLATE_ALL = `
do $$
declare place record;
begin
  for place in
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and data_type = 'text' and collation_name is distinct from 'C'
  loop
    execute format('alter table %I alter column %I type text collate "C"', place.table_name, place.column_name);
  end loop;
end $$`;

/** Opens the schema that the search path of `url` begins with. */
export async function openPostgres(url: string): Promise<Dialect> {
  const pool = await poolOf(url, { max: POSTGRES_CONNECTIONS });
  const { Query } = await pgModule();
  const connections = new PostgresConnections(pool, Query);
  const { schema } = await postgresPlace(pool).catch(async (error: unknown) => {
    await pool.end();
    throw error instanceof UnusableStoreError ? error : unusableServer(url, error);
  });
  const listening = new Listening(pool, `${CHANNEL}_${schema}`);
  return {
    name: 'postgresql',
    place: `PostgreSQL at ${new URL(url).host}`,
    isShared: true,
    reader: connections.reader,
    withConnection: async (work) => connections.lend(work),
    pipelines: true,
    locksWhole: false,
    begin: 'start transaction isolation level serializable',
    externalVersion: undefined,
    clockNow: undefined,
    migrate: async (migrations) => migratePostgres(pool, migrations),
    attemptsAfter: (error) => {
      const code = codeOf(error);
      if (CONFLICTS.includes(code)) return MAX_ATTEMPTS;
      return code === UNIQUE_VIOLATION ? MAX_ATTEMPTS_FOR_KEY : 1;
    },
    notify: async (message) => listening.notify(message),
    listen: async (hear) => listening.start(hear),
    close: async () => {
      listening.stop();
      await connections.close();
    },
  };
}

/** Loaded only where it is wanted: it costs start-up time and memory. */
const pgModule = async () => (await import('pg')).default;

async function poolOf(
  url: string,
  more: Pick<PoolConfig, 'max' | 'idleTimeoutMillis'>,
): Promise<Pool> {
  const pg = await pgModule();
  const pool = new pg.Pool({
    connectionString: url,
    pipeline: true,
    ...more,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'edgetwin',
    types: {
      getTypeParser: (oid, format) =>
        numberParser(oid) ?? (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
    },
  });
  // A connection that ends while nobody uses it is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // Sent before anything else: a connection carries out statements in their order. One that fails is found out by the next.
  pool.on('connect', (client) => {
    client.query(PLANS).catch(() => undefined);
  });
  return pool;
}

/** Refuses a server that is too old, and says where tables are made. */
async function postgresPlace(pool: Pool): Promise<{ readonly schema: string }> {
  const { rows } = await pool.query<{ version: number; schema: string | null }>(
    "select current_setting('server_version_num')::int as version, current_schema() as schema",
  );
  const { version, schema } = rows[0] ?? { version: 0, schema: null };
  if (version < 150_000) throw new UnusableStoreError('PostgreSQL 15 or later is needed.');
  if (schema === null) {
    throw new UnusableStoreError('The search path of DATABASE_URL names no schema.');
  }
  return { schema };
}

/** `bigint` and counts come as text, since they may be larger than JavaScript's numbers; ours are not. */
const numberParser = (oid: number): ((text: string) => number) | undefined =>
  oid === 20 ? Number : undefined;

async function migratePostgres(pool: Pool, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await takeLock(client, LOCK_SHARED_IN_TRANSACTION);
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const { rows } = await client.query<{ name: string }>('select name from migrations');
    const seen = new Set(rows.map(({ name }) => name));
    checkMigrations('The database of DATABASE_URL', {
      seen,
      known: migrations.map(({ name }) => name),
    });
    for (const { name, sql } of migrations.filter((one) => !seen.has(one.name))) {
      await client.query(rendered(sql, 'postgresql'));
      await client.query('insert into migrations (name) values ($1)', [name]);
    }
    await client.query(COLLATE_ALL);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** As `openPostgres`, for this process alone, on one connection, which has the lock as long as it lasts. */
export async function openPostgresExclusively(url: string): Promise<ExclusiveStore> {
  const pool = await poolOf(url, { max: 1, idleTimeoutMillis: 0 });
  try {
    await postgresPlace(pool);
    await takeLock(pool, LOCK_ALONE);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const connection = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const sequenceOf = async (table: string, column: string): Promise<string> => {
    const [row] = await rowsOf<{ name: string }>(
      connection,
      'select pg_get_serial_sequence(quote_ident($1), $2) as name',
      [table, column],
    );
    return row?.name ?? '';
  };
  return {
    connection,
    begin: 'start transaction isolation level repeatable read',
    tables: async () => postgresTables(connection),
    migrate: async (migrations) => {
      await run(connection, MIGRATIONS_TABLE);
      for (const { name, sql } of migrations) {
        await run(connection, rendered(sql, 'postgresql'));
        await rowsOf(connection, 'insert into migrations (name) values ($1)', [name]);
      }
      await run(connection, COLLATE_ALL);
    },
    lastDrawn: async (table, column) => {
      const sequence = await sequenceOf(table, column);
      const [row] = await rowsOf<{ last: number }>(
        connection,
        `select case when is_called then last_value else last_value - 1 end as last from ${sequence}`,
      );
      return row?.last ?? 0;
    },
    setLastDrawn: async (table, column, number) => {
      const sequence = await sequenceOf(table, column);
      const setting = number > 0 ? [number, true] : [1, false];
      await rowsOf(connection, 'select setval($1, $2, $3)', [sequence, ...setting]);
    },
    close: async () => connection.destroy(),
  };
}

async function postgresTables(connection: Kysely<Tables>): Promise<TableShape[]> {
  const columns = await rowsOf<{ table: string; column: string; identity: string }>(
    connection,
    `select table_name as "table", column_name as "column", is_identity as identity
     from information_schema.columns where table_schema = current_schema()
     order by table_name, ordinal_position`,
  );
  const keys = await rowsOf<{ table: string; column: string }>(
    connection,
    `select key.table_name as "table", key.column_name as "column"
     from information_schema.table_constraints own
     join information_schema.key_column_usage key using (constraint_schema, constraint_name, table_name)
     where own.constraint_type = 'PRIMARY KEY' and own.table_schema = current_schema()
     order by key.table_name, key.ordinal_position`,
  );
  const keysByTable = Map.groupBy(keys, ({ table }) => table);
  return [...Map.groupBy(columns, ({ table }) => table)]
    .map(([name, own]) => ({
      name,
      columns: own.map(({ column }) => column),
      key: (keysByTable.get(name) ?? []).map(({ column }) => column),
      identity: own.find(({ identity }) => identity === 'YES')?.column,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
