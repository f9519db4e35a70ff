/**
 * The bench's own HTTP client: keep-alive connections with one request each on the way, and as little work as possible
 * besides, so that on a machine of two cores the server is what is measured.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';

/** Who a client is over TLS: PEM. The server's own certificate is not checked: its key exchange costs the same. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

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
  /** Absent: plain HTTP. */
  readonly tls?: TlsIdentity;
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
const LENGTH = /^content-length: (\d+)/im;

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
  const ends = Array.from({ length: load.connections }, async () => {
    await talk(dial(load.origin, load.tls), { load, goesOn, latencies });
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

/** A connection to the server at `origin`; of TLS it is in use after `secureConnect` alone. */
export function dial(origin: string, tls?: TlsIdentity): Socket {
  const to = { port: Number(new URL(origin).port), host: '127.0.0.1' };
  if (tls === undefined) return connect({ ...to, noDelay: true });
  const socket = connectTls({ ...to, ...tls, rejectUnauthorized: false });
  socket.setNoDelay(true);
  return socket;
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
    const answer = new Answer();
    const send = (): void => {
      sentAt = performance.now();
      if (goesOn()) socket.write(load.next());
      else socket.end(resolve);
    };
    socket.on(load.tls === undefined ? 'connect' : 'secureConnect', send);
    socket.on('error', reject);
    // After its own end this comes too late to matter.
    socket.on('close', () => {
      reject(new Error('the server has closed a connection'));
    });
    socket.on('data', (chunk: Buffer) => {
      if (!answer.take(chunk)) return;
      latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1000)));
      if (answer.status === load.status) send();
      else reject(new Error(`expected ${load.status}: ${answer.beginning}`));
    });
  });
}

/** The answer that is on the way: of a long one only the beginning is looked at. Both servers always tell the length. */
class Answer {
  #first: Buffer | undefined;
  /** Bytes of it that are still to come. */
  #left = 0;

  /** Whether it is whole with these bytes. */
  take(chunk: Buffer): boolean {
    if (this.#left > 0) {
      this.#left -= chunk.length;
      return this.#left <= 0;
    }
    const isGoingOn = this.#first !== undefined && this.#first.indexOf(HEAD_END) === -1;
    const first = isGoingOn ? Buffer.concat([this.#first as Buffer, chunk]) : chunk;
    this.#first = first;
    const end = first.indexOf(HEAD_END);
    if (end === -1) return false;
    const [, length = '0'] = LENGTH.exec(first.toString('latin1', 0, end)) ?? [];
    this.#left = end + HEAD_END.length + Number(length) - first.length;
    return this.#left <= 0;
  }

  get status(): number {
    return Number(this.#first?.toString('latin1', 9, 12));
  }

  get beginning(): string {
    return this.#first?.toString('utf8', 0, 2000) ?? '';
  }
}
