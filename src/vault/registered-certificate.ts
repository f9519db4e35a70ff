/**
 * The management certificate that a device knows: the one that uploadCertificate took last. An activation key holds its private key,
 * so it is good for three days after its generation, and until the next one is generated.
 * Sources: prep, akey (appliance.md §2.1). No document prints the texts; they are `[ours]`.
 */
import { days, earlier, formatInstant, type Instant, plus } from '#shared/instant.ts';
import type { ActivationKeyParts } from './activation-key.ts';
import { type ParsedCertificate, parseCertificate } from './certificates.ts';
import { bytesOfBase64 } from './opened.ts';
import { certificateInPkcs12 } from './pkcs12.ts';

/** What is kept of it. */
export interface RegisteredCertificate {
  /** SHA-1 of the DER, upper-case hex. */
  readonly thumbprint: string;
  readonly expiresAt: Instant;
}

/** How long an activation key is good for (prep, akey). */
const KEY_LASTS = days(3);

/** Of certificates that the service itself made [rec]: their dates are in simulated time. */
const OWN_SUBJECT = /^CN=CB_Portal_\d+$/;

/**
 * What is kept of a certificate that is uploaded at `now`. A key is generated when the service makes its certificate; where the client
 * brings a certificate of its own, whose dates are those of another clock, when it is uploaded `[ours]`.
 */
export function registeredAt(certificate: ParsedCertificate, now: Instant): RegisteredCertificate {
  const { thumbprint, subject, notAfter } = certificate;
  const latest = plus(now, KEY_LASTS);
  return {
    thumbprint,
    expiresAt: OWN_SUBJECT.test(subject) ? earlier(notAfter, latest) : latest,
  };
}

/** Why a device that knows `registered` refuses the key at `now`, or undefined. */
export async function faultOfKey(
  { managementCert }: ActivationKeyParts,
  registered: RegisteredCertificate | undefined,
  now: Instant,
): Promise<string | undefined> {
  const bundle = bytesOfBase64(managementCert);
  // The password of the file is empty [rec].
  const der = bundle === undefined ? undefined : await certificateInPkcs12(bundle, '');
  const held = der === undefined ? undefined : parseCertificate(der.toString('base64'));
  if (held === undefined) {
    return 'The ManagementCert of the activation key is not the base64 text of a PKCS#12 file with a certificate and no password.';
  }
  if (registered?.thumbprint !== held.thumbprint) {
    return 'The activation key is not valid any more: only the one that was generated last for the resource is. Generate a new activation key and enter it.';
  }
  return now < registered.expiresAt
    ? undefined
    : `The activation key expired at ${formatInstant(registered.expiresAt)}, three days after its generation. Generate a new activation key and enter it.`;
}
