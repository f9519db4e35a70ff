/**
 * The bench's own HTTP client: keep-alive connections with one request each on the way, and as little work as possible
 * besides, so that on a machine of two cores the server is what is measured.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';

/** A request as it goes over the wire, built before the clock runs. */
export function requestBytes(method: string, url: URL, body?: object): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? '' : 'content-type: application/json\r\n';
  const head =
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\naccept: */*\r\n` +
    `${type}${body === undefined ? '' : `content-length: ${Buffer.byteLength(text)}\r\n`}\r\n`;
  return Buffer.from(head + text);
}

export interface Load {
  readonly origin: string;
  readonly connections: number;
  readonly seconds: number;
  readonly next: () => Buffer;
  /** The only status that counts as an answer. */
  readonly status: number;
}

/** A load that ends after so many requests. */
export interface CountedLoad extends Omit<Load, 'seconds'> {
  readonly count: number;
}

export interface Measured {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = 'content-length: ';

/** Sends requests for that long and waits for the last answers. Rejects at the first answer with another status. */
export async function underLoad(load: Load): Promise<Measured> {
  const until = performance.now() + load.seconds * 1000;
  return await measured(load, () => performance.now() < until);
}

/** The same, for so many requests. */
export async function underCount(load: CountedLoad): Promise<Measured> {
  let left = load.count;
  return await measured(load, () => left-- > 0);
}

async function measured(load: Omit<Load, 'seconds'>, goesOn: () => boolean): Promise<Measured> {
  const latencies = createHistogram();
  const beganAt = performance.now();
  const port = Number(new URL(load.origin).port);
  const ends = Array.from({ length: load.connections }, async () => {
    await talk(connect({ port, host: '127.0.0.1', noDelay: true }), { load, goesOn, latencies });
  });
  await Promise.all(ends);
  const seconds = (performance.now() - beganAt) / 1000;
  return {
    count: latencies.count,
    perSecond: latencies.count / seconds,
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };
}

interface Talk {
  readonly load: Omit<Load, 'seconds'>;
  /** Whether another request is to be sent. */
  readonly goesOn: () => boolean;
  /** In microseconds. */
  readonly latencies: RecordableHistogram;
}

async function talk(socket: Socket, { load, goesOn, latencies }: Talk): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let sentAt = 0;
    let waiting: Buffer | undefined;
    const send = (): void => {
      sentAt = performance.now();
      if (goesOn()) socket.write(load.next());
      else socket.end(resolve);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      const bytes = waiting === undefined ? chunk : Buffer.concat([waiting, chunk]);
      if (!isWhole(bytes)) {
        waiting = bytes;
        return;
      }
      waiting = undefined;
      latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1000)));
      if (statusOf(bytes) === load.status) send();
      else reject(new Error(`expected ${load.status}: ${bytes.toString('utf8').slice(0, 2000)}`));
    });
  });
}

const statusOf = (bytes: Buffer): number => Number(bytes.toString('latin1', 9, 12));

/** Whether a whole answer is there; both servers always tell the length. */
function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return false;
  const head = bytes.toString('latin1', 0, end);
  const at = head.indexOf(LENGTH);
  const length = at === -1 ? 0 : Number.parseInt(head.slice(at + LENGTH.length), 10);
  return bytes.length >= end + HEAD_END.length + length;
}
