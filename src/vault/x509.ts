/**
 * Issues X.509 certificates (RFC 5280) with pkijs, which is imported on use. Called by `certificates.ts` and
 * `authority.ts`; knows neither devices nor servers.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate, Extension, RelativeDistinguishedNames } from 'pkijs';
import { calendarOf, dateOf, type Instant } from '#shared/instant.ts';

export type Signing =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: 'SHA-1' | 'SHA-256' }
  | { readonly name: 'ECDSA'; readonly hash: 'SHA-256'; readonly namedCurve: 'P-256' };

/** What a certificate may be used for; nothing is said where this is absent. */
export type Purpose = { readonly signs: true } | { readonly serves: readonly string[] };

export interface CertificateWish {
  /** Positive, at most 20 bytes; 1 where nobody compares it. */
  readonly serialNumber?: Buffer;
  readonly commonName: string;
  readonly publicKey: KeyObject;
  /** Whole seconds. */
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly purpose?: Purpose;
  /** DER of the certificate that vouches for this one; absent: it does so itself. */
  readonly issuer?: Buffer;
  readonly issuerKey: KeyObject;
  readonly signing: Signing;
}

const COMMON_NAME = '2.5.4.3';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** Bits of KeyUsage, the first one highest. */
const KEY_USAGE = { digitalSignature: 0x80, keyCertSignAndCrlSign: 0x06 } as const;
/** GeneralName's choices. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
/** From 2050 on, and before 1950, UTCTime cannot tell the year. */
const UTC_TIME_YEARS = { first: 1950, last: 2049 };

/** The DER of the certificate. */
export async function issueCertificate(wish: CertificateWish): Promise<Buffer> {
  const { pki, asn } = await libraries();
  const certificate = new pki.Certificate({
    version: 2,
    serialNumber: new asn.Integer({
      valueHex: owned(wish.serialNumber ?? Buffer.from([1])).buffer,
    }),
    subject: await nameOf(wish.commonName),
    notBefore: await timeOf(wish.notBefore),
    notAfter: await timeOf(wish.notAfter),
  });
  const verifying = wish.publicKey.toCryptoKey(wish.signing, true, ['verify']);
  await certificate.subjectPublicKeyInfo.importKey(verifying);
  const issuer =
    wish.issuer === undefined ? certificate : pki.Certificate.fromBER(owned(wish.issuer));
  certificate.issuer = issuer.subject;
  if (wish.purpose !== undefined) {
    certificate.extensions = await extensionsOf(wish.purpose, certificate, issuer);
  }
  const signing = wish.issuerKey.toCryptoKey(wish.signing, true, ['sign']);
  await certificate.sign(signing, wish.signing.hash);
  return Buffer.from(certificate.toSchema(true).toBER());
}

/** DER as PEM, with a line feed at its end. */
export function pemOfCertificate(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

async function libraries() {
  const [pki, asn] = await Promise.all([import('pkijs'), import('asn1js')]);
  return { pki, asn };
}

/** A copy with a buffer of its own: a Node Buffer may be a window on a shared pool, which pkijs would read from 0. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function nameOf(commonName: string): Promise<RelativeDistinguishedNames> {
  const { pki, asn } = await libraries();
  const value = new asn.Utf8String({ value: commonName });
  return new pki.RelativeDistinguishedNames({
    typesAndValues: [new pki.AttributeTypeAndValue({ type: COMMON_NAME, value })],
  });
}

async function timeOf(at: Instant) {
  const { pki } = await libraries();
  const { year } = calendarOf(at);
  const isShort = year >= UTC_TIME_YEARS.first && year <= UTC_TIME_YEARS.last;
  const type = isShort ? pki.TimeType.UTCTime : pki.TimeType.GeneralizedTime;
  return new pki.Time({ type, value: dateOf(at) });
}

async function extensionsOf(
  purpose: Purpose,
  subject: Certificate,
  issuer: Certificate,
): Promise<Extension[]> {
  const { pki, asn } = await libraries();
  const extension = (extnID: string, critical: boolean, value: { toBER: () => ArrayBuffer }) =>
    new pki.Extension({ extnID, critical, extnValue: value.toBER() });
  const usage = (bits: number, unusedBits: number) =>
    new asn.BitString({ valueHex: new Uint8Array([bits]).buffer, unusedBits });
  const keyId = new asn.OctetString({ valueHex: keyIdOf(subject) });
  const always = extension(pki.id_SubjectKeyIdentifier, false, keyId);
  if ('signs' in purpose) {
    const constraints = new pki.BasicConstraints({ cA: true, pathLenConstraint: 0 });
    return [
      extension(pki.id_BasicConstraints, true, constraints.toSchema()),
      extension(pki.id_KeyUsage, true, usage(KEY_USAGE.keyCertSignAndCrlSign, 1)),
      always,
    ];
  }
  const altNames = purpose.serves.map(
    (name) =>
      new pki.GeneralName(
        isIP(name) > 0
          ? {
              type: IP_ADDRESS,
              value: new asn.OctetString({ valueHex: owned(bytesOfAddress(name)).buffer }),
            }
          : { type: DNS_NAME, value: name },
      ),
  );
  const issuerId = new pki.AuthorityKeyIdentifier({
    keyIdentifier: new asn.OctetString({ valueHex: keyIdOf(issuer) }),
  });
  return [
    extension(pki.id_BasicConstraints, true, new pki.BasicConstraints({ cA: false }).toSchema()),
    extension(pki.id_KeyUsage, true, usage(KEY_USAGE.digitalSignature, 7)),
    extension(
      pki.id_ExtKeyUsage,
      false,
      new pki.ExtKeyUsage({ keyPurposes: [SERVER_AUTHENTICATION] }).toSchema(),
    ),
    extension(pki.id_SubjectAltName, false, new pki.AltName({ altNames }).toSchema()),
    always,
    extension(pki.id_AuthorityKeyIdentifier, false, issuerId.toSchema()),
  ];
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1). */
function keyIdOf({ subjectPublicKeyInfo }: Certificate): ArrayBuffer {
  const bits = subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return owned(createHash('sha1').update(bits).digest()).buffer;
}

/** Four bytes or sixteen. */
function bytesOfAddress(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = canonical(address).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** An IPv6 address without an IPv4 tail, as URLs write it. */
const canonical = (address: string): string =>
  new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
