/**
 * Gates: what is asked of a request at a door before its route sees it. Which pages may call (CORS), whether the caller
 * must sign in, who may use the emulator's own doors, and how often one may call. Each door takes the gates that it needs
 * (`doors.ts`), before its routes; an open service without a limit lets callers through without a look.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessErrors } from '#arm/access-errors.ts';
import { originOf, pathOf } from '#arm/door.ts';
import type { Access } from '#identity/access/access.ts';
import type { Callers } from '#identity/sign-in/callers.ts';
import type { Throttle } from './throttle.ts';

/** The actor of a call that nobody signed. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Who may call ARM, and how often. */
export interface CallerGate {
  /** Undefined: nobody has to sign in. */
  readonly callers: Callers | undefined;
  /** Undefined: without a limit. */
  readonly throttle: Throttle | undefined;
}

/** Callers must sign in where that is required, and every call is counted where there is a limit. */
export function admitCallers(door: FastifyInstance, { callers, throttle }: CallerGate): void {
  if (callers === undefined && throttle === undefined) return;
  door.addHook('onRequest', async (request) => {
    const caller = await callers?.admit(request.headers, originOf(request));
    if (throttle === undefined) return;
    const [, subscriptionId] = /^\/subscriptions\/([^/]+)/i.exec(pathOf(request)) ?? [];
    request.remainingCalls = throttle.take({
      method: request.method,
      subscriptionId: subscriptionId?.toLowerCase(),
      actor: caller?.objectId ?? NOBODY,
    });
  });
}

/** Where callers must sign in, only the emulator's administrators pass. */
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

/** Pages of any site may call. */
export function admitPages(door: FastifyInstance): void {
  door.addHook('onRequest', (request, reply, done) => {
    if (request.headers.origin !== undefined) {
      if (isPreflight(request)) {
        answerPreflight(request, reply);
        return;
      }
      reply.headers(FOR_PAGES);
    }
    done();
  });
}

/**
 * Only pages of this machine and of the service itself may call: the emulator's own doors need no token in an open
 * service, and a page's simple POST asks nobody before it is sent `[ours]`.
 */
export function admitOwnPages(door: FastifyInstance): void {
  door.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!isOwnPage(request, origin)) {
        done(accessErrors.foreignPage(origin));
        return;
      }
      reply.headers(FOR_PAGES);
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
