/**
 * The service's own certificate authority, and the server certificate that it issues, so that HTTPS works from the first
 * start. Both are created on first use and stored sealed; the authority's certificate, which is not a secret, is also
 * written to the data folder for clients to trust. Its dates are in real time, since TLS clients do not know the
 * simulated clock. All of it [ours].
 */
import {
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { days, type Duration, instant, type Instant, minutes, plus } from '#shared/instant.ts';
import type { Vault } from './vault.ts';
import { issueCertificate, pemOfCertificate } from './x509.ts';

const newKeyPair = promisify(generateKeyPair);

/** The file of the authority's certificate in the data folder. */
export const AUTHORITY_FILE = 'ca.pem';

/** A certificate and its private key (PKCS#8), both PEM. */
interface Pair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The server's certificate, followed by its issuer's, and its key. */
export type ServerPair = Pair;

export interface CertificateAuthorityParts {
  readonly vault: Vault;
  /** Host names and addresses of the server certificate; the first is its common name. */
  readonly names: readonly string[];
  /** The data folder; undefined where there is none. */
  readonly folder: string | undefined;
  /** Real time. */
  readonly now: () => Instant;
}

const AUTHORITY_TERM = days(3652);
/** Apple and the browsers accept at most 398 days. */
const SERVER_TERM = days(397);
/** A server certificate that expires sooner is replaced. */
const MIN_REMAINING = days(30);
const SIGNING = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' } as const;

export class CertificateAuthority {
  readonly #parts: CertificateAuthorityParts;
  #server: Promise<ServerPair> | undefined;

  constructor(parts: CertificateAuthorityParts) {
    this.#parts = parts;
  }

  /** PEM of the authority's certificate, which clients must trust. */
  async certificate(): Promise<string> {
    return (await this.#authority()).certificate;
  }

  /** The server's certificate and key. The first call of a process replaces the stored ones where they no longer fit. */
  async serverPair(): Promise<ServerPair> {
    this.#server ??= this.#findServerPair();
    try {
      return await this.#server;
    } catch (error) {
      // The next caller tries again.
      this.#server = undefined;
      throw error;
    }
  }

  async #authority(): Promise<Pair> {
    const { vault, folder, now } = this.#parts;
    const make = async (): Promise<string> => JSON.stringify(await newAuthority(now()));
    let pair = JSON.parse(await vault.ownSecret('authority', make)) as Pair;
    if (endOf(pair) < plus(now(), SERVER_TERM)) {
      const made = await make();
      await vault.replaceOwnSecret('authority', made);
      pair = JSON.parse(made) as Pair;
    }
    if (folder !== undefined) await writeCertificateFile(folder, pair.certificate);
    return pair;
  }

  async #findServerPair(): Promise<ServerPair> {
    const { vault, names, now } = this.#parts;
    const authority = await this.#authority();
    const make = async (): Promise<string> =>
      JSON.stringify(await newServerPair(authority, names, now()));
    const stored = JSON.parse(await vault.ownSecret('server', make)) as ServerPair;
    if (isUsable(stored, authority, { names, until: plus(now(), MIN_REMAINING) })) return stored;
    const made = await make();
    await vault.replaceOwnSecret('server', made);
    return JSON.parse(made) as ServerPair;
  }
}

const endOf = ({ certificate }: Pair): number =>
  new X509Certificate(certificate).validToDate.getTime();

/** Whether a server certificate is issued by the authority, names all of `names`, and is valid until `until`. */
function isUsable(
  pair: ServerPair,
  authority: Pair,
  { names, until }: { names: readonly string[]; until: Instant },
): boolean {
  const server = new X509Certificate(pair.certificate);
  const issuer = new X509Certificate(authority.certificate);
  return (
    server.verify(issuer.publicKey) &&
    endOf(pair) > until &&
    names.every((name) =>
      isIP(name) > 0 ? server.checkIP(name) !== undefined : server.checkHost(name) !== undefined,
    )
  );
}

/** Writes the certificate to the data folder, unless the file has it already. */
async function writeCertificateFile(folder: string, certificate: string): Promise<void> {
  const path = join(folder, AUTHORITY_FILE);
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === certificate) return;
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, certificate);
  await rename(draft, path);
}

async function newKeys(): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  return await newKeyPair('ec', { namedCurve: SIGNING.namedCurve });
}

/** Positive and unique: clients identify a certificate by issuer and serial number. */
function newSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes.readUInt8() & 0x3f) | 0x40;
  return bytes;
}

/** A term that starts an hour before `now`, for clients whose clocks are slow. */
function termFrom(now: Instant, term: Duration): { notBefore: Instant; notAfter: Instant } {
  const second = instant(Math.floor(now / 1000) * 1000);
  return { notBefore: plus(second, minutes(-60)), notAfter: plus(second, term) };
}

async function newAuthority(now: Instant): Promise<Pair> {
  const { privateKey, publicKey } = await newKeys();
  const certificate = await issueCertificate({
    serialNumber: newSerialNumber(),
    // A unique name, so that the authorities of two installations can stand in one trust store.
    commonName: `Edgetwin authority ${randomBytes(4).toString('hex')}`,
    ...termFrom(now, AUTHORITY_TERM),
    publicKey,
    purpose: { signs: true },
    issuerKey: privateKey,
    signing: SIGNING,
  });
  return { certificate: pemOfCertificate(certificate), privateKey: pemOf(privateKey) };
}

async function newServerPair(
  authority: Pair,
  names: readonly string[],
  now: Instant,
): Promise<ServerPair> {
  const { privateKey, publicKey } = await newKeys();
  const certificate = await issueCertificate({
    serialNumber: newSerialNumber(),
    commonName: names[0] ?? 'localhost',
    ...termFrom(now, SERVER_TERM),
    publicKey,
    purpose: { serves: names },
    issuer: new X509Certificate(authority.certificate).raw,
    issuerKey: createPrivateKey(authority.privateKey),
    signing: SIGNING,
  });
  return {
    certificate: pemOfCertificate(certificate) + authority.certificate,
    privateKey: pemOf(privateKey),
  };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' });
