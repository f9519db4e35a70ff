/**
 * Issues and verifies tokens: JWTs signed with RS256. The key is stored with the data, so that tokens outlive a restart.
 * Their dates are in real time. jose and the key are loaded at the first token, not at start.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { dateOf, type Duration, type Instant, instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { newSigningKey, type SigningKey } from '#vault/signing-key.ts';
import type { Vault } from '#vault/vault.ts';

/** The claims of a token. */
export type Claims = JWTPayload;

/** The result of verifying a token. */
export type Verification =
  | { readonly claims: Claims }
  | { readonly fault: 'invalid' }
  | { readonly fault: 'expired'; readonly expiredAt: Instant };

interface Keys {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The cache of verified tokens is cleared when it has this many. */
const MAX_CACHED_TOKENS = 1000;

export class Tokens {
  readonly #vault: Vault;
  readonly #now: () => Instant;
  #keys: Promise<Keys> | undefined;
  /** Cache: a client sends the same token with every call. */
  readonly #verified = new Map<string, Claims>();

  constructor(vault: Vault, now: () => Instant) {
    this.#vault = vault;
    this.#now = now;
  }

  /** A token with these claims, valid from now for `term`. */
  async issue(claims: Claims, term: Duration): Promise<string> {
    const { SignJWT } = await import('jose');
    const { keyId, privateKey } = await this.#ownKeys();
    const now = Math.floor(this.#now() / 1000);
    const expiry = now + Math.floor(term / 1000);
    return await new SignJWT({ ...claims, iat: now, nbf: now, exp: expiry, uti: randomUUID() })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId })
      .sign(privateKey);
  }

  /** Verifies signature and dates; the audience is for the caller of this method to check. */
  async verify(token: string): Promise<Verification> {
    const cached = this.#verified.get(token);
    if (cached !== undefined && (cached.exp ?? 0) * 1000 > this.#now()) return { claims: cached };
    const { errors, jwtVerify } = await import('jose');
    const { publicKey } = await this.#ownKeys();
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'aud', 'oid'],
        currentDate: dateOf(this.#now()),
      });
      if (this.#verified.size >= MAX_CACHED_TOKENS) this.#verified.clear();
      this.#verified.set(token, payload);
      return { claims: payload };
    } catch (error) {
      this.#verified.delete(token);
      if (error instanceof errors.JWTExpired) {
        return { fault: 'expired', expiredAt: instant((error.payload.exp ?? 0) * 1000) };
      }
      return { fault: 'invalid' };
    }
  }

  /** The public keys (JWKS), for clients that verify tokens themselves. */
  async keySet(): Promise<JsonObject> {
    const { keyId, publicKey } = await this.#ownKeys();
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    return { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid: keyId, n, e }] };
  }

  async #ownKeys(): Promise<Keys> {
    this.#keys ??= this.#loadKeys();
    try {
      return await this.#keys;
    } catch (error) {
      // The next caller tries again.
      this.#keys = undefined;
      throw error;
    }
  }

  async #loadKeys(): Promise<Keys> {
    const make = async (): Promise<string> => JSON.stringify(await newSigningKey());
    const stored = await this.#vault.ownSecret('signing-key', make);
    const { keyId, privateKeyPem } = JSON.parse(stored) as SigningKey;
    const privateKey = createPrivateKey(privateKeyPem);
    return { keyId, privateKey, publicKey: createPublicKey(privateKey) };
  }
}
