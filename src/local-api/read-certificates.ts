/**
 * Reads the declarations `certificates` and `encryptionAtRestKeys` of a package. Both are written only: of certificates the device knows
 * type, thumbprint and end; keys are checked and forgotten. Their members are [ours]: the samples have none.
 */
import { X509Certificate } from 'node:crypto';
import type { BroughtCertificate } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { parseInstant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject, textIn } from '#shared/json.ts';
import { listAt } from './addresses.ts';
import { lowered } from './sessions.ts';

/** What a device has certificates for (certs). */
const TYPES: readonly string[] = [
  ...['SigningChain', 'Node', 'AzureResourceManager', 'BlobStorage', 'LocalUI'],
  ...['EdgeContainerRegistry', 'KubernetesDashboard', 'IoTEdge', 'SupportSession', 'VPN', 'WiFi'],
];

export function certificatesIn(
  value: Json | undefined,
  faults: Fault[],
): readonly BroughtCertificate[] {
  return listAt(value, 'device.certificates', faults).map((given, index) => {
    const at = `device.certificates[${index}]`;
    const asked = textIn(given, 'type');
    const type = TYPES.find((one) => one.toLowerCase() === asked.toLowerCase());
    if (type === undefined) {
      const message = `'${asked}' is not a type of certificate (${TYPES.join(', ')}).`;
      faults.push({ target: `${at}.type`, message });
    }
    const certificate = certificateIn(textIn(given, 'content'));
    if (certificate === undefined) {
      const message = 'This must be an X.509 certificate, as PEM or as Base64 of its DER form.';
      faults.push({ target: `${at}.content`, message });
    }
    const thumbprint = certificate?.fingerprint.replaceAll(':', '') ?? '';
    const named = textIn(given, 'thumbprint');
    if (certificate !== undefined && named !== '' && named.toUpperCase() !== thumbprint) {
      const message = `The thumbprint of the certificate is ${thumbprint}.`;
      faults.push({ target: `${at}.thumbprint`, message });
    }
    const expiresAt = parseInstant(certificate?.validToDate.toISOString() ?? '');
    return { type: type ?? '', thumbprint, expiresAt: expiresAt ?? (0 as typeof expiresAt & {}) };
  });
}

function certificateIn(content: string): X509Certificate | undefined {
  if (content === '') return undefined;
  try {
    return new X509Certificate(
      content.includes('-----BEGIN') ? content : Buffer.from(content, 'base64'),
    );
  } catch {
    return undefined;
  }
}

/** Keys of 256 bits, as Base64; only the rugged models take any (rn2101, access). */
export function checkKeys(value: Json | undefined, isRugged: boolean, faults: Fault[]): void {
  const at = 'device.encryptionAtRestKeys';
  if (value === undefined || value === null) return;
  if (!isRugged) {
    const message = 'Only Azure Stack Edge Pro R and Mini R take encryption-at-rest keys.';
    faults.push({ target: at, message });
    return;
  }
  const keys: JsonObject = lowered(value);
  if (!isJsonObject(value) || Object.keys(keys).length === 0) {
    faults.push({ target: at, message: 'This must have an internalKey, an externalKey, or both.' });
  }
  for (const [name, key] of Object.entries(keys)) {
    const shown = { internalkey: 'internalKey', externalkey: 'externalKey' }[name];
    const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.alloc(0);
    if (shown === undefined) {
      faults.push({ target: `${at}.${name}`, message: 'There is no such key.' });
    } else if (bytes.length !== 32) {
      faults.push({ target: `${at}.${shown}`, message: 'This must be Base64 of 32 bytes.' });
    }
  }
}
