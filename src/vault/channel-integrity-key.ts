/**
 * The channel integrity key (CIK): made once a device, kept by the customer's key vault, and the key under which the
 * device's encryption certificate travels as `encryptionKey` of getExtendedInformation. Called by the device resource.
 * Must never log a key or keep one: at rest it belongs in `at-rest.ts`. Layout: appliance.md §2.1–2.2 (sdk).
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { bytesOfBase64, type Opened, textOfBytes } from './opened.ts';

/** The SDK's constant; with it and the key alone the cipher is fixed (sdk). */
const SALT = Buffer.from('o6806642kbM7c5', 'ascii');
/** .NET `Rfc2898DeriveBytes` as it is when nothing is said: SHA-1, 1000 rounds [U]. */
const ROUNDS = 1000;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const LENGTH_BYTES = 4;

/** A new key: the first 128 characters of the base64 of 128 random bytes (sdk). */
export function newChannelIntegrityKey(): string {
  return randomBytes(128).toString('base64').slice(0, 128);
}

// Synchronous: a thousand rounds are half a millisecond.
const cipherKeyOf = (cik: string): Buffer =>
  pbkdf2Sync(Buffer.from(cik, 'utf8'), SALT, ROUNDS, KEY_BYTES, 'sha1');

/**
 * `plain` sealed for the SDKs: base64(int32 LE length of the IV | IV | AES-256-CBC of its UTF-8). What the protocol seals
 * is the base64 DER of the encryption certificate (`EncryptionCertificate.certificateBase64`). Two seals never look alike.
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
 * Opens what `sealWithChannelIntegrityKey` or the SDK sealed. The format carries no authentication: a fault is certain
 * trouble, but a changed text can also open to another one, so the caller checks what it got (`parseCertificate`).
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
    // Bad length or padding: told below, together with what is not text.
  }
  return { fault: 'The sealed text was not sealed with this channel integrity key.' };
}
