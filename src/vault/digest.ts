/**
 * Secrets that only have to be recognised: kept as a digest, compared in constant time. Called by the configuration and
 * by sign-in. SHA-256 without salt or stretching suits them: they never rest on a disk in this form.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is left of a secret: enough to know it again, in hex. */
export type Digest = string & { readonly unit: 'digest' };

const bytesOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

export const digestOf = (secret: string): Digest => bytesOf(secret).toString('hex') as Digest;

/** Whether `secret` is the one of `digest`; takes as long for a wrong one as for the right one. */
export function isSecretOf(secret: string, digest: Digest): boolean {
  return timingSafeEqual(bytesOf(secret), Buffer.from(digest, 'hex'));
}

/** A secret that nobody guesses: 32 random bytes, in letters that need no escaping anywhere. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
