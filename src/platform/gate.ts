/**
 * Gates: the checks at a door that run before any route. They decide which web pages may call (CORS), whether the caller
 * must sign in, who may use the emulator's own doors, and how often one may call. Each door adds the gates that it needs
 * before its routes (`doors.ts`).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessErrors } from '#arm/errors/access.ts';
import { originOf, pathOf } from '#arm/door.ts';
import type { Access } from '#identity/access/access.ts';
import type { Callers } from '#identity/sign-in/callers.ts';
import type { Throttle } from './throttle.ts';

/** Stands for the caller where callers need not sign in. */
const ANONYMOUS = '00000000-0000-0000-0000-000000000000';

/** The checks of callers of ARM. */
export interface CallerGate {
  /** Undefined: callers need not sign in. */
  readonly callers: Callers | undefined;
  /** Undefined: calls are not limited. */
  readonly throttle: Throttle | undefined;
}

/** Adds the checks of callers: sign-in where it is required, and the limit on calls where there is one. */
export function admitCallers(door: FastifyInstance, { callers, throttle }: CallerGate): void {
  if (callers === undefined && throttle === undefined) return;
  door.addHook('onRequest', async (request) => {
    const caller = await callers?.admit(request.headers, originOf(request));
    if (throttle === undefined) return;
    const [, subscriptionId] = /^\/subscriptions\/([^/]+)/i.exec(pathOf(request)) ?? [];
    request.remainingCalls = throttle.take({
      method: request.method,
      subscriptionId: subscriptionId?.toLowerCase(),
      actor: caller?.objectId ?? ANONYMOUS,
    });
  });
}

/** Admits only administrators of the emulator, where sign-in is required. */
export function admitAdministrators(
  door: FastifyInstance,
  { callers, access }: { readonly callers: Callers | undefined; readonly access: Access },
): void {
  if (callers === undefined) return;
  door.addHook('onRequest', async (request) => {
    const caller = await callers.admit(request.headers, originOf(request));
    if (!access.isAdministrator(caller)) throw accessErrors.notAdministrator(caller);
  });
}

/** The headers that pages may read. They are listed, since `*` does not apply to requests with a token. */
const EXPOSED_HEADERS = [
  ...['Azure-AsyncOperation', 'Location', 'Operation-Location', 'Retry-After', 'ETag', 'Date'],
  ...['Content-Length', 'WWW-Authenticate', 'Warning', 'x-ms-request-id', 'x-ms-client-request-id'],
  ...['x-ms-correlation-request-id', 'x-ms-routing-request-id', 'x-ms-failure-cause'],
  ...['subscription-reads', 'subscription-writes', 'subscription-deletes', 'tenant-reads'].map(
    (what) => `x-ms-ratelimit-remaining-${what}`,
  ),
];

const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
} as const;

/** Which pages may call. */
export interface Pages {
  /** Those of any site, since callers are identified by their token and not by the page [mem]. Not where nobody signs in. */
  readonly isEvery: boolean;
  /** Origins whose pages may call in any case: `https://portal.example`. */
  readonly origins: readonly string[];
}

/** Admits pages of this machine, of the service itself and of the named origins, or of any site; answers their preflight requests. */
export function admitPages(door: FastifyInstance, { isEvery, origins }: Pages): void {
  door.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!isEvery && !isOwnPage(request, origin) && !origins.includes(origin)) {
        done(accessErrors.foreignPage(origin, 'this service: nobody has to sign in to it'));
        return;
      }
      if (isPreflight(request)) {
        answerPreflight(request, reply);
        return;
      }
      reply.headers(CORS_HEADERS);
    }
    done();
  });
}

/**
 * Admits only pages of this machine and of the service itself. The emulator's own doors need no token in an open service,
 * and browsers send a simple POST without a preflight request `[ours]`.
 */
export function admitOwnPages(door: FastifyInstance): void {
  door.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!isOwnPage(request, origin)) {
        done(accessErrors.foreignPage(origin, 'what only the emulator has (/_edgetwin)'));
        return;
      }
      reply.headers(CORS_HEADERS);
    }
    done();
  });
}

function isOwnPage({ host }: FastifyRequest, origin: string): boolean {
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  const isLocal = page !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(page.hostname);
  return isLocal || page?.host === host;
}

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** Allows the request headers that the preflight names: there is no pattern for `x-ms-*`, and `*` excludes Authorization. */
function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  const requested = request.headers['access-control-request-headers'];
  void reply
    .code(204)
    .headers({
      ...CORS_HEADERS,
      'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE, OPTIONS',
      'access-control-allow-headers': requested ?? 'Authorization, Content-Type, If-Match',
      'access-control-max-age': '7200',
    })
    .send();
}
