/** The key that tokens are signed with: RSA, as the real authority's. Made on libuv's threads. Kept by whoever asks. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const newKeyPair = promisify(generateKeyPair);

export interface SigningKey {
  /** Tells one key from another in the key set and in every token. */
  readonly keyId: string;
  /** PKCS#8 PEM. A secret. */
  readonly privateKeyPem: string;
}

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await newKeyPair('rsa', { modulusLength: 2048 });
  return {
    keyId: randomBytes(20).toString('base64url'),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
