/**
 * The gate: what happens to every request of every door before its route sees it. Pages of other sites are told what
 * they may do (CORS); the caller is asked for where sign-in is required, on every path that does not say that it is for
 * all; the emulator's own doors are for its administrators; calls are counted where there is a limit. Mounted by
 * `app.ts` before any route. An open service without a limit passes through without a look.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessErrors } from '#arm/access-errors.ts';
import { originOf, pathOf } from '#arm/door.ts';
import type { Access } from '#identity/access/access.ts';
import type { Callers } from '#identity/sign-in/callers.ts';
import type { Throttle } from './throttle.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For all, signed in or not: the route checks its callers by itself, or has nothing to hide. */
    isPublic?: boolean;
  }
}

export interface Gate {
  /** Undefined: nobody has to sign in. */
  readonly callers: Callers | undefined;
  readonly access: Access;
  readonly throttle: Throttle | undefined;
}

/** Doors of rooms that know no sign-in and have nothing to hide. */
const PUBLIC_PATHS = /^\/(health\/|docs(\/|$)|openapi\.json$|openapi\/)/;
const CONTROL = '/_edgetwin/';
/** The actor of a call that nobody signed. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export function mountGate(app: FastifyInstance, gate: Gate): void {
  const { callers, throttle } = gate;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.origin !== undefined) {
      if (isPreflight(request)) {
        answerPreflight(request, reply);
        return;
      }
      admitPage(request, request.headers.origin);
      reply.headers(FOR_PAGES);
    }
    if (callers === undefined && throttle === undefined) {
      done();
      return;
    }
    admit(gate, request).then(() => done(), done);
  });
}

async function admit({ callers, access, throttle }: Gate, request: FastifyRequest): Promise<void> {
  const { url = '', config } = request.routeOptions;
  if (config.isPublic === true || PUBLIC_PATHS.test(url)) return;
  const caller = await callers?.admit(request.headers, originOf(request));
  if (url.startsWith(CONTROL)) {
    if (caller !== undefined && !access.isAdministrator(caller)) {
      throw accessErrors.notAdministrator(caller);
    }
    return;
  }
  if (throttle === undefined) return;
  const [, subscriptionId] = /^\/subscriptions\/([^/]+)/i.exec(pathOf(request)) ?? [];
  request.remainingCalls = throttle.take({
    method: request.method,
    subscriptionId: subscriptionId?.toLowerCase(),
    actor: caller?.objectId ?? NOBODY,
  });
}

/** What a page of any site may read of an answer; `*` does not stand for these where a token is sent. */
const EXPOSED = [
  ...['Azure-AsyncOperation', 'Location', 'Operation-Location', 'Retry-After', 'ETag', 'Date'],
  ...['Content-Length', 'WWW-Authenticate', 'Warning', 'x-ms-request-id', 'x-ms-client-request-id'],
  ...['x-ms-correlation-request-id', 'x-ms-routing-request-id', 'x-ms-failure-cause'],
  ...['subscription-reads', 'subscription-writes', 'subscription-deletes', 'tenant-reads'].map(
    (what) => `x-ms-ratelimit-remaining-${what}`,
  ),
];

/** Any origin, since a token, not the page, says who calls [mem]. */
const FOR_PAGES = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED.join(', '),
} as const;

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** Header names go back as they were asked for: `x-ms-*` cannot be said, and `*` leaves Authorization out. */
function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  const asked = request.headers['access-control-request-headers'];
  void reply
    .code(204)
    .headers({
      ...FOR_PAGES,
      'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE, OPTIONS',
      'access-control-allow-headers': asked ?? 'Authorization, Content-Type, If-Match',
      'access-control-max-age': '7200',
    })
    .send();
}

/**
 * The emulator's own doors need no token in an open service, and a page's simple POST asks nobody before it is sent: only
 * pages of this machine and of the service itself may call them `[ours]`.
 */
function admitPage(request: FastifyRequest, origin: string): void {
  const { url = '' } = request.routeOptions;
  if (!url.startsWith(CONTROL)) return;
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  const isLocal = page !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(page.hostname);
  if (!isLocal && page?.host !== request.host) throw accessErrors.foreignPage(origin);
}
