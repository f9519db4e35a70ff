/**
 * The token endpoint, and the managed identity of the machine on which the service runs. Where sign-in is required, only
 * clients with their secret get tokens; an open service issues a token to any client and any user, without a password.
 * Sources: arm-protocol §6.1 [ran, az, tf].
 */
import type { Answer } from '#arm/polling.ts';
import { days, type Instant, minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { type Client, clientOf, objectIdOf } from './clients.ts';
import { audienceOf, type Form, OAuthRefusal, refusalAnswer, refusals } from './grants.ts';
import { type Authority, issuerOf, tenantIdOf } from './tenants.ts';
import type { Claims, Tokens } from './tokens.ts';

export interface TokenEndpointParts {
  readonly tokens: Tokens;
  readonly clients: readonly Client[];
  /** Tokens for any client and any user, without a secret. */
  readonly isOpen: boolean;
  /** Object ids are drawn from it. */
  readonly seed: string;
  /** Real time. */
  readonly now: () => Instant;
}

/** A request to the token endpoint. */
export interface TokenRequest {
  readonly authority: Authority;
  /** Version 1 has `resource`, and numbers as strings; version 2 has `scope`. */
  readonly version: 1 | 2;
  readonly form: Form;
  readonly correlationId: string;
}

/** The principal of a token. */
interface Subject {
  readonly clientId: string;
  /** Undefined: the client itself. */
  readonly userName: string | undefined;
  readonly objectId: string;
}

/** As the real authority's [mem]. */
const TERM = seconds(3599);
const REFRESH_TERM = days(90);
const DEVICE_CODE_TERM = minutes(15);
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Audiences of tokens that are not access tokens: no resource accepts them. */
const DEVICE_CODE_AUDIENCE = 'urn:edgetwin:device-code';
const REFRESH_AUDIENCE = 'urn:edgetwin:refresh';
/** The user that a device code signs in. */
const DEVELOPER = 'developer@edgetwin.onmicrosoft.com';

export class TokenEndpoint {
  readonly #parts: TokenEndpointParts;

  constructor(parts: TokenEndpointParts) {
    this.#parts = parts;
  }

  /** `POST …/token`. */
  async token(request: TokenRequest): Promise<Answer> {
    return await this.#answer(request, async () => await this.#grant(request));
  }

  /** `POST …/devicecode`: the code counts as approved at once. */
  async deviceCode(request: TokenRequest): Promise<Answer> {
    return await this.#answer(request, async () => {
      const { form, authority } = request;
      const { client_id: clientId, scope } = form;
      if (!this.#parts.isOpen) throw refusals.unsupportedGrant(DEVICE_CODE_GRANT);
      if (clientId === undefined) throw refusals.missing('client_id');
      const user = this.#user(DEVELOPER);
      const claims = { aud: DEVICE_CODE_AUDIENCE, appid: clientId, scope, ...user };
      const uri = `${authority.origin}/common/oauth2/deviceauth`;
      return {
        device_code: await this.#parts.tokens.issue(claims, DEVICE_CODE_TERM),
        user_code: 'EDGETWIN',
        verification_uri: uri,
        verification_url: uri,
        expires_in: DEVICE_CODE_TERM / 1000,
        interval: 1,
        message: 'Nothing to do: in an open Edgetwin every device code is approved.',
      };
    });
  }

  /** What the machine's own identity endpoint answers (IMDS); its numbers are texts [mem]. */
  async managedIdentity(request: Omit<TokenRequest, 'version'>): Promise<Answer> {
    return await this.#answer(request, async () => {
      const resource = audienceOf(request.form);
      const { seed } = this.#parts;
      const subject: Subject = {
        clientId: guid(seed, 'managed identity'),
        userName: undefined,
        objectId: managedIdentityOf(seed),
      };
      return {
        ...this.#times(),
        token_type: 'Bearer',
        client_id: subject.clientId,
        resource,
        access_token: await this.#accessToken(request.authority, subject, resource),
      };
    });
  }

  async #answer(
    { correlationId }: Pick<TokenRequest, 'correlationId'>,
    bodyOf: () => Promise<JsonObject>,
  ): Promise<Answer> {
    try {
      return { status: 200, body: await bodyOf() };
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      return refusalAnswer(error, correlationId, this.#parts.now());
    }
  }

  async #grant(request: TokenRequest): Promise<JsonObject> {
    const { form } = request;
    const grant = form.grant_type;
    if (grant === undefined) throw refusals.missing('grant_type');
    if (form.client_id === undefined) throw refusals.missing('client_id');
    if (grant === 'client_credentials') return await this.#forClient(request, form.client_id);
    if (!this.#parts.isOpen) throw refusals.unsupportedGrant(grant);
    switch (grant) {
      case 'password':
        if (form.username === undefined) throw refusals.missing('username');
        return await this.#forUser(request, form.username, form);
      case DEVICE_CODE_GRANT:
      case 'device_code': // MSAL's older name for it [ran]
        return await this.#forCode(request, form.device_code, DEVICE_CODE_AUDIENCE);
      case 'refresh_token':
        return await this.#forCode(request, form.refresh_token, REFRESH_AUDIENCE);
      default:
        throw refusals.unsupportedGrant(grant);
    }
  }

  async #forClient(request: TokenRequest, clientId: string): Promise<JsonObject> {
    if (!this.#parts.isOpen) this.#checkSecret(request, clientId);
    const audience = audienceOf(request.form);
    const objectId = objectIdOf(this.#parts.seed, clientId);
    const subject = { clientId, userName: undefined, objectId };
    const token = await this.#accessToken(request.authority, subject, audience);
    return { ...this.#commonMembers(request, audience), access_token: token };
  }

  #checkSecret({ form, authority }: TokenRequest, clientId: string): void {
    const { client_secret: secret } = form;
    if (secret === undefined || secret === '') throw refusals.missingSecret();
    const client = clientOf(this.#parts.clients, clientId, secret);
    if (client === 'unknown') throw refusals.unknownClient(clientId, authority.tenant);
    if (client === 'wrong') throw refusals.wrongSecret(clientId);
  }

  /** A token for a user, with the identity and refresh tokens that clients store. */
  async #forUser(request: TokenRequest, userName: string, grant: Form): Promise<JsonObject> {
    const { authority, form } = request;
    const audience = audienceOf(grant);
    const clientId = form.client_id ?? '';
    const { tokens } = this.#parts;
    const { oid, upn } = this.#user(userName);
    const subject = { clientId, userName: upn, objectId: oid };
    const tid = tenantIdOf(authority);
    const identity = {
      aud: clientId,
      iss: issuerOf(authority, request.version),
      ...{ sub: oid, oid, tid, upn, name: upn, preferred_username: upn, ver: '2.0' },
    };
    const refresh = { aud: REFRESH_AUDIENCE, appid: clientId, oid, upn, scope: grant.scope };
    const info = Buffer.from(JSON.stringify({ uid: oid, utid: tid })).toString('base64url');
    return {
      ...this.#commonMembers(request, audience),
      scope: grant.scope ?? `${audience}/.default`,
      access_token: await this.#accessToken(authority, subject, audience),
      refresh_token: await tokens.issue(refresh, REFRESH_TERM),
      id_token: await tokens.issue(identity, TERM),
      client_info: info,
    };
  }

  /** A token for the user of a device code or a refresh token. */
  async #forCode(
    request: TokenRequest,
    code: string | undefined,
    audience: string,
  ): Promise<JsonObject> {
    const verification = await this.#parts.tokens.verify(code ?? '');
    if (!('claims' in verification) || verification.claims.aud !== audience)
      throw refusals.invalidGrant();
    const { upn, scope } = verification.claims;
    const former: Form = typeof scope === 'string' ? { scope } : {};
    const { form } = request;
    const isNamed = form.scope !== undefined || form.resource !== undefined;
    return await this.#forUser(request, String(upn), isNamed ? form : former);
  }

  #user(userName: string): { oid: string; upn: string } {
    return { oid: guid(this.#parts.seed, 'user', userName.toLowerCase()), upn: userName };
  }

  /** An access token in the form of version 1, which ARM's tokens always have [mem]. */
  async #accessToken(authority: Authority, subject: Subject, audience: string): Promise<string> {
    const { clientId, userName, objectId } = subject;
    const user: Claims =
      userName === undefined
        ? { idtyp: 'app', appidacr: '1' }
        : {
            idtyp: 'user',
            appidacr: '0',
            upn: userName,
            name: userName,
            scp: 'user_impersonation',
          };
    const iss = issuerOf(authority, 1);
    const claims = {
      ...{ aud: audience, iss, idp: iss, ver: '1.0' },
      ...{ appid: clientId, oid: objectId, sub: objectId, tid: tenantIdOf(authority) },
      ...user,
    };
    return await this.#parts.tokens.issue(claims, TERM);
  }

  /** The members of a successful answer other than the tokens. */
  #commonMembers({ version }: TokenRequest, audience: string): JsonObject {
    const token_type = 'Bearer';
    return version === 1
      ? { token_type, ...this.#times(), resource: audience }
      : { token_type, expires_in: TERM / 1000, ext_expires_in: TERM / 1000 };
  }

  #times(): JsonObject {
    const now = Math.floor(this.#parts.now() / 1000);
    const length = TERM / 1000;
    return {
      expires_in: String(length),
      ext_expires_in: String(length),
      expires_on: String(now + length),
      not_before: String(now),
    };
  }
}

/** The object id of the managed identity, to which roles are assigned. */
const managedIdentityOf = (seed: string): string => guid(seed, 'managed identity', 'object');
