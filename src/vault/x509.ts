/**
 * Issues X.509 certificates (RFC 5280), for `certificates.ts` and `certificate-authority.ts`. pkijs is imported on first
 * use, since few processes issue any.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate, Extension, RelativeDistinguishedNames } from 'pkijs';
import { calendarOf, dateOf, type Instant } from '#shared/instant.ts';

export type SignatureAlgorithm =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: 'SHA-1' | 'SHA-256' }
  | { readonly name: 'ECDSA'; readonly hash: 'SHA-256'; readonly namedCurve: 'P-256' };

/** For what a certificate may be used: to sign others, to serve the named hosts, or to say who a client is. */
export type KeyPurpose =
  | { readonly signs: true }
  | { readonly serves: readonly string[] }
  | { readonly identifies: true };

export interface CertificateRequest {
  /** Positive, at most 20 bytes; 1 where it is absent. */
  readonly serialNumber?: Buffer;
  readonly commonName: string;
  /** Organisations of the subject: the groups of a Kubernetes user. */
  readonly organizations?: readonly string[];
  readonly publicKey: KeyObject;
  /** Whole seconds. */
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** Absent: the certificate has no extensions. */
  readonly purpose?: KeyPurpose;
  /** DER of the issuer's certificate; absent: the certificate is self-signed. */
  readonly issuer?: Buffer;
  readonly issuerKey: KeyObject;
  readonly signing: SignatureAlgorithm;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
/** Bits of KeyUsage, the most significant first. */
const KEY_USAGE = { digitalSignature: 0x80, keyCertSignAndCrlSign: 0x06 } as const;
/** Tags of GeneralName's choices. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
/** The years that UTCTime can express. */
const UTC_TIME_YEARS = { first: 1950, last: 2049 };

/** Issues the certificate, as DER. */
export async function issueCertificate(request: CertificateRequest): Promise<Buffer> {
  const { pki, asn } = await libraries();
  const certificate = new pki.Certificate({
    version: 2,
    serialNumber: new asn.Integer({
      valueHex: unpooled(request.serialNumber ?? Buffer.from([1])).buffer,
    }),
    subject: await nameOf(request.commonName, request.organizations),
    notBefore: await timeOf(request.notBefore),
    notAfter: await timeOf(request.notAfter),
  });
  const verifying = request.publicKey.toCryptoKey(request.signing, true, ['verify']);
  await certificate.subjectPublicKeyInfo.importKey(verifying);
  const issuer =
    request.issuer === undefined ? certificate : pki.Certificate.fromBER(unpooled(request.issuer));
  certificate.issuer = issuer.subject;
  if (request.purpose !== undefined) {
    certificate.extensions = await extensionsOf(request.purpose, certificate, issuer);
  }
  const signing = request.issuerKey.toCryptoKey(request.signing, true, ['sign']);
  await certificate.sign(signing, request.signing.hash);
  return Buffer.from(certificate.toSchema(true).toBER());
}

/** DER as PEM, with a final line feed. */
export function pemOfCertificate(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

async function libraries() {
  const [pki, asn] = await Promise.all([import('pkijs'), import('asn1js')]);
  return { pki, asn };
}

/** A copy with a buffer of its own. A Node Buffer may be a view of a shared pool, which pkijs would read from its start. */
const unpooled = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function nameOf(
  commonName: string,
  organizations: readonly string[] = [],
): Promise<RelativeDistinguishedNames> {
  const { pki, asn } = await libraries();
  const named = (type: string, value: string) =>
    new pki.AttributeTypeAndValue({ type, value: new asn.Utf8String({ value }) });
  return new pki.RelativeDistinguishedNames({
    typesAndValues: [
      ...organizations.map((one) => named(ORGANIZATION, one)),
      named(COMMON_NAME, commonName),
    ],
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
  purpose: KeyPurpose,
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
  const issuerId = new pki.AuthorityKeyIdentifier({
    keyIdentifier: new asn.OctetString({ valueHex: keyIdOf(issuer) }),
  });
  const used = 'serves' in purpose ? SERVER_AUTHENTICATION : CLIENT_AUTHENTICATION;
  const shared = [
    extension(pki.id_BasicConstraints, true, new pki.BasicConstraints({ cA: false }).toSchema()),
    extension(pki.id_KeyUsage, true, usage(KEY_USAGE.digitalSignature, 7)),
    extension(pki.id_ExtKeyUsage, false, new pki.ExtKeyUsage({ keyPurposes: [used] }).toSchema()),
    always,
    extension(pki.id_AuthorityKeyIdentifier, false, issuerId.toSchema()),
  ];
  if ('identifies' in purpose) return shared;
  const altNames = purpose.serves.map(
    (name) =>
      new pki.GeneralName(
        isIP(name) > 0
          ? {
              type: IP_ADDRESS,
              value: new asn.OctetString({ valueHex: unpooled(bytesOfAddress(name)).buffer }),
            }
          : { type: DNS_NAME, value: name },
      ),
  );
  return [
    ...shared,
    extension(pki.id_SubjectAltName, false, new pki.AltName({ altNames }).toSchema()),
  ];
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1). */
function keyIdOf({ subjectPublicKeyInfo }: Certificate): ArrayBuffer {
  const bits = subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return unpooled(createHash('sha1').update(bits).digest()).buffer;
}

/** The address as four or sixteen bytes. */
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

/** An IPv6 address as URLs write it: compressed, and without a dotted IPv4 part. */
const canonical = (address: string): string =>
  new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
