/**
 * How many operations a second are carried out, from the 202 of a share's PUT to `Succeeded`: by one process on SQLite, and by
 * one and by two workers beside one process that serves, on PostgreSQL and Redis. The clock stands while they are accepted; then it
 * runs so fast that all fall due at once, and what is measured is the work.
 */
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { requestBytes, underCount } from './load.ts';
import type { Server } from './processes.ts';
import { deviceName, deviceUrl, makeGroup, send, SHARE } from './world.ts';

const DEVICES = 150;
const OPERATIONS = 3000;
const CONNECTIONS = 32;
/** Simulated seconds a second: the longest of these operations takes half a minute, and none of those that ended is old enough to be removed. */
const FAST = 1000;
/** Seldom enough that the looks themselves take nothing from what is measured. */
const LOOK_MS = 100;

/** What one arrangement of processes does in a second. */
export interface Rate {
  readonly acceptedPerSecond: number;
  readonly donePerSecond: number;
  /** From the first request to the end of the last operation. */
  readonly fromFirstToLast: number;
  /** Of the machine's cores, how many had something to do while the operations were carried out. */
  readonly busyCores: number;
}

/** Measures at `server`, whose clock must be frozen. All processes have done such operations before, as they have in the other parts. */
export async function operationRate(server: Server, group: string): Promise<Rate> {
  await carryOut(server, `${group}-before`);
  return await carryOut(server, group);
}

async function carryOut({ origin }: Server, group: string): Promise<Rate> {
  await makeGroup(origin, group, DEVICES);
  let count = 0;
  const next = (): Buffer => {
    const below = `${deviceName(count % DEVICES)}/shares/share-${Math.floor(count / DEVICES)}`;
    count++;
    return requestBytes('PUT', deviceUrl(origin, group, below), SHARE);
  };
  const beganAt = performance.now();
  await underCount({ origin, connections: CONNECTIONS, status: 202, next, count: OPERATIONS });
  const acceptedAt = performance.now();
  const idleBefore = idleCoreMs();
  await setClock(origin, { frozen: false, rate: FAST });
  while ((await runningOperations(origin)) > 0) await sleep(LOOK_MS);
  const doneAt = performance.now();
  const busyCores = cpus().length - (idleCoreMs() - idleBefore) / (doneAt - acceptedAt);
  await setClock(origin, { frozen: true });
  const perSecond = (ms: number): number => (OPERATIONS * 1000) / ms;
  return {
    acceptedPerSecond: perSecond(acceptedAt - beganAt),
    donePerSecond: perSecond(doneAt - acceptedAt),
    fromFirstToLast: perSecond(doneAt - beganAt),
    busyCores,
  };
}

/** How long the cores have had nothing to do, together. */
const idleCoreMs = (): number => cpus().reduce((sum, { times }) => sum + times.idle, 0);

const setClock = async (origin: string, change: object): Promise<Response> =>
  await send('PUT', `${origin}/_edgetwin/clock`, change);

async function runningOperations(origin: string): Promise<number> {
  const text = await (await send('GET', `${origin}/metrics`)).text();
  return Number(/^edgetwin_operations\{status="Running"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

/** A schema of the bench's own on the server at `url`, and what removes it; undefined where none answers. */
export async function benchSchema(
  url: string,
): Promise<{ readonly url: string; readonly remove: () => Promise<void> } | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  try {
    await client.connect();
  } catch {
    return undefined;
  }
  const schema = `edgetwin_bench_${randomUUID().replaceAll('-', '')}`;
  await client.query(`create schema ${schema}`);
  const own = new URL(url);
  own.searchParams.set('options', `-c search_path=${schema}`);
  return {
    url: own.href,
    remove: async () => {
      await client.query(`drop schema ${schema} cascade`);
      await client.end();
    },
  };
}
