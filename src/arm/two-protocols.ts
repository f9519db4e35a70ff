/**
 * One port for HTTP and HTTPS: the first byte of a connection tells which it is, since a TLS handshake begins with 0x16
 * and no HTTP method does. Every connection ends at the same HTTP server, as Node's own https does it; it costs a plain
 * one a look at its first bytes, and nothing afterwards. Called by `door.ts`. Knows no certificate: they are handed in,
 * and asked for at the first TLS connection.
 */
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Logger } from '#shared/logger.ts';
import { Server } from './node-http.ts';

/** PEM: the certificate with its issuers behind it, and its key. */
export interface TlsPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface TlsSource {
  /** May take a while the first time. */
  readonly pair: () => Promise<TlsPair>;
  readonly log: Logger;
}

const HANDSHAKE = 0x16;
/** As Node's own server gives a client for its headers. */
const MAX_SILENCE_MS = 60_000;
const MAX_HANDSHAKE_MS = 10_000;

type Serve = (socket: Socket) => void;

/** An HTTP server that speaks TLS too. */
export class HttpAndTlsServer extends Server {
  /** Connections that have said nothing yet. */
  readonly #silent = new Set<Socket>();
  readonly #source: TlsSource;
  readonly #serve: Serve;
  #tls: Promise<TlsServer> | undefined;

  constructor(listener: RequestListener, source: TlsSource) {
    super(listener);
    this.#source = source;
    const serving = this.listeners('connection') as Serve[];
    this.#serve = (socket) => {
      for (const serve of serving) serve.call(this, socket);
    };
    this.removeAllListeners('connection');
    this.on('connection', (socket: Socket) => {
      this.#awaitFirstByte(socket);
    });
  }

  /** Closes those that have said nothing yet, too: a server that closes would wait for them. */
  override closeIdleConnections(): void {
    for (const socket of this.#silent) socket.destroy();
    super.closeIdleConnections();
  }

  /** Reads the first bytes and puts them back; gives up where the other side goes, fails or stays silent. */
  #awaitFirstByte(socket: Socket): void {
    const giveUp = (): void => void socket.destroy();
    const forget = (): void => void this.#silent.delete(socket);
    this.#silent.add(socket);
    socket.on('error', giveUp).on('end', giveUp).on('close', forget);
    // eslint-disable-next-line no-restricted-syntax -- a socket's own time-out, no timer of ours
    socket.setTimeout(MAX_SILENCE_MS, giveUp);
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      // eslint-disable-next-line no-restricted-syntax -- a socket's own time-out, no timer of ours
      socket.setTimeout(0).off('timeout', giveUp).off('end', giveUp).off('close', forget);
      forget();
      if (chunk[0] === HANDSHAKE) {
        void this.#secure(socket);
        return;
      }
      socket.off('error', giveUp);
      this.#serve(socket);
      socket.resume();
    });
  }

  /** The handshake takes the bytes out of the paused socket by itself. */
  async #secure(socket: Socket): Promise<void> {
    this.#tls ??= tlsServer(this.#source, this.#serve);
    // As Node's https has it: who ends before the handshake is over is not waited for.
    socket.allowHalfOpen = false;
    try {
      (await this.#tls).emit('connection', socket);
    } catch (error) {
      // The next connection tries again.
      this.#tls = undefined;
      this.#source.log.error({ err: error }, 'there is no certificate to serve HTTPS with');
      socket.destroy();
    }
  }
}

/** It never listens: connections are handed to it. */
async function tlsServer({ pair }: TlsSource, serve: Serve): Promise<TlsServer> {
  const { certificate, privateKey } = await pair();
  const server = createTlsServer({
    cert: certificate,
    key: privateKey,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: MAX_HANDSHAKE_MS,
    // A client may say who it is by a certificate of its Kubernetes cluster; the door of that cluster checks it.
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', serve);
  // A client that does not trust us hangs up; that is its business.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}
