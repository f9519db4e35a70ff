/** Messages between processes on PostgreSQL. Its connection also has the lock that says that the schema is in use. Used by `dialect-postgres.ts`. */
import type { Pool, PoolClient } from 'pg';
import { LOCK_SHARED, takeLock } from './use-lock.ts';

/** How long to wait before the connection that listens is made again. */
const LISTEN_AGAIN_MS = 500;

/**
 * Messages between processes, by LISTEN and NOTIFY. Messages are sent after a commit, not inside of it: transactions that
 * notify wait for one another until they are committed [PostgreSQL, async.c], so one message a commit would make them queue.
 */
export class Listening {
  readonly #pool: Pool;
  readonly #channel: string;
  #client: PoolClient | undefined;
  #hear: ((message: string | undefined) => void) | undefined;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(pool: Pool, channel: string) {
    this.#pool = pool;
    this.#channel = channel;
  }

  async notify(message: string): Promise<void> {
    await this.#pool.query('select pg_notify($1, $2)', [this.#channel, message]);
  }

  async start(hear: (message: string | undefined) => void): Promise<void> {
    this.#hear = hear;
    await this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#again);
    this.#client?.release(true);
    this.#client = undefined;
  }

  async #connect(): Promise<void> {
    const client = await this.#pool.connect();
    this.#client = client;
    client.on('notification', ({ payload }) => this.#hear?.(payload));
    client.on('error', () => {
      this.#lose(client);
    });
    await takeLock(client, LOCK_SHARED);
    await client.query(`listen "${this.#channel}"`);
  }

  /** The connection is gone: whatever was told since is lost, so the listener looks for itself once there is a new one. */
  #lose(client: PoolClient): void {
    if (this.#client !== client || this.#isStopped) return;
    this.#client = undefined;
    client.release(true);
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    this.#again = setTimeout(() => {
      this.#connect().then(
        () => this.#hear?.(undefined),
        () => {
          if (!this.#isStopped) this.#reconnectLater();
        },
      );
    }, LISTEN_AGAIN_MS);
    this.#again.unref();
  }
}
