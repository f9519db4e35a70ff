/** Redis for tests: the one that is there already, under a prefix of the test's own, or one that the test may kill. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { absent, variable } from './surroundings.ts';

/** Where the tests look for a Redis that runs. */
const REDIS_URL = variable('REDIS_URL') ?? 'redis://127.0.0.1:6379';

/** The Redis that answers, or why its tests are skipped; under CI its absence is a failure. */
export async function runningRedis(): Promise<
  { readonly url: string } | { readonly skip: string }
> {
  const { hostname, port } = new URL(REDIS_URL);
  const socket = connect({ host: hostname, port: Number(port === '' ? '6379' : port) });
  try {
    await once(socket, 'connect');
    return { url: REDIS_URL };
  } catch (error) {
    return absent(`no Redis answers on ${hostname}:${port} (${String(error)})`);
  } finally {
    socket.destroy();
  }
}

/** As `runningRedis`, of the program that a test can start by itself. */
export function redisProgram(): { readonly skip?: string } {
  const { error } = spawnSync('redis-server', ['--version']);
  return error === undefined ? {} : absent(`no redis-server can be started (${error.message})`);
}

/** A prefix for the keys of one test; they go with it. */
export function ownPrefix(test: Pick<TestContext, 'after'>, url: string): string {
  const prefix = `edgetwin-test-${randomUUID()}`;
  test.after(async () => removeKeys(url, prefix));
  return prefix;
}

/** Removes every key that begins with `prefix`. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
  }
  redis.disconnect();
}

/** A Redis of the test's own, that keeps nothing when it dies. */
export class OwnRedis {
  readonly url: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts one on a free port; it ends with the test. */
  static async start(test: Pick<TestContext, 'after'>): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort());
    test.after(async () => redis.kill());
    await redis.rise();
    return redis;
  }

  /** Starts it, again on the same port, with nothing in it. */
  async rise(): Promise<void> {
    const settings = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', ''];
    const child = spawn('redis-server', [...settings, '--maxmemory-policy', 'noeviction'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: tmpdir(),
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
      if (line.includes('Ready to accept connections')) return;
    }
    throw new Error('redis-server ended before it was ready');
  }

  /** Kills it, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
