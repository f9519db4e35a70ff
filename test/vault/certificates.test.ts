import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate, createHash, createPrivateKey } from 'node:crypto';
import { before, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { type Instant, parseInstant, plus, days, minutes } from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import {
  type EncryptionCertificate,
  type ManagementCertificate,
  newEncryptionCertificate,
  newManagementCertificate,
  parseCertificate,
  ticksOf,
} from '#vault/certificates.ts';
import { absent } from '../support/surroundings.ts';

const at = (text: string): Instant => present(parseInstant(text), text);
const NOW = at('2051-03-04T05:06:07.890Z');
const NOW_SECOND = at('2051-03-04T05:06:07Z');
const openssl =
  spawnSync('openssl', ['version']).status === 0 ? {} : absent('openssl is not installed');

let management: ManagementCertificate;
let encryption: EncryptionCertificate;

before(async () => {
  [management, encryption] = await Promise.all([
    newManagementCertificate({ now: NOW, ticks: ticksOf(NOW) }),
    newEncryptionCertificate({ now: at('2026-11-24T18:00:00Z'), commonName: 'edge-1' }),
  ]);
});

test('ticks count as in .NET', () => {
  // PowerShell: ([datetime]'2020-01-01').Ticks
  assert.equal(ticksOf(at('2020-01-01T00:00:00Z')), 637_134_336_000_000_000n);
  assert.equal(ticksOf(at('0001-01-01T00:00:00Z')), 0n);
});

test('a management certificate is as the real service makes it', () => {
  const certificate = new X509Certificate(Buffer.from(management.publicKey, 'base64'));
  assert.equal(certificate.subject, `CN=CB_Portal_${ticksOf(NOW)}`);
  assert.equal(certificate.issuer, certificate.subject);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.publicKey.asymmetricKeyType, 'rsa');
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 3072);
  assert.equal(certificate.signatureAlgorithm, 'sha1WithRSAEncryption');
  assert.equal(certificate.validFromDate.getTime(), plus(NOW_SECOND, minutes(-10)));
  assert.equal(certificate.validToDate.getTime(), plus(NOW_SECOND, days(3)));
  assert.equal(management.expiresAt, plus(NOW_SECOND, days(3)));
});

test('its PKCS#12 opens with the empty password in Node, and its key is the certificate’s', () => {
  const pfx = Buffer.from(management.privateKey, 'base64');
  createSecureContext({ pfx, passphrase: '' });
  createSecureContext({ pfx });
  assert.throws(() => createSecureContext({ pfx, passphrase: 'wrong' }));
});

test('its PKCS#12 opens in OpenSSL', openssl, () => {
  const input = Buffer.from(management.privateKey, 'base64');
  const run = spawnSync('openssl', ['pkcs12', '-nodes', '-passin', 'pass:'], { input });
  assert.equal(run.status, 0, run.stderr.toString());
  const out = run.stdout.toString();
  const pem = /-----BEGIN CERTIFICATE-----[^]+-----END CERTIFICATE-----/.exec(out)?.[0] ?? '';
  const key = /-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----/.exec(out)?.[0] ?? '';
  const certificate = new X509Certificate(pem);
  assert.equal(certificate.raw.toString('base64'), management.publicKey);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  const keyId = certificate.fingerprint.replaceAll(':', ' ');
  assert.equal(out.split(`localKeyID: ${keyId}`).length, 3, 'key and certificate carry the id');
});

test('an encryption certificate matches its key and its thumbprint', () => {
  const der = Buffer.from(encryption.certificateBase64, 'base64');
  const certificate = new X509Certificate(der);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(encryption.privateKeyPem)));
  assert.equal(encryption.thumbprint, createHash('sha1').update(der).digest('hex').toUpperCase());
});

test('the simulated year may be any', async () => {
  const years = ['1950', '1969', '1999', '2049', '2050', '9000'];
  await Promise.all(
    years.map(async (year) => {
      const now = at(`${year}-06-01T00:00:00Z`);
      const made = await newEncryptionCertificate({ now, commonName: 'x' });
      const read = new X509Certificate(Buffer.from(made.certificateBase64, 'base64'));
      assert.equal(read.validFromDate.getTime(), plus(now, minutes(-10)), year);
      assert.equal(parseCertificate(made.certificateBase64)?.notAfter, plus(now, days(3652)), year);
    }),
  );
});

test('an uploaded certificate is read', () => {
  assert.deepEqual(parseCertificate(management.publicKey), {
    thumbprint: new X509Certificate(
      Buffer.from(management.publicKey, 'base64'),
    ).fingerprint.replaceAll(':', ''),
    subject: `CN=CB_Portal_${ticksOf(NOW)}`,
    notAfter: management.expiresAt,
  });
  const wrapped = management.publicKey.replace(/.{76}/g, '$&\r\n');
  assert.deepEqual(parseCertificate(wrapped), parseCertificate(management.publicKey));
});

test('only a certificate is read as one', () => {
  const der = Buffer.from(management.publicKey, 'base64');
  const refused: Record<string, string> = {
    empty: '',
    'no base64': '§§',
    base64url: management.publicKey.replace('A', '-'),
    'other bytes': Buffer.from('hello').toString('base64'),
    'a PKCS#12': management.privateKey,
    'a PEM': Buffer.from(new X509Certificate(der).toString()).toString('base64'),
    cut: der.subarray(0, 400).toString('base64'),
    'bytes behind it': Buffer.concat([der, Buffer.from([0])]).toString('base64'),
  };
  for (const [what, text] of Object.entries(refused)) {
    assert.equal(parseCertificate(text), undefined, what);
  }
});

test('the certificate libraries are not loaded before they are used', () => {
  const script = `
    import { registerHooks } from 'node:module';
    const asked = [];
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
    const { newManagementCertificate } = await import('#vault/certificates.ts');
    const heavy = () => asked.filter((name) => /^(pkijs|asn1js)$/.test(name));
    const before = heavy().length;
    await newManagementCertificate({ now: 0, ticks: 0n });
    console.log(before, new Set(heavy()).size);`;
  const cwd = new URL('../..', import.meta.url);
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd });
  assert.equal(run.stdout.toString(), '0 2\n', run.stderr.toString());
});
