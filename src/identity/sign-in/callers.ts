/**
 * Authenticates callers: reads the bearer token of a request, or refuses as ARM does (arm-protocol §2.2). The gate does so
 * for every request where sign-in is required; later checks read the caller that it found.
 */
import { accessErrors, type Challenge } from '#arm/errors/access.ts';
import type { Caller } from '#arm/platform-route.ts';
import { formatInstant, type Instant } from '#shared/instant.ts';
import type { Claims, Tokens } from './tokens.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Audiences of Azure Resource Manager itself, as ARM lists them [mem]. */
const ARM_AUDIENCES = [
  'https://management.core.windows.net/',
  'https://management.core.windows.net',
  'https://management.azure.com/',
  'https://management.azure.com',
] as const;

export interface CallersParts {
  readonly tokens: Tokens;
  /** The tenant at which a caller must sign in. */
  readonly tenantId: string;
  /** Our own host names, which are valid audiences too. */
  readonly names: readonly string[];
  /** Real time. */
  readonly now: () => Instant;
}

export class Callers {
  readonly #parts: CallersParts;
  /** By the headers object of the request, which belongs to this one request. */
  readonly #admitted = new WeakMap<Headers, Caller>();

  constructor(parts: CallersParts) {
    this.#parts = parts;
  }

  /** Gives the caller, or throws the refusal. `origin` is that of the request's own URL. */
  async admit(headers: Headers, origin: string): Promise<Caller> {
    const challenge = { authority: `${origin}/${this.#parts.tenantId}` };
    const claims = await this.#claimsOf(tokenIn(headers.authorization, challenge), challenge);
    this.#admitAudience(claims, origin, challenge);
    const caller: Caller = {
      objectId: textOf(claims.oid).toLowerCase(),
      name: textOf(claims.upn) || textOf(claims.appid),
    };
    this.#admitted.set(headers, caller);
    return caller;
  }

  /** The caller of a request that was admitted; undefined where callers need not sign in. */
  admitted(headers: Headers): Caller | undefined {
    return this.#admitted.get(headers);
  }

  async #claimsOf(token: string, challenge: Challenge): Promise<Claims> {
    const verification = await this.#parts.tokens.verify(token);
    if ('claims' in verification) return verification.claims;
    if (verification.fault === 'invalid') throw accessErrors.invalidToken(challenge);
    const now = formatInstant(this.#parts.now());
    throw accessErrors.expiredToken(challenge, formatInstant(verification.expiredAt), now);
  }

  #admitAudience(claims: Claims, origin: string, challenge: Challenge): void {
    const audience = textOf(claims.aud);
    if (ARM_AUDIENCES.some((known) => known === audience)) return;
    const own = [...this.#parts.names, hostOf(origin)];
    if (own.some((name) => hostOf(audience) === name)) return;
    throw accessErrors.wrongAudience(challenge, audience, [...ARM_AUDIENCES, origin]);
  }
}

/** The token of an `Authorization` header. */
function tokenIn(header: string | readonly string[] | undefined, challenge: Challenge): string {
  if (header === undefined || header === '') throw accessErrors.missingToken(challenge);
  const match = typeof header === 'string' ? /^Bearer +(\S+) *$/i.exec(header) : null;
  if (match === null) throw accessErrors.malformedHeader(challenge);
  return match[1] ?? '';
}

const textOf = (claim: unknown): string => (typeof claim === 'string' ? claim : '');

/** The host name of a URL, without the brackets of an IPv6 address; empty for anything else. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}
