/**
 * Connections to PostgreSQL that do not wait for the answer to one statement before they send the next: the server answers in order, and
 * what is sent in one turn of the event loop goes out in one write. A write to a socket wakes the server, which costs this process more
 * than most statements do. Used by `dialect-postgres.ts`.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient, Query, QueryConfig, QueryResult as PgResult } from 'pg';
import type { Connection, Sender } from './dialect.ts';
import type { Tables } from './tables.ts';

/** Connections that the reads of this process share. A long list holds up what is sent after it, so there are several. */
const READ_CONNECTIONS = 4;
/** Statements longer than this are not kept prepared: inserts of many rows. */
const MAX_PREPARED_LENGTH = 2000;

/** The one adapter of all connections: compiled statements are kept by it (`statement.ts`). */
const ADAPTER = new PostgresAdapter();

/** The class of pg's queries: loaded with pg, where PostgreSQL is used. */
type QueryClass = new (
  config: QueryConfig,
  answered: (error: Error | null, result: PgResult) => void,
) => Query;

/** The member of pg's clients that holds their socket; it has no type. */
interface WithStream {
  readonly connection: { readonly stream: { cork(): void; uncork(): void } };
}

/** The names under which statements are prepared, the same on every connection. */
class StatementNames {
  readonly #names = new Map<string, string>();

  of(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `s${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** One connection, as Kysely uses it. */
class PipelinedConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #Query: QueryClass;
  readonly #names: StatementNames;
  /** What has been sent in this turn waits for the rest of the turn. */
  isGathering = false;
  /** Statements that have been sent and are not answered. */
  underWay = 0;

  constructor(client: PoolClient, Query: QueryClass, names: StatementNames) {
    this.#client = client;
    this.#Query = Query;
    this.#names = names;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    this.#gather();
    this.underWay++;
    try {
      const { command, rowCount, rows } = await this.#answerTo(sql, parameters);
      // A transaction in which a statement has failed is rolled back by its commit, which is no error to the server.
      if (command === 'ROLLBACK' && sql === 'commit') throw new Error('a statement had failed');
      return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) };
    } finally {
      this.underWay--;
    }
  }

  async *streamQuery(): AsyncIterableIterator<never> {
    await Promise.reject(new Error('Nothing is read row by row.'));
  }

  async #answerTo(text: string, parameters: readonly unknown[]): Promise<PgResult> {
    // To plan most statements takes longer than to run them, so those with parameters are prepared once a connection.
    const isPrepared = parameters.length > 0 && text.length <= MAX_PREPARED_LENGTH;
    const config: QueryConfig = { text, ...(isPrepared ? { name: this.#names.of(text) } : {}) };
    if (parameters.length > 0) config.values = parameters as unknown[];
    return await new Promise((resolve, reject) => {
      this.#client.query(
        new this.#Query(config, (error, result) => {
          // By its type it is null where there is none; pg leaves it out as well.
          if (error === null || (error as Error | undefined) === undefined) resolve(result);
          else reject(error);
        }),
      );
    });
  }

  /** Holds back what is sent until what runs at present has returned, and the promises that it has settled. */
  #gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    const { stream } = (this.#client as PoolClient & WithStream).connection;
    stream.cork();
    process.nextTick(() => {
      this.isGathering = false;
      stream.uncork();
    });
  }
}

/** A client of the pool and what is made for it once. */
interface Lent {
  readonly client: PoolClient;
  readonly connection: PipelinedConnection;
  readonly kysely: Connection;
  isLost: boolean;
}

/** All connections of a process to one schema. */
export class PostgresConnections {
  readonly #pool: Pool;
  readonly #Query: QueryClass;
  readonly #names = new StatementNames();
  readonly #known = new WeakMap<PoolClient, Lent>();
  readonly #readers: Lent[] = [];
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** For reads outside transactions. */
  readonly reader: Connection;

  /** `pool` has room for `READ_CONNECTIONS` more than there are transactions at once. */
  constructor(pool: Pool, Query: QueryClass) {
    this.#pool = pool;
    this.#Query = Query;
    this.reader = kyselyOn(async () => this.#readConnection());
  }

  /** How many connections the reads take. */
  static readonly forReads = READ_CONNECTIONS;

  /**
   * Lends a connection for a transaction. What is sent on it is carried out in the order in which it was sent, awaited or not. The
   * connection is another object each time, so that what is remembered of a transaction by it ends with the transaction.
   */
  async lend<T>(work: (connection: Connection, sender: Sender) => Promise<T>): Promise<T> {
    const lent = await this.#lend();
    try {
      return await work(lent.kysely.$extendTables(), lent.connection);
    } finally {
      lent.client.release(lent.isLost);
    }
  }

  /** Ends all of them once nobody has one; may be called again. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    for (const { client } of this.#readers.splice(0)) client.release();
    await this.#pool.end();
  }

  async #lend(): Promise<Lent> {
    const client = await this.#pool.connect();
    let lent = this.#known.get(client);
    if (lent === undefined) {
      const connection = new PipelinedConnection(client, this.#Query, this.#names);
      const kysely = kyselyOn(async () => Promise.resolve(connection));
      const made: Lent = { client, connection, kysely, isLost: false };
      // Without a listener a connection that ends while it is lent would end the process.
      client.on('error', () => {
        this.#lose(made);
      });
      client.on('end', () => {
        this.#lose(made);
      });
      this.#known.set(client, made);
      lent = made;
    }
    return lent;
  }

  /** The connection on which reads of this turn are being gathered, else the one with the least to do. */
  async #readConnection(): Promise<PipelinedConnection> {
    if (this.#readers.length === 0) await this.#open();
    let best: PipelinedConnection | undefined;
    for (const { connection } of this.#readers) {
      if (connection.isGathering) return connection;
      if (best === undefined || connection.underWay < best.underWay) best = connection;
    }
    if (best === undefined) throw new Error('PostgreSQL does not answer');
    if (best.underWay > 0 && this.#readers.length < READ_CONNECTIONS) {
      // One more is opened for later reads; whether that fails is told by those that then find none.
      void this.#open().catch(() => undefined);
    }
    return best;
  }

  async #open(): Promise<void> {
    this.#opening ??= this.#lend()
      .then((lent) => {
        this.#readers.push(lent);
      })
      .finally(() => {
        this.#opening = undefined;
      });
    await this.#opening;
  }

  #lose(lent: Lent): void {
    lent.isLost = true;
    const index = this.#readers.indexOf(lent);
    if (index === -1) return;
    this.#readers.splice(index, 1);
    lent.client.release(true);
  }
}

/** A Kysely each of whose statements goes to the connection that `connectionFor` gives. */
function kyselyOn(connectionFor: () => Promise<DatabaseConnection>): Connection {
  const notHere = async (): Promise<never> =>
    Promise.reject(new Error('Transactions are begun and ended by `database.ts`.'));
  const driver: Driver = {
    init: async () => Promise.resolve(),
    acquireConnection: connectionFor,
    releaseConnection: async () => Promise.resolve(),
    beginTransaction: notHere,
    commitTransaction: notHere,
    rollbackTransaction: notHere,
    destroy: async () => Promise.resolve(),
  };
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => ADAPTER,
      createDriver: () => driver,
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    },
  });
}
