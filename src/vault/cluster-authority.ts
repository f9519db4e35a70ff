/**
 * The certificate authority of each Kubernetes cluster, which says who its clients are, and the key that signs its service
 * accounts' tokens. Both belong to one life of the cluster and are stored sealed with the device. Dates are in real time, as TLS
 * clients know no other.
 * Sources: appliance.md §8 (CA `CN=kubernetes`, ten years; clients `CN=<user>`, one year). Keys are ECDSA P-256 instead of RSA, which takes
 * a hundred times as long to make [ours].
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { days, instant, type Instant, minutes, plus } from '#shared/instant.ts';
import type { Vault } from './vault.ts';
import { issueCertificate, pemOfCertificate } from './x509.ts';

const AUTHORITY_TERM = days(3652);
const CLIENT_TERM = days(365);
const SIGNING = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' } as const;

/** Certificate and private key, both PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Which cluster: the incarnation of its device, and its own life. */
export interface ClusterName {
  readonly id: string;
  readonly life: string;
}

interface ClusterKeys extends CertificatePair {
  /** PEM: signs tokens of service accounts. */
  readonly tokenKey: string;
}

/** What a cluster checks its clients with. */
export interface ClusterTrust {
  readonly authority: X509Certificate;
  /** PEM of the authority's certificate. */
  readonly certificate: string;
  /** PEM. */
  readonly tokenKey: string;
}

export class ClusterAuthority {
  readonly #vault: Vault;
  readonly #now: () => Instant;

  /** `now` gives real time. */
  constructor(vault: Vault, now: () => Instant) {
    this.#vault = vault;
    this.#now = now;
  }

  /** What the cluster trusts; made at the first call. */
  async trustOf(cluster: ClusterName): Promise<ClusterTrust> {
    const { certificate, tokenKey } = await this.#keysOf(cluster);
    return { authority: new X509Certificate(certificate), certificate, tokenKey };
  }

  /** A new certificate that says who a client is. It belongs to the client and is not stored. */
  async issue(
    cluster: ClusterName,
    { user, groups }: { readonly user: string; readonly groups: readonly string[] },
  ): Promise<CertificatePair> {
    const authority = await this.#keysOf(cluster);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: SIGNING.namedCurve });
    const certificate = await issueCertificate({
      serialNumber: newSerialNumber(),
      commonName: user,
      organizations: groups,
      publicKey,
      ...termFrom(this.#now(), CLIENT_TERM),
      purpose: { identifies: true },
      issuer: new X509Certificate(authority.certificate).raw,
      issuerKey: createPrivateKey(authority.privateKey),
      signing: SIGNING,
    });
    return {
      certificate: pemOfCertificate(certificate),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
  }

  async #keysOf({ id, life }: ClusterName): Promise<ClusterKeys> {
    const text = await this.#vault.deviceSecret(id, `kubernetes/${life}`, async () =>
      JSON.stringify(await this.#newKeys()),
    );
    return JSON.parse(text) as ClusterKeys;
  }

  async #newKeys(): Promise<ClusterKeys> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: SIGNING.namedCurve });
    const tokens = generateKeyPairSync('ec', { namedCurve: SIGNING.namedCurve });
    const certificate = await issueCertificate({
      serialNumber: newSerialNumber(),
      commonName: 'kubernetes',
      publicKey,
      ...termFrom(this.#now(), AUTHORITY_TERM),
      purpose: { signs: true },
      issuerKey: privateKey,
      signing: SIGNING,
    });
    return {
      certificate: pemOfCertificate(certificate),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      tokenKey: tokens.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
  }
}

function newSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes.readUInt8() & 0x3f) | 0x40;
  return bytes;
}

/** A term that starts an hour before `now`, for clients whose clocks are slow. */
function termFrom(now: Instant, term: Parameters<typeof plus>[1]) {
  const second = instant(Math.floor(now / 1000) * 1000);
  return { notBefore: plus(second, minutes(-60)), notAfter: plus(second, term) };
}
