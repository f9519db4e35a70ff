/**
 * Processes of one world that hand requests to each other: the one that has a cluster in memory answers for it, watches included
 * (docs/decisions/0019). They know each other by a secret of the service, and the connection by the service's own authority. Who the
 * client is the first process has seen from its connection; whether that is worth anything the owner finds out.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Vault } from '#vault/vault.ts';
import { bodyOf } from './bodies.ts';

/** Holds the secret: a request without it is a client's own. */
export const PEER_HEADER = 'x-edgetwin-peer';
const CERTIFICATE = 'x-edgetwin-client-certificate';
const PLAY = 'x-edgetwin-play';
/** What tells the first process that the cluster is not here. */
const NOT_HERE = 421;

/** Headers that are about one connection, or that only the first process may set. */
const OF_ONE_CONNECTION = new Set([
  ...['connection', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade'],
  ...[PEER_HEADER, CERTIFICATE, PLAY],
]);

/** How often it is looked whether the owners still live that owe an answer or the rest of one, milliseconds. */
const LOOK_MS = 500;
/** Connections to one other process, watches included, and those that rest. */
const MAX_SOCKETS = 4096;
const MAX_RESTING = 32;

export interface PeersParts {
  readonly vault: Vault;
  /** PEM of the authority of the service's own certificate. */
  readonly authority: () => Promise<string>;
  /** Whether a process may still have clusters. */
  readonly isAlive: (owner: string) => Promise<boolean>;
}

/** A process that has a cluster: the name of its lease, and where it takes requests. */
export interface Owner {
  readonly owner: string;
  readonly address: string | undefined;
}

/** A request that another process hands on. */
export interface Handed {
  /** DER of the certificate that the client has shown; undefined: none. */
  readonly certificate: Buffer | undefined;
  /** It asks for the cluster to be played, and nothing else. */
  readonly isPlay: boolean;
}

export interface Handing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly owner: Owner;
  /** The request's body, where somebody has read it already. */
  readonly body?: Buffer;
}

/** The other process could not be reached, or has the cluster no more: nothing was done. */
export class NotThereError extends Error {}

export class Peers {
  readonly #parts: PeersParts;
  /** What ends the requests that are with each owner. */
  readonly #pending = new Map<string, Set<() => void>>();
  #looking: NodeJS.Timeout | undefined;
  #known: Promise<{ readonly secret: Buffer; readonly agent: Agent }> | undefined;

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  /** What another process hands on; undefined: the request is a client's own. */
  async handedBy({ headers }: IncomingMessage): Promise<Handed | undefined> {
    const given = headers[PEER_HEADER];
    if (typeof given !== 'string') return undefined;
    const { secret } = await this.#get();
    const bytes = Buffer.from(given, 'base64');
    if (bytes.length !== secret.length || !timingSafeEqual(bytes, secret)) return undefined;
    const certificate = headers[CERTIFICATE];
    return {
      certificate: typeof certificate === 'string' ? Buffer.from(certificate, 'base64') : undefined,
      isPlay: headers[PLAY] !== undefined,
    };
  }

  /** Answers a process that has asked the wrong one. */
  refuse(response: ServerResponse): void {
    response.writeHead(NOT_HERE, { 'Content-Length': 0 });
    response.end();
  }

  /**
   * Puts a client's request to the process that has the cluster and lets the client have its answer. Rejects with `NotThereError`
   * where nothing came of it. A client whose write may have been done, by a process that has died since, sees its connection end;
   * so does one whose watch was with a process that is dead, or stands still.
   */
  async hand({ request, response, owner, body: read }: Handing): Promise<void> {
    const body = read ?? (await bodyOf(request));
    const { socket } = request;
    const certificate =
      socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !OF_ONE_CONNECTION.has(name)),
    );
    const options = {
      method: request.method,
      headers: {
        ...headers,
        ...(body.length === 0 ? {} : { 'content-length': body.length }),
        ...(certificate === undefined ? {} : { [CERTIFICATE]: certificate.toString('base64') }),
      },
    };
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    let answer: IncomingMessage;
    try {
      answer = await this.#send({ owner, path: request.url ?? '/', body }, options, (abort) =>
        response.once('close', abort),
      );
    } catch (error) {
      if (response.destroyed) return;
      if (isRead || wasRefused(error)) throw new NotThereError();
      response.destroy();
      return;
    }
    if (answer.statusCode === NOT_HERE) {
      answer.resume();
      throw new NotThereError();
    }
    const { connection: _connection, 'keep-alive': _keepAlive, ...told } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, told);
    // A watch shows at once that it has begun.
    response.flushHeaders();
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  }

  /** Lets the process that has a cluster play it. False: it has it no more, or is away. */
  async play(owner: Owner, id: string): Promise<boolean> {
    try {
      const options = { method: 'POST', headers: { [PLAY]: '1', host: 'localhost' } };
      const to = { owner, path: `/clusters/${id}`, body: Buffer.alloc(0) };
      const answer = await this.#send(to, options);
      answer.resume();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }

  /** Resolves with the beginning of the answer. `onBegin` is given what ends the request. */
  async #send(
    { owner, path, body }: { readonly owner: Owner; readonly path: string; readonly body: Buffer },
    { method, headers }: { readonly method: string | undefined; readonly headers: object },
    onBegin?: (abort: () => void) => void,
  ): Promise<IncomingMessage> {
    const { secret, agent } = await this.#get();
    return await new Promise((resolve, reject) => {
      const sent = requestTls(new URL(path, owner.address), {
        ...(method === undefined ? {} : { method }),
        headers: { ...headers, [PEER_HEADER]: secret.toString('base64') },
        agent,
      });
      const abort = (): void => {
        sent.destroy(new Error('the process that has the cluster does not answer'));
      };
      sent.on('response', resolve);
      sent.on('error', reject);
      const forget = this.#remember(owner.owner, abort);
      sent.on('close', forget);
      onBegin?.(abort);
      sent.end(body);
    });
  }

  /** Lets a request end with its owner's life; gives what says that it is over. */
  #remember(owner: string, abort: () => void): () => void {
    const aborts = this.#pending.get(owner) ?? new Set();
    this.#pending.set(owner, aborts.add(abort));
    if (this.#looking === undefined) {
      // eslint-disable-next-line no-restricted-syntax -- processes die in real time
      this.#looking = setInterval(() => void this.#look(), LOOK_MS);
      this.#looking.unref();
    }
    return () => {
      aborts.delete(abort);
      if (aborts.size === 0) this.#pending.delete(owner);
      if (this.#pending.size > 0) return;
      clearInterval(this.#looking);
      this.#looking = undefined;
    };
  }

  async #look(): Promise<void> {
    for (const [owner, aborts] of this.#pending) {
      const isAlive = await this.#parts.isAlive(owner).catch(() => true);
      if (!isAlive) for (const abort of [...aborts]) abort();
    }
  }

  #get(): Promise<{ readonly secret: Buffer; readonly agent: Agent }> {
    this.#known ??= this.#make().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #make(): Promise<{ readonly secret: Buffer; readonly agent: Agent }> {
    const { vault, authority } = this.#parts;
    const text = await vault.ownSecret('peers', async () =>
      Promise.resolve(randomBytes(32).toString('base64')),
    );
    const agent = new Agent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      maxFreeSockets: MAX_RESTING,
      ca: await authority(),
      // The certificate says the service's names, not the address of this process; that it is from our authority is what counts.
      checkServerIdentity: () => undefined,
    });
    return { secret: Buffer.from(text, 'base64'), agent };
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    (await this.#known)?.agent.destroy();
  }
}

/** The request never left this process. */
const wasRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'].includes(String(error.code));
