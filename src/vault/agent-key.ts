/** The key pair of a cluster's Arc agents. `vault.ts` keeps it sealed with the other secrets of its device. */
import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const newKeyPair = promisify(generateKeyPair);

/** Half of what az uses [ours]: nobody connects with this key, and it is generated in a quarter of the time. */
const MODULUS_BITS = 2048;

/** A private key as PKCS#8 PEM. A secret. */
export async function newAgentKey(): Promise<string> {
  const { privateKey } = await newKeyPair('rsa', { modulusLength: MODULUS_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/** Base64 of the public key's PKCS#1 DER. */
export function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'pkcs1', format: 'der' }).toString('base64');
}
