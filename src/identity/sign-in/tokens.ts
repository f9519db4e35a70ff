/**
 * Tokens: signed here, checked here. Real JWTs, RS256, with a key that lives with the data, so a token outlives a restart.
 * Their time is the wall's (design §4). Called by the token endpoint and by whoever checks a caller. jose and the key are
 * loaded at the first token, not at start.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { dateOf, type Duration, type Instant, instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { newSigningKey, type SigningKey } from '#vault/signing-key.ts';
import type { Vault } from '#vault/vault.ts';

/** What a token says. */
export type Claims = JWTPayload;

/** What a token is worth. */
export type Verdict =
  | { readonly claims: Claims }
  | { readonly fault: 'invalid' }
  | { readonly fault: 'expired'; readonly expiredAt: Instant };

interface Keys {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Above this many, all tokens that were found good are looked at again. */
const MOST_REMEMBERED = 1000;

export class Tokens {
  readonly #vault: Vault;
  readonly #now: () => Instant;
  #keys: Promise<Keys> | undefined;
  /** Good tokens: a client sends the same one with every call. */
  readonly #good = new Map<string, Claims>();

  constructor(vault: Vault, now: () => Instant) {
    this.#vault = vault;
    this.#now = now;
  }

  /** A token with these claims, good from now on for `term`. */
  async issue(claims: Claims, term: Duration): Promise<string> {
    const { SignJWT } = await import('jose');
    const { keyId, privateKey } = await this.#ownKeys();
    const now = Math.floor(this.#now() / 1000);
    const expiry = now + Math.floor(term / 1000);
    return await new SignJWT({ ...claims, iat: now, nbf: now, exp: expiry, uti: randomUUID() })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId })
      .sign(privateKey);
  }

  /** Looks at signature and time; for whom a token is good, the caller must judge. */
  async verify(token: string): Promise<Verdict> {
    const known = this.#good.get(token);
    if (known !== undefined && (known.exp ?? 0) * 1000 > this.#now()) return { claims: known };
    const { errors, jwtVerify } = await import('jose');
    const { publicKey } = await this.#ownKeys();
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'aud', 'oid'],
        currentDate: dateOf(this.#now()),
      });
      if (this.#good.size >= MOST_REMEMBERED) this.#good.clear();
      this.#good.set(token, payload);
      return { claims: payload };
    } catch (error) {
      this.#good.delete(token);
      if (error instanceof errors.JWTExpired) {
        return { fault: 'expired', expiredAt: instant((error.payload.exp ?? 0) * 1000) };
      }
      return { fault: 'invalid' };
    }
  }

  /** The public keys, for those who check tokens by themselves. */
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
    const kept = await this.#vault.ownSecret('signing-key', make);
    const { keyId, privateKeyPem } = JSON.parse(kept) as SigningKey;
    const privateKey = createPrivateKey(privateKeyPem);
    return { keyId, privateKey, publicKey: createPublicKey(privateKey) };
  }
}
