/**
 * The parameters of token requests, and the errors of the token endpoint: in OAuth's form with AADSTS numbers, which its
 * clients expect. Pure. Texts are the real authority's [mem].
 */
import { randomUUID } from 'node:crypto';
import type { Answer } from '#arm/polling.ts';
import { formatInstant, type Instant } from '#shared/instant.ts';

/** The fields of a form, or of a query. */
export type Form = Readonly<Record<string, string>>;

interface OAuthFault {
  readonly status: 400 | 401;
  readonly error: string;
  /** The number after AADSTS. */
  readonly code: number;
  readonly message: string;
}

/** An OAuth error, to be answered by `refusalAnswer`. */
export class OAuthRefusal extends Error {
  readonly fault: OAuthFault;

  constructor(fault: OAuthFault) {
    super(fault.message);
    this.name = 'OAuthRefusal';
    this.fault = fault;
  }
}

const refusal = (fault: OAuthFault): OAuthRefusal => new OAuthRefusal(fault);

export const refusals = {
  missing: (field: string): OAuthRefusal =>
    refusal({
      status: 400,
      error: 'invalid_request',
      code: 900144,
      message: `The request body must contain the following parameter: '${field}'.`,
    }),
  unsupportedGrant: (grant: string): OAuthRefusal =>
    refusal({
      status: 400,
      error: 'unsupported_grant_type',
      code: 70003,
      message: `The app requested an unsupported grant type '${printable(grant)}'.`,
    }),
  unknownClient: (clientId: string, tenant: string): OAuthRefusal =>
    refusal({
      status: 400,
      error: 'unauthorized_client',
      code: 700016,
      message: `Application with identifier '${printable(clientId)}' was not found in the directory '${printable(tenant)}'.`,
    }),
  missingSecret: (): OAuthRefusal =>
    refusal({
      status: 401,
      error: 'invalid_client',
      code: 7000218,
      message:
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    }),
  wrongSecret: (clientId: string): OAuthRefusal =>
    refusal({
      status: 401,
      error: 'invalid_client',
      code: 7000215,
      message: `Invalid client secret provided. Ensure the secret being sent is the one of app '${printable(clientId)}'.`,
    }),
  invalidScope: (scope: string): OAuthRefusal =>
    refusal({
      status: 400,
      error: 'invalid_scope',
      code: 70011,
      message: `The provided request must include a 'scope' input parameter. The scope ${printable(scope)} is not valid.`,
    }),
  invalidGrant: (): OAuthRefusal =>
    refusal({
      status: 400,
      error: 'invalid_grant',
      code: 70000,
      message: 'The provided value for the code or refresh token is not valid or has expired.',
    }),
} as const;

/** A client's text with unprintable characters replaced, shortened to be quoted. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);

export function refusalAnswer(
  { fault }: OAuthRefusal,
  correlationId: string,
  now: Instant,
): Answer {
  const timestamp = `${formatInstant(now).slice(0, 19).replace('T', ' ')}Z`;
  const traceId = randomUUID();
  const description =
    `AADSTS${fault.code}: ${fault.message} ` +
    `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    status: fault.status,
    body: {
      error: fault.error,
      error_description: description,
      error_codes: [fault.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
    },
  };
}

/** Scopes of OpenID Connect, which name no resource. */
const OPEN_ID_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];
const GRAPH = 'https://graph.microsoft.com';

/**
 * The audience that `resource` or `scope` names: `https://host/.default` and `https://host/user_impersonation` name
 * `https://host`, and a second slash belongs to the resource [ran]. OpenID scopes alone name Graph.
 */
export function audienceOf({ scope, resource }: Form): string {
  const scopes = (scope ?? '').split(' ').filter((word) => word !== '');
  const [first] = scopes.filter((word) => !OPEN_ID_SCOPES.includes(word.toLowerCase()));
  const audience = resource ?? (first === undefined ? undefined : resourceOf(first));
  if (audience === undefined) {
    if (scopes.length === 0) throw refusals.missing('scope');
    return GRAPH;
  }
  // Answers repeat it in headers and texts, so it must not contain quotes or spaces.
  if (/^[\x21\x23-\x26\x28-\x7e]{1,1000}$/.test(audience)) return audience;
  throw refusals.invalidScope(scope ?? audience);
}

/** The resource of a scope; a GUID or a bare name is a resource itself. */
function resourceOf(scope: string): string {
  const end = scope.lastIndexOf('/');
  return end > scope.indexOf('://') + 2 ? scope.slice(0, end) : scope;
}

/** The form with client id and secret of `Authorization: Basic`, where it lacks them. */
export function credentialsIn(form: Form, authorization: string | undefined): Form {
  const match = /^Basic +(\S+)$/i.exec(authorization ?? '');
  if (match === null) return form;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const [id = '', ...rest] = text.split(':').map(decoded);
  return { client_id: id, client_secret: rest.join(':'), ...form };
}

/** Decodes form encoding, which OAuth requires here (RFC 6749 §2.3.1); text that is not encoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
