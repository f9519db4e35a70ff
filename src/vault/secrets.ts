/**
 * Opening the secrets that clients send (`AsymmetricEncryptedSecret`): passwords of share users, storage account keys,
 * IoT connection strings. Called by the resources that take them; what comes out is at once sealed by `at-rest.ts`.
 * Must never put a value, opened or not, into a fault. Sources: databoxedge-contract §4 [S], appliance.md §2.2 (sdk).
 */
import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
import { bytesOfBase64, type Opened, textOfBytes } from './opened.ts';

/** The contract's shape, as it arrives; the label and the thumbprint are whatever the client wrote. */
export interface AsymmetricEncryptedSecret {
  readonly value: string;
  readonly encryptionCertThumbprint?: string | null;
  readonly encryptionAlgorithm: string;
}

/** The device's side of the encryption certificate (`newEncryptionCertificate`). */
export interface DecryptionKeys {
  readonly thumbprint: string;
  readonly privateKeyPem: string;
}

/** PKCS#1 v1.5 type 2: 00 02, at least eight padding bytes that are not zero, 00, the message (RFC 8017 §7.2). */
const LEAST_PADDING_BYTES = 8;

/** Windows shows thumbprints with spaces or colons, in either case; compared are their digits. */
const sameThumbprint = (a: string, b: string): boolean => {
  const digits = (text: string): string => text.replace(/[\s:]/g, '').toUpperCase();
  return digits(a) === digits(b);
};

/**
 * The plain text of a secret, or why it has none. `None` is taken as it is, whatever its thumbprint (an official example
 * sends one [S]). `AES256` is what the SDKs write and RSA PKCS#1 v1.5 all the same (sdk). A missing thumbprint is no
 * mismatch: the contract leaves it optional and the device has one key. Without `keys` nobody can have encrypted anything.
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
        ? { fault: 'The device has given nobody its encryption certificate yet.' }
        : openEncrypted(secret, keys);
    default:
      return {
        fault: 'The encryption algorithm is none of None, AES256 and RSAES_PKCS1_v_1_5.',
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
 * Raw RSA, with the padding looked at here: OpenSSL's own PKCS#1 v1.5 decryption answers bad padding with made-up bytes
 * instead of an error (implicit rejection), and a garbled password would be stored as if it were one. That hides timing
 * from attackers, which a simulator need not. Undefined when the value was not encrypted to this key.
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
  return end < 2 + LEAST_PADDING_BYTES ? undefined : block.subarray(end + 1);
}
