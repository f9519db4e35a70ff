/**
 * The channel integrity key (CIK): one for each device, which the customer keeps in a key vault. With it the device's
 * encryption certificate is encrypted that getExtendedInformation returns as `encryptionKey`. Keys must not be logged, and
 * are stored only as sealed by `at-rest.ts`. Layout: appliance.md §2.1–2.2 (sdk).
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { bytesOfBase64, type Opened, textOfBytes } from './opened.ts';

/** The SDK's constant (sdk). */
const SALT = Buffer.from('o6806642kbM7c5', 'ascii');
/** The defaults of .NET's `Rfc2898DeriveBytes`: SHA-1, 1000 iterations [U]. */
const ITERATIONS = 1000;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const LENGTH_BYTES = 4;

/** A new key: the first 128 characters of the base64 of 128 random bytes (sdk). */
export function newChannelIntegrityKey(): string {
  return randomBytes(128).toString('base64').slice(0, 128);
}

// Synchronous: a thousand iterations take half a millisecond.
const cipherKeyOf = (cik: string): Buffer =>
  pbkdf2Sync(Buffer.from(cik, 'utf8'), SALT, ITERATIONS, KEY_BYTES, 'sha1');

/**
 * Seals `plain` in the SDKs' format: base64(int32 LE length of the IV | IV | AES-256-CBC of its UTF-8), with a random IV.
 * In the protocol `plain` is `EncryptionCertificate.certificateBase64`.
 */
export function sealWithChannelIntegrityKey(plain: string, cik: string): string {
  const iv = randomBytes(IV_BYTES);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32LE(IV_BYTES);
  const cipher = createCipheriv('aes-256-cbc', cipherKeyOf(cik), iv);
  return Buffer.concat([length, iv, cipher.update(plain, 'utf8'), cipher.final()]).toString(
    'base64',
  );
}

/**
 * Opens what `sealWithChannelIntegrityKey` or an SDK sealed. The format is not authenticated: a changed text may open to
 * another text instead of a fault, so the caller must check the result (`parseCertificate`).
 */
export function openWithChannelIntegrityKey(sealed: string, cik: string): Opened {
  const bytes = bytesOfBase64(sealed);
  if (bytes === undefined) return { fault: 'The sealed text is not base64.' };
  if (bytes.length < LENGTH_BYTES + IV_BYTES || bytes.readInt32LE() !== IV_BYTES) {
    return { fault: 'The sealed text does not begin with an initialization vector of 16 bytes.' };
  }
  const iv = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-cbc', cipherKeyOf(cik), iv);
  try {
    const body = bytes.subarray(LENGTH_BYTES + IV_BYTES);
    const plain = textOfBytes(Buffer.concat([decipher.update(body), decipher.final()]));
    if (plain !== undefined) return { plain };
  } catch {
    // A wrong length or padding has the same fault as bytes that are not text.
  }
  return { fault: 'The sealed text was not sealed with this channel integrity key.' };
}
