/**
 * The certificates of a device: the management certificate with which activation begins, the encryption certificate to
 * which clients encrypt secrets, and the reading of a certificate that a client uploads.
 * `now` is a parameter, since it is simulated time: any year that X.509 can express, 1950 to 9999. Keys are generated on
 * libuv's threads, so that the event loop is not blocked.
 * Sources: arm-protocol §0.2 (recorded), appliance.md §2.1–2.2 (sdk).
 */
import { generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { days, type Instant, instant, minutes, plus } from '#shared/instant.ts';
import { bytesOfBase64 } from './opened.ts';
import { packPkcs12 } from './pkcs12.ts';
import { issueCertificate } from './x509.ts';

const newKeyPair = promisify(generateKeyPair);

/** Ticks of 100 ns from 0001-01-01 to 1970-01-01, as .NET's `DateTime.Ticks` counts. */
const TICKS_TO_1970 = 621_355_968_000_000_000n;
const TICKS_PER_MILLISECOND = 10_000n;

/** `now` as .NET ticks, for the name of a management certificate. */
export const ticksOf = (now: Instant): bigint =>
  TICKS_TO_1970 + BigInt(now) * TICKS_PER_MILLISECOND;

/** The answer of generateCertificate; `expiresAt` is its `expiryTimeInUTC`. */
export interface ManagementCertificate {
  /** Base64 of the DER certificate. */
  readonly publicKey: string;
  /** Base64 of a PKCS#12 with that certificate and its key; its password is empty. A secret. */
  readonly privateKey: string;
  /** notAfter, in whole seconds. */
  readonly expiresAt: Instant;
}

/** The certificate to which clients encrypt secrets, and its key. */
export interface EncryptionCertificate {
  /** Base64 of the DER certificate: the text that is sealed with the channel integrity key. */
  readonly certificateBase64: string;
  /** SHA-1 of the DER, upper-case hex: `encryptionKeyThumbprint`. */
  readonly thumbprint: string;
  /** PKCS#8 PEM. A secret. */
  readonly privateKeyPem: string;
}

/** What is read of an uploaded certificate. */
export interface ParsedCertificate {
  /** SHA-1 of the DER, upper-case hex. */
  readonly thumbprint: string;
  /** Such as `CN=edge-1, O=Contoso`, in the certificate's own order. */
  readonly subject: string;
  readonly notAfter: Instant;
}

interface SelfSigned {
  readonly commonName: string;
  readonly modulusBits: number;
  readonly hash: 'SHA-1' | 'SHA-256';
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** X.509 has whole seconds only, so an instant that answers repeat is rounded down first. */
const wholeSecond = (at: Instant): Instant => instant(Math.floor(at / 1000) * 1000);

async function selfSign(request: SelfSigned): Promise<{ certificate: Buffer; key: KeyObject }> {
  const { commonName, modulusBits, hash, notBefore, notAfter } = request;
  const { privateKey, publicKey } = await newKeyPair('rsa', { modulusLength: modulusBits });
  const certificate = await issueCertificate({
    commonName,
    notBefore,
    notAfter,
    publicKey,
    issuerKey: privateKey,
    signing: { name: 'RSASSA-PKCS1-v1_5', hash },
  });
  return { certificate, key: privateKey };
}

/**
 * A management certificate as the real service makes them (arm-protocol §0.2): self-signed `CN=CB_Portal_<ticks>`,
 * RSA 3072, SHA-1, from ten minutes before `now` to three days after it. `ticks` are .NET ticks (`ticksOf`).
 */
export async function newManagementCertificate(request: {
  readonly now: Instant;
  readonly ticks: bigint;
}): Promise<ManagementCertificate> {
  const now = wholeSecond(request.now);
  const expiresAt = plus(now, days(3));
  const { certificate, key } = await selfSign({
    commonName: `CB_Portal_${request.ticks}`,
    modulusBits: 3072,
    hash: 'SHA-1',
    notBefore: plus(now, minutes(-10)),
    notAfter: expiresAt,
  });
  const bundle = await packPkcs12({ certificate, key, password: '' });
  return {
    publicKey: certificate.toString('base64'),
    privateKey: bundle.toString('base64'),
    expiresAt,
  };
}

/**
 * A certificate to which clients encrypt secrets: RSA 2048, SHA-256.
 * Valid for ten years [ours]: the real term is not known, no client checks it, and a simulated clock may jump far ahead.
 */
export async function newEncryptionCertificate(request: {
  readonly now: Instant;
  readonly commonName: string;
}): Promise<EncryptionCertificate> {
  const now = wholeSecond(request.now);
  const { certificate, key } = await selfSign({
    commonName: request.commonName,
    modulusBits: 2048,
    hash: 'SHA-256',
    notBefore: plus(now, minutes(-10)),
    notAfter: plus(now, days(3652)),
  });
  return {
    certificateBase64: certificate.toString('base64'),
    thumbprint: thumbprintOf(new X509Certificate(certificate)),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }),
  };
}

const thumbprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint.replaceAll(':', '');

/**
 * Reads the base64 of one DER certificate, the form that uploadCertificate takes. Undefined for everything else: text that
 * is not base64, bytes that are not a certificate, PEM, or bytes after the certificate.
 */
export function parseCertificate(base64: string): ParsedCertificate | undefined {
  const bytes = bytesOfBase64(base64);
  if (bytes === undefined) return undefined;
  try {
    const certificate = new X509Certificate(bytes);
    if (!certificate.raw.equals(bytes)) return undefined;
    return {
      thumbprint: thumbprintOf(certificate),
      subject: certificate.subject.split('\n').join(', '),
      notAfter: instant(certificate.validToDate.getTime()),
    };
  } catch {
    return undefined;
  }
}
