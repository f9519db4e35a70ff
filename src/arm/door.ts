/**
 * The server that every door of the service is mounted on, and the doors that speak ARM's protocol: each a Fastify scope
 * of its own with ARM's reading of bodies, ARM's headers on every answer, and every refusal in the envelope. Knows no
 * route. Called by `doors.ts` and by the rooms' `http.ts`.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { envelopeOf } from '#shared/envelope.ts';
import { RefusedError } from '#shared/failure.ts';
import { calendarOf, wallNow } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import type { Logger } from '#shared/logger.ts';
import { outlineOf, outlineOfUrl } from '#shared/outline.ts';
import { atEndOfTurn } from '#shared/end-of-turn.ts';
import type { Era } from './eras.ts';
import { errors } from './errors.ts';
import { readJsonBody } from './json-body.ts';
import { hostCheck, type Hosts } from './hosts.ts';
import { isGuid } from './names.ts';
import { STATUS_CODES } from './node-http.ts';
import type { Answer } from './polling.ts';
import { cleanPath } from '#shared/arm-id.ts';
import { HttpAndTlsServer, type TlsSource } from './two-protocols.ts';
import { consistently, ReadSet, StaleReadError } from '#store/read-set.ts';
import { StorageFullError } from '#store/storage-full.ts';

/** Largest body, in bytes: ARM's own limit is 4 MB [mem]. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** ids go to some 1,500 characters, skip tokens beyond; Fastify's own limit is 100 (arm-protocol §1.1). */
const MAX_PARAMETER_LENGTH = 8192;
/** How long a connection may rest: Fastify's own default, which it does not give to a server that it did not make. */
const KEEP_ALIVE_MS = 72_000;

declare module 'fastify' {
  interface FastifyInstance {
    /** Whose counters are shown where nothing is counted. */
    era: Era;
    /** What of another protocol takes a request whose path cannot be decoded, where it is its own; true: it has. */
    unreadablePaths: ((request: FastifyRequest, reply: FastifyReply) => boolean)[];
  }
  interface FastifyRequest {
    /** Kept from the caller or made [rpc]. */
    correlationId: string;
    /** The header that says how many calls the caller has left, where they are counted. */
    remainingCalls: readonly [header: string, left: string] | undefined;
    /** What a request that may write has read for its checks; undefined for one that only reads. */
    reads: ReadSet | undefined;
    /** The body as it was sent, for refusals that name a place in it. */
    bodyText: string;
  }
}

export interface ServerParts {
  readonly tls: TlsSource['pair'];
  readonly era: Era;
  /** Calls to other hosts are refused. */
  readonly hosts: Hosts;
  /** Addresses of proxies whose `X-Forwarded-…` headers say what the client has used. */
  readonly proxies: readonly string[];
}

/**
 * The server: it reads HTTP, and HTTPS on the same port with the pair that `tls` gives, and finds routes with ARM's
 * tolerance of case and slashes. What bodies, errors and unknown paths mean is each door's own.
 */
export function openServer(
  log: Logger,
  { tls, era, hosts, proxies }: ServerParts,
): FastifyInstance {
  const server = Fastify({
    serverFactory: (listener) => {
      const both = new HttpAndTlsServer(listener, { pair: tls, log });
      both.keepAliveTimeout = KEEP_ALIVE_MS;
      // Node would answer an unknown Expect with a bare 417; it may as well be left unmet [rfc9110].
      both.on('checkExpectation', listener);
      return both;
    },
    bodyLimit: BODY_LIMIT_BYTES,
    ...(proxies.length === 0 ? {} : { trustProxy: [...proxies] }),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: MAX_PARAMETER_LENGTH,
    },
    clientErrorHandler: answerUnreadable,
    // A path that cannot be decoded never reaches a route.
    frameworkErrors: (_error, request, reply) => {
      if (server.unreadablePaths.some((take) => take(request, reply))) return;
      request.correlationId = correlationIdOf(request);
      refuse(reply, request, errors.routeNotFound(request.method, request.url));
    },
  });
  server.decorate('era', era);
  server.decorate('unreadablePaths', []);
  server.decorateRequest('correlationId', '');
  server.decorateRequest('remainingCalls', undefined);
  server.decorateRequest('reads', undefined);
  server.decorateRequest('bodyText', '');
  refuseOtherHosts(server, hosts);
  return server;
}

/** Refuses, at every door, calls to a host that the service does not know as its own, and calls with several. */
function refuseOtherHosts(server: FastifyInstance, hosts: Hosts): void {
  const isOwn = hostCheck(hosts);
  server.addHook('onRequest', (request, _reply, done) => {
    if (isOwn(request.host) && hostHeadersOf(request) === 1) {
      done();
      return;
    }
    request.correlationId = correlationIdOf(request);
    const isOne = URL.canParse(`http://${request.host}`) && hostHeadersOf(request) === 1;
    done(isOne ? errors.foreignHost(request.host) : errors.invalidHost(request.host));
  });
}

function hostHeadersOf({ raw: { rawHeaders } }: FastifyRequest): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') count++;
  }
  return count;
}

/**
 * Opens a door that speaks ARM's protocol, in a scope of its own: what `mount` adds to it (hooks, readers of bodies)
 * holds for this door alone, and no other door takes anything from it.
 */
export async function openDoor(
  server: FastifyInstance,
  log: Logger,
  mount: (door: FastifyInstance) => void | Promise<void>,
): Promise<void> {
  await server.register(async (door) => {
    readAsArm(door);
    door.addHook('onRequest', (request, _reply, done) => {
      request.correlationId = correlationIdOf(request);
      done();
    });
    refuseAsArm(door, log);
    await mount(door);
  });
}

/** JSON only. Bodies are checked by the verbs, by version, and written by JSON.stringify. */
function readAsArm(door: FastifyInstance): void {
  door.setValidatorCompiler(() => () => true);
  door.setSerializerCompiler(() => (value) => JSON.stringify(value));
  door.removeAllContentTypeParsers();
  door.addContentTypeParser(
    ['application/json', 'text/json'],
    { parseAs: 'string' },
    // Many clients send the header without a body (arm-protocol §3).
    async (request: FastifyRequest, body: string | Buffer) => {
      checkEncoding(request.headers);
      request.bodyText = body as string;
      return readJsonBody(request.bodyText);
    },
  );
}

/** Bodies are UTF-8 and not packed: in another encoding they would be called bad JSON, or be read as something else. */
function checkEncoding(headers: FastifyRequest['headers']): void {
  const encoding = headers['content-encoding']?.trim() ?? '';
  if (!/^(identity)?$/i.test(encoding)) throw errors.unsupportedEncoding('encoding', encoding);
  const [, charset] = /;\s*charset="?([^";\s]*)/i.exec(headers['content-type'] ?? '') ?? [];
  if (charset !== undefined && !/^(utf-?8|us-ascii)?$/i.test(charset)) {
    throw errors.unsupportedEncoding('charset', charset);
  }
}

/** Everything thrown is answered in the envelope, and what is a fault of ours is logged. */
function refuseAsArm(door: FastifyInstance, log: Logger): void {
  door.setErrorHandler((error: FastifyError, request, reply) => {
    const refused = refusalOf(error, request);
    const { correlationId, method } = request;
    const { status, failure } = refused;
    // Made only where they are logged: an outline walks the body.
    const fields = {
      ...{ correlationId, method, status },
      get url() {
        return outlineOfUrl(request.url);
      },
      get body() {
        return outlineOf((request.body ?? null) as Json);
      },
    };
    if (status >= 500) log.error(Object.assign(fields, { err: error }), 'a request failed');
    else log.debug(Object.assign(fields, { code: failure.code }), 'a request was refused');
    refuse(reply, request, refused);
  });
}

/** The caller's, where it is one [rpc]. */
function correlationIdOf({ headers }: FastifyRequest): string {
  const given = headers['x-ms-correlation-request-id'];
  return typeof given === 'string' && isGuid(given) ? given : randomUUID();
}

/** Answers what is no HTTP that Node can read, and closes: no request came of it, so there is no reply to use. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refused = unreadableRefusal(error.code);
  const body = JSON.stringify(envelopeOf(refused.failure));
  const head = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'x-ms-failure-cause: gateway',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function unreadableRefusal(code: string | undefined): RefusedError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return errors.headersTooLarge();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errors.requestTimeout();
    default:
      return errors.unreadableRequest();
  }
}

/** The decoded path, cleaned, without the query. A segment that decodes to a slash is no name: refused by its rule. */
export function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?');
  const raw = end === -1 ? request.url : request.url.slice(0, end);
  if (!raw.includes('%')) return cleanPath(raw);
  const decoded = cleanPath(raw)
    .split('/')
    .map((segment) => {
      const name = decodeURIComponent(segment);
      if (name.includes('/')) throw errors.invalidName(name, 'it must not contain a slash.');
      return name;
    });
  return decoded.join('/');
}

/** Scheme and host as the caller used them: the base of every URL that goes back. Refuses a host that is none. */
export function originOf(request: FastifyRequest): string {
  const origin = `${request.protocol}://${request.host}`;
  if (origin === lastOrigin) return origin;
  if (!URL.canParse(origin)) throw errors.invalidHost(request.host);
  lastOrigin = origin;
  return origin;
}

/** The one of the last request: nearly all have the same, and to parse a URL costs more than to compare two. */
let lastOrigin = '';

let routedSecond = '';
let routedAt = 0;

/** `EDGETWIN:20261124T180000Z:{guid}`; the stamp is made once a second. */
function routingId(requestId: string): string {
  const second = Math.floor(wallNow() / 1000);
  if (second !== routedAt) {
    const { year, month, day, hour, minute, second: s } = calendarOf(wallNow());
    const two = (value: number): string => String(value).padStart(2, '0');
    routedSecond = `EDGETWIN:${year}${two(month)}${two(day)}T${two(hour)}${two(minute)}${two(s)}Z:`;
    routedAt = second;
  }
  return routedSecond + requestId;
}

const HSTS = 'max-age=31536000; includeSubDomains';

/** The headers of every answer (arm-protocol §5.1) [rec]. */
function putHeaders(reply: FastifyReply, request: FastifyRequest): void {
  const requestId = randomUUID();
  const clientId = request.headers['x-ms-client-request-id'];
  const { era } = request.server;
  const remaining =
    request.remainingCalls === undefined ? era.remaining[request.method] : [request.remainingCalls];
  // Browsers take it by heart over TLS only, and for every port of the host: other services on localhost would become
  // unreachable over http for a year. So only those get it who forget it [ours].
  if (request.protocol === 'http') reply.header('strict-transport-security', HSTS);
  reply.headers({
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': request.correlationId,
    'x-ms-routing-request-id': routingId(requestId),
  });
  // Echoed always, and made up where none was sent [rec].
  reply.header('x-ms-client-request-id', typeof clientId === 'string' ? clientId : requestId);
  for (const [header, left] of remaining ?? []) reply.header(header, left);
}

/** Carries a request out and sends its answer, or the refusal of what was thrown. For handlers, which return nothing then. */
export function respond(
  reply: FastifyReply,
  request: FastifyRequest,
  work: () => Promise<Answer>,
): void {
  work()
    .then((answer) => {
      send(reply, request, answer);
    })
    .catch((error: unknown) => {
      reply.send(error);
    });
}

/** Sends an answer with ARM's headers, at the end of the turn. */
export function send(reply: FastifyReply, request: FastifyRequest, answer: Answer): void {
  putHeaders(reply, request);
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body));
  if (text !== undefined) reply.header('content-type', 'application/json; charset=utf-8');
  atEndOfTurn(() => {
    try {
      reply.send(text);
    } catch (error) {
      // Nothing of it was written. The error handler logs it; a connection without an answer must not stay open.
      if (answer.status < 500) reply.send(error);
      else reply.raw.destroy();
    }
  });
}

/**
 * Runs the checks of a request that may write, before its body is read. What they read is kept, for its handler to go on with
 * (`carriedOut`).
 */
export async function admitted(request: FastifyRequest, check: () => Promise<void>): Promise<void> {
  request.reads = new ReadSet();
  await request.reads.run(check);
}

/**
 * Carries out a request. One that may write has been admitted and is carried out from one consistent state: where others have changed
 * what it has read, it is checked and carried out again. One that only reads is checked here.
 */
export async function carriedOut<T>(
  request: FastifyRequest,
  { check, work }: { readonly check: () => Promise<void>; readonly work: () => Promise<T> },
): Promise<T> {
  if (!hasBody(request.method)) {
    await check();
    return await work();
  }
  return await consistently(async (attempt) => {
    if (attempt > 1) await check();
    return await work();
  }, request.reads);
}

/** Whether requests of that method may have a body, and may write. */
export const hasBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

/** Sends a refusal in the envelope. */
export function refuse(reply: FastifyReply, request: FastifyRequest, refused: RefusedError): void {
  const headers = { 'x-ms-failure-cause': refused.refusedBy, ...refused.headers };
  const body = envelopeOf(refused.failure);
  send(reply, request, { status: refused.status, headers, body });
}

/** Whatever was thrown, as a refusal. */
function refusalOf(error: FastifyError, request: FastifyRequest): RefusedError {
  if (error instanceof RefusedError) return error;
  if (error instanceof StaleReadError) return errors.concurrentChanges();
  if (error instanceof StorageFullError) return errors.storageFull();
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return errors.unsupportedMediaType(request.headers['content-type'] || '<null>');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return errors.contentTooLarge(BODY_LIMIT_BYTES);
    default:
      // What serves files says so of a path that leads out of its folder.
      if (error.statusCode === 403 || error.statusCode === 404) {
        return errors.routeNotFound(request.method, request.url);
      }
      return (error.statusCode ?? 500) < 500
        ? errors.malformedContent(error.message)
        : errors.internal(request.correlationId);
  }
}
