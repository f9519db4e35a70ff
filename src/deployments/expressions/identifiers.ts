/** Identifiers that are computed from strings: the same for the same strings, in every deployment. */
import { createHash } from 'node:crypto';

/** The namespace of ARM's `guid()` [mem]. */
const NAMESPACE = '11fb06fb-712d-4ddd-98c7-e71bbd588830'.replaceAll('-', '');

/** A name-based GUID, version 5 (RFC 4122 §4.3) of the texts joined by hyphens [doc, mem]. */
export function guidFromName(texts: readonly string[]): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE, 'hex'))
    .update(texts.join('-'), 'utf8')
    .digest()
    .subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 13 letters and digits, like ARM's `uniqueString()`. The values differ from ARM's, whose hash is not published [ours]. */
export function uniqueText(texts: readonly string[]): string {
  const hash = createHash('sha256').update(texts.join('-'), 'utf8').digest();
  return [...hash.subarray(0, 13)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
}

/** A number of up to 20 digits, like ARM's `templateHash`, whose hash is not published [ours]. */
export function hashNumber(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest().readBigUInt64BE(0).toString();
}
