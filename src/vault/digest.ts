/**
 * Secrets that are only compared: held as a digest, and compared in constant time. Used by the configuration and by
 * sign-in. SHA-256 without salt or stretching suffices, since these digests are not stored.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The digest of a secret, in hex. */
export type Digest = string & { readonly unit: 'digest' };

const bytesOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

export const digestOf = (secret: string): Digest => bytesOf(secret).toString('hex') as Digest;

/** Whether `digest` is that of `secret`; takes the same time either way. */
export function isSecretOf(secret: string, digest: Digest): boolean {
  return timingSafeEqual(bytesOf(secret), Buffer.from(digest, 'hex'));
}

/** A new secret: 32 random bytes in base64url, which needs no escaping in URLs, headers or shells. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
