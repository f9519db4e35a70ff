/**
 * The vault: each device's channel integrity key and encryption certificate, made when first asked for, sealed at
 * rest; and the opening of secrets that clients send. What leaves here in clear goes to a machine or to the owner of
 * the key over `control/`, never into an answer of the provider or a log.
 */
import type { Instant } from '#shared/instant.ts';
import type { Database, Writer } from '#store/database.ts';
import { addSecret, findSecret, OWN_SECRETS, putSecret, removeSecrets } from '#store/secrets.ts';
import { type MasterKey, openAtRest, sealAtRest } from './at-rest.ts';
import {
  type EncryptionCertificate,
  type ManagementCertificate,
  newEncryptionCertificate,
  newManagementCertificate,
  ticksOf,
} from './certificates.ts';
import { newAgentKey, publicKeyOf } from './agent-key.ts';
import { newChannelIntegrityKey, sealWithChannelIntegrityKey } from './channel-integrity-key.ts';
import type { Opened } from './opened.ts';
import { type AsymmetricEncryptedSecret, openSecret } from './secrets.ts';

/** What `getExtendedInformation` hands out: the certificate under the channel integrity key, and its thumbprint. */
export interface EncryptionKey {
  readonly encryptionKey: string;
  readonly thumbprint: string;
}

export class Vault {
  readonly #database: Database;
  readonly #now: () => Instant;
  readonly #masterKey: MasterKey;

  /** `now` tells the simulated moment: certificates are dated by it. */
  constructor(database: Database, masterKey: MasterKey, now: () => Instant) {
    this.#database = database;
    this.#masterKey = masterKey;
    this.#now = now;
  }

  /** The device's channel integrity key, or undefined where it has none yet. `device` is its incarnation. */
  async channelIntegrityKey(device: string): Promise<string | undefined> {
    return await this.#read(integrityName(device));
  }

  /** As `channelIntegrityKey`; the first call makes one. */
  async ownChannelIntegrityKey(device: string): Promise<string> {
    const key = await this.channelIntegrityKey(device);
    if (key !== undefined) return key;
    const made = newChannelIntegrityKey();
    return await this.#keep(integrityName(device), made);
  }

  /** Takes the key that an activation key brought, in place of any other. */
  async adoptChannelIntegrityKey(device: string, key: string): Promise<void> {
    const name = integrityName(device);
    await this.#database.write(async (writer) => {
      await putSecret(writer, name, sealAtRest(key, this.#masterKey, name));
    });
  }

  /** The device's encryption key as clients get it; undefined while there is no channel integrity key. */
  async encryptionKey(device: string): Promise<EncryptionKey | undefined> {
    const integrityKey = await this.channelIntegrityKey(device);
    if (integrityKey === undefined) return undefined;
    const certificate = await this.#encryptionCertificate(device);
    return {
      encryptionKey: sealWithChannelIntegrityKey(certificate.certificateBase64, integrityKey),
      thumbprint: certificate.thumbprint,
    };
  }

  /** The public key that the device's Arc agents are registered with: base64 of its PKCS#1 DER, as az sends it [mem]. */
  async agentPublicKey(device: string): Promise<string> {
    const name = `device/${device}/arc-agent`;
    const kept = await this.#read(name);
    if (kept !== undefined) return publicKeyOf(kept);
    return publicKeyOf(await this.#keep(name, await newAgentKey()));
  }

  /** Opens what a client has encrypted for the device, or says what is wrong with it, never quoting it. Changes nothing. */
  async open(device: string, secret: AsymmetricEncryptedSecret): Promise<Opened> {
    return openSecret(secret, await this.#keptCertificate(device));
  }

  /** `plain` for the database: readable only with this vault's key and the same `about`. */
  seal(plain: string, about: string): string {
    return sealAtRest(plain, this.#masterKey, about);
  }

  /** What `seal` sealed with the same `about`. */
  unseal(sealed: string, about: string): string {
    const opened = openAtRest(sealed, this.#masterKey, about);
    if ('fault' in opened) throw new Error(`the vault cannot open ${about}: ${opened.fault}`);
    return opened.plain;
  }

  /** A sealed text, sealed to `to` instead of `from`; undefined where it is not sealed to `from`. */
  rebind(
    sealed: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): string | undefined {
    const opened = openAtRest(sealed, this.#masterKey, from);
    return 'fault' in opened ? undefined : this.seal(opened.plain, to);
  }

  /** A management certificate with its key, valid for three simulated days. Not kept: it is the client's. */
  async managementCertificate(): Promise<ManagementCertificate> {
    const now = this.#now();
    return await newManagementCertificate({ now, ticks: ticksOf(now) });
  }

  /** Removes all that is kept for a device. Part of the transaction that removes it. */
  async forget(device: string, writer: Writer): Promise<void> {
    await removeSecrets(writer, `device/${device}/`);
  }

  /**
   * A secret of the service itself (a signing key, say): what `make` gives at the first call, the same ever after, also
   * over a reset of the world. Of several that make one at once, all get the same.
   */
  async ownSecret(name: string, make: () => Promise<string>): Promise<string> {
    return (await this.#read(ownName(name))) ?? (await this.#keep(ownName(name), await make()));
  }

  /** Puts another value in the place of such a secret. */
  async replaceOwnSecret(name: string, plain: string): Promise<void> {
    const own = ownName(name);
    await this.#database.write(async (writer) => {
      await putSecret(writer, own, sealAtRest(plain, this.#masterKey, own));
    });
  }

  async #keptCertificate(device: string): Promise<EncryptionCertificate | undefined> {
    const kept = await this.#read(certificateName(device));
    return kept === undefined ? undefined : (JSON.parse(kept) as EncryptionCertificate);
  }

  async #encryptionCertificate(device: string): Promise<EncryptionCertificate> {
    const kept = await this.#keptCertificate(device);
    if (kept !== undefined) return kept;
    const made = await newEncryptionCertificate({
      now: this.#now(),
      commonName: device,
    });
    const text = await this.#keep(certificateName(device), JSON.stringify(made));
    return JSON.parse(text) as EncryptionCertificate;
  }

  async #read(name: string): Promise<string | undefined> {
    const sealed = await findSecret(this.#database.reader, name);
    return sealed === undefined ? undefined : this.unseal(sealed, name);
  }

  /** Keeps `plain` unless another call was quicker, and gives what is kept. */
  async #keep(name: string, plain: string): Promise<string> {
    await this.#database.write(async (writer) => {
      await addSecret(writer, name, sealAtRest(plain, this.#masterKey, name));
    });
    return (await this.#read(name)) ?? plain;
  }
}

const ownName = (name: string): string => `${OWN_SECRETS}${name}`;
const certificateName = (device: string): string => `device/${device}/encryption`;
const integrityName = (device: string): string => `device/${device}/channel-integrity-key`;
