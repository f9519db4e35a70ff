import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, publicEncrypt, X509Certificate } from 'node:crypto';
import { before, test } from 'node:test';
import { present } from '#shared/assert.ts';
import { parseInstant } from '#shared/instant.ts';
import { type EncryptionCertificate, newEncryptionCertificate } from '#vault/certificates.ts';
import {
  newChannelIntegrityKey,
  openWithChannelIntegrityKey,
  sealWithChannelIntegrityKey,
} from '#vault/channel-integrity-key.ts';
import { type AsymmetricEncryptedSecret, openSecret } from '#vault/secrets.ts';

const PASSWORD = 'Pässword-1!€';
let keys: EncryptionCertificate;

before(async () => {
  const now = present(parseInstant('2026-11-24T18:00:00Z'), 'now');
  keys = await newEncryptionCertificate({ now, commonName: 'edge-1' });
});

const encryptTo = (certificateBase64: string, plain: string | Buffer): string =>
  publicEncrypt(
    {
      key: new X509Certificate(Buffer.from(certificateBase64, 'base64')).publicKey,
      padding: constants.RSA_PKCS1_PADDING,
    },
    Buffer.from(plain),
  ).toString('base64');

/** Raw RSA over a whole block, to forge paddings. */
function encryptBlock(start: readonly number[], rest: number): string {
  const block = Buffer.alloc(256, rest);
  Buffer.from(start).copy(block);
  const key = new X509Certificate(Buffer.from(keys.certificateBase64, 'base64')).publicKey;
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block).toString('base64');
}

const secretOf = (
  value: string,
  more: Partial<AsymmetricEncryptedSecret> = {},
): AsymmetricEncryptedSecret => ({
  value,
  encryptionAlgorithm: 'AES256',
  encryptionCertThumbprint: keys.thumbprint,
  ...more,
});

/** Asserts that `secret` is refused, in words that show nothing of it. */
function refuses(secret: AsymmetricEncryptedSecret, reason: RegExp): void {
  const opened = openSecret(secret, keys);
  assert.ok('fault' in opened, 'must be refused');
  assert.match(opened.fault, reason);
  assert.ok(secret.value === '' || !opened.fault.includes(secret.value));
  assert.ok(!opened.fault.includes(PASSWORD));
}

test('the vault opens what a client of the .NET SDK encrypts', () => {
  // The service: getExtendedInformation.
  const cik = newChannelIntegrityKey();
  const answer = {
    encryptionKey: sealWithChannelIntegrityKey(keys.certificateBase64, cik),
    encryptionKeyThumbprint: keys.thumbprint,
  };
  // The client: CryptoUtilities of the SDK.
  const opened = openWithChannelIntegrityKey(answer.encryptionKey, cik);
  assert.ok('plain' in opened);
  const sent = {
    value: encryptTo(opened.plain, PASSWORD),
    encryptionAlgorithm: 'AES256',
    encryptionCertThumbprint: answer.encryptionKeyThumbprint,
  };
  // The vault.
  assert.deepEqual(openSecret(sent, keys), { plain: PASSWORD });
});

test('both labels of RSA, every length that fits, and thumbprints as Windows shows them', () => {
  for (const plain of ['', 'a', 'a\u0000b', 'x'.repeat(245)]) {
    const value = encryptTo(keys.certificateBase64, plain);
    assert.deepEqual(openSecret(secretOf(value), keys), { plain });
    const labelled = secretOf(value, { encryptionAlgorithm: 'RSAES_PKCS1_v_1_5' });
    assert.deepEqual(openSecret(labelled, keys), { plain });
  }
  const value = encryptTo(keys.certificateBase64, PASSWORD);
  const shown = keys.thumbprint.toLowerCase().replace(/..(?=.)/g, '$& ');
  for (const encryptionCertThumbprint of [shown, '', null]) {
    const opened = openSecret(secretOf(value, { encryptionCertThumbprint }), keys);
    assert.deepEqual(opened, { plain: PASSWORD });
  }
});

test('None is plain text, whatever the thumbprint', () => {
  for (const encryptionCertThumbprint of ['blah-blah', null]) {
    const secret = { value: PASSWORD, encryptionAlgorithm: 'None', encryptionCertThumbprint };
    assert.deepEqual(openSecret(secret, keys), { plain: PASSWORD });
  }
});

test('another thumbprint and an unknown algorithm are refused', () => {
  const value = encryptTo(keys.certificateBase64, PASSWORD);
  refuses(secretOf(value, { encryptionCertThumbprint: 'AB'.repeat(20) }), /another certificate/);
  refuses(secretOf(PASSWORD, { encryptionAlgorithm: 'ROT13' }), /must be one of None, AES256/);
});

test('a value that was changed or encrypted to another key is refused, not decrypted to garbage', () => {
  const value = Buffer.from(encryptTo(keys.certificateBase64, PASSWORD), 'base64');
  for (const at of [1, 100, 255]) {
    const changed = Buffer.from(value);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    refuses(secretOf(changed.toString('base64')), /cannot be decrypted/);
  }
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const padding = constants.RSA_PKCS1_PADDING;
  const foreign = publicEncrypt({ key: publicKey, padding }, Buffer.from(PASSWORD));
  refuses(secretOf(foreign.toString('base64')), /cannot be decrypted/);
});

test('a value of another length, kind or padding is refused', () => {
  refuses(secretOf(''), /not base64/);
  refuses(secretOf(PASSWORD), /not base64/);
  refuses(secretOf('c2hvcnQ='), /cannot be decrypted/);
  refuses(secretOf(Buffer.alloc(256, 255).toString('base64')), /cannot be decrypted/);
  refuses(secretOf(Buffer.alloc(257, 1).toString('base64')), /cannot be decrypted/);
  refuses(secretOf(encryptBlock([0, 1, 7, 7, 7, 7, 7, 7, 7, 7, 0], 65)), /cannot be decrypted/);
  refuses(secretOf(encryptBlock([1, 2, 7, 7, 7, 7, 7, 7, 7, 7, 0], 65)), /cannot be decrypted/);
  refuses(secretOf(encryptBlock([0, 2, 7, 7, 7, 7, 7, 7, 7, 0], 65)), /cannot be decrypted/);
  refuses(secretOf(encryptBlock([0, 2], 65)), /cannot be decrypted/);
  const shortest = encryptBlock([0, 2, 7, 7, 7, 7, 7, 7, 7, 7, 0], 65);
  assert.deepEqual(openSecret(secretOf(shortest), keys), { plain: 'A'.repeat(245) });
  const binary = encryptTo(keys.certificateBase64, Buffer.from([0xff, 0xfe]));
  refuses(secretOf(binary), /not UTF-8/);
});

test('before the certificate is handed out, only plain secrets open', () => {
  const plain = { value: PASSWORD, encryptionAlgorithm: 'None' };
  assert.deepEqual(openSecret(plain, undefined), { plain: PASSWORD });
  const opened = openSecret({ value: 'AAAA', encryptionAlgorithm: 'AES256' }, undefined);
  assert.match('fault' in opened ? opened.fault : '', /certificate/);
});
