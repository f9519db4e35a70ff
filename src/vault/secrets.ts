/**
 * Opens the secrets that clients send (`AsymmetricEncryptedSecret`): passwords of share users, keys of storage accounts,
 * IoT connection strings. The resources that take them seal them at once. Faults must not contain the value, encrypted or
 * not. Sources: databoxedge-contract §4 [S], appliance.md §2.2 (sdk).
 */
import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
import { bytesOfBase64, type Opened, textOfBytes } from './opened.ts';

/** The contract's shape; algorithm and thumbprint as the client wrote them, unchecked. */
export interface AsymmetricEncryptedSecret {
  readonly value: string;
  readonly encryptionCertThumbprint?: string | null;
  readonly encryptionAlgorithm: string;
}

/** The device's half of the encryption certificate (`newEncryptionCertificate`). */
export interface DecryptionKeys {
  readonly thumbprint: string;
  readonly privateKeyPem: string;
}

/** PKCS#1 v1.5 type 2: 00 02, at least eight non-zero padding bytes, 00, the message (RFC 8017 §7.2). */
const MIN_PADDING_BYTES = 8;

/** Compares the digits of thumbprints, which Windows shows with spaces or colons and in either case. */
const sameThumbprint = (a: string, b: string): boolean => {
  const digits = (text: string): string => text.replace(/[\s:]/g, '').toUpperCase();
  return digits(a) === digits(b);
};

/**
 * The plain text of a secret, or its fault. With `None` the value is the plain text, whatever the thumbprint (an official
 * example has one [S]). SDKs write `AES256` and encrypt with RSA PKCS#1 v1.5 all the same (sdk). The thumbprint is
 * optional in the contract. `keys` are undefined while the device has not given anyone its certificate.
 */
export function openSecret(
  secret: AsymmetricEncryptedSecret,
  keys: DecryptionKeys | undefined,
): Opened {
  switch (secret.encryptionAlgorithm) {
    case 'None':
      return { plain: secret.value };
    case 'AES256':
    case 'RSAES_PKCS1_v_1_5':
      return keys === undefined
        ? { fault: 'The device has not handed out an encryption certificate yet.' }
        : openEncrypted(secret, keys);
    default:
      return {
        fault: 'The encryption algorithm must be one of None, AES256, RSAES_PKCS1_v_1_5.',
      };
  }
}

function openEncrypted(secret: AsymmetricEncryptedSecret, keys: DecryptionKeys): Opened {
  const thumbprint = secret.encryptionCertThumbprint ?? '';
  if (thumbprint !== '' && !sameThumbprint(thumbprint, keys.thumbprint)) {
    return {
      fault: `The secret is encrypted for another certificate; this device's has the thumbprint ${keys.thumbprint}.`,
    };
  }
  const cipher = bytesOfBase64(secret.value);
  if (cipher === undefined) return { fault: 'The encrypted value is not base64.' };
  const message = decrypt(cipher, keys.privateKeyPem);
  if (message === undefined) {
    return {
      fault: `The value cannot be decrypted with the key of certificate ${keys.thumbprint}.`,
    };
  }
  const plain = textOfBytes(message);
  return plain === undefined ? { fault: 'The decrypted value is not UTF-8 text.' } : { plain };
}

/**
 * Decrypts with raw RSA and checks the padding here. OpenSSL's own PKCS#1 v1.5 decryption answers wrong padding with random
 * bytes instead of an error (implicit rejection, against timing attacks), so that garbage would be stored as a password.
 * Undefined where the value was not encrypted to this key.
 */
function decrypt(cipher: Buffer, privateKeyPem: string): Buffer | undefined {
  const key = createPrivateKey(privateKeyPem);
  let block: Buffer;
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, cipher);
  } catch {
    return undefined; // not as long as the modulus, or not below it
  }
  if (block[0] !== 0 || block[1] !== 2) return undefined;
  const end = block.indexOf(0, 2);
  return end < 2 + MIN_PADDING_BYTES ? undefined : block.subarray(end + 1);
}
