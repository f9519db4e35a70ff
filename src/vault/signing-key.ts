/** The key with which tokens are signed: RSA, like the real authority's. Generated on libuv's threads; the caller stores it. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const newKeyPair = promisify(generateKeyPair);

export interface SigningKey {
  /** The `kid` of the key set and of every token. */
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
