/**
 * The vault: each device's channel integrity key and encryption certificate, created on first use and stored sealed, and
 * the opening of secrets that clients send. Plain secrets are for machines, and over `control/` for the owner of a key;
 * answers of the provider and logs must not contain them.
 */
import type { Instant } from '#shared/instant.ts';
import type { Database, Writer } from '#store/database.ts';
import {
  addSecret,
  findSecret,
  findSecrets,
  OWN_SECRETS,
  putSecret,
  removeSecretsBelow,
} from '#store/secrets.ts';
import { type MasterKey, openAtRest, sealAtRest } from './at-rest.ts';
import {
  type EncryptionCertificate,
  type ManagementCertificate,
  type ParsedCertificate,
  newEncryptionCertificate,
  newManagementCertificate,
  ticksOf,
} from './certificates.ts';
import type { ActivationKeyParts } from './activation-key.ts';
import { newAgentKey, publicKeyOf } from './agent-key.ts';
import { newChannelIntegrityKey, sealWithChannelIntegrityKey } from './channel-integrity-key.ts';
import type { Opened } from './opened.ts';
import { faultOfKey, type RegisteredCertificate, registeredAt } from './registered-certificate.ts';
import { type AsymmetricEncryptedSecret, openSecret } from './secrets.ts';

/** What `getExtendedInformation` returns: the certificate, sealed with the channel integrity key, and its thumbprint. */
export interface EncryptionKey {
  readonly encryptionKey: string;
  readonly thumbprint: string;
}

export class Vault {
  readonly #database: Database;
  readonly #now: () => Instant;
  readonly #masterKey: MasterKey;

  /** `now` gives simulated time, for the dates of certificates. */
  constructor(database: Database, masterKey: MasterKey, now: () => Instant) {
    this.#database = database;
    this.#masterKey = masterKey;
    this.#now = now;
  }

  /** The device's channel integrity key, or undefined where it has none yet. `device` is its incarnation. */
  async channelIntegrityKey(device: string): Promise<string | undefined> {
    return await this.#read(integrityName(device));
  }

  /** As `channelIntegrityKey`; the first call creates the key. */
  async ownChannelIntegrityKey(device: string): Promise<string> {
    const key = await this.channelIntegrityKey(device);
    if (key !== undefined) return key;
    const made = newChannelIntegrityKey();
    return await this.#keep(integrityName(device), made);
  }

  /** Stores the key of an activation key, in place of any other. */
  async adoptChannelIntegrityKey(device: string, key: string): Promise<void> {
    const name = integrityName(device);
    await this.#database.write(async (writer) => {
      await putSecret(writer, name, sealAtRest(key, this.#masterKey, name));
    });
  }

  /** The device's encryption key as clients get it; undefined while the device has no channel integrity key. */
  async encryptionKey(device: string): Promise<EncryptionKey | undefined> {
    const integrityKey = await this.channelIntegrityKey(device);
    if (integrityKey === undefined) return undefined;
    const certificate = await this.#encryptionCertificate(device);
    return {
      encryptionKey: sealWithChannelIntegrityKey(certificate.certificateBase64, integrityKey),
      thumbprint: certificate.thumbprint,
    };
  }

  /**
   * The public keys with which the Arc agents of each of `devices` are registered: base64 of their PKCS#1 DER, as az sends them
   * [mem]. A key is made at the first call for its device.
   */
  async agentPublicKeys(devices: readonly string[]): Promise<string[]> {
    const kept = await findSecrets(this.#database.reader, devices.map(agentName));
    return await Promise.all(
      devices.map(async (device) => {
        const name = agentName(device);
        const sealed = kept.get(name);
        return publicKeyOf(
          sealed === undefined
            ? await this.#keep(name, await newAgentKey())
            : this.unseal(sealed, name),
        );
      }),
    );
  }

  /** Opens a secret that a client encrypted for the device, or gives its fault, which does not contain the secret. */
  async open(device: string, secret: AsymmetricEncryptedSecret): Promise<Opened> {
    return openSecret(secret, await this.#keptCertificate(device));
  }

  /** Seals `plain` for the database. `binding` names the place to which it belongs, and must be the same at opening. */
  seal(plain: string, binding: string): string {
    return sealAtRest(plain, this.#masterKey, binding);
  }

  /** Opens what `seal` sealed with the same binding; throws for everything else. */
  unseal(sealed: string, binding: string): string {
    const opened = openAtRest(sealed, this.#masterKey, binding);
    if ('fault' in opened) throw new Error(`the vault cannot open ${binding}: ${opened.fault}`);
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

  /** A new management certificate with its key, valid for three simulated days. It belongs to the client and is not stored. */
  async managementCertificate(): Promise<ManagementCertificate> {
    const now = this.#now();
    return await newManagementCertificate({ now, ticks: ticksOf(now) });
  }

  /** The device knows this management certificate from now on, and no other: an activation key made from another one is void. */
  async registerCertificate(device: string, certificate: ParsedCertificate): Promise<void> {
    const registered = registeredAt(certificate, this.#now());
    await this.replaceDeviceSecret(device, MANAGEMENT, JSON.stringify(registered));
  }

  /** Why the device refuses an activation key now: it is too old, or not the latest. Undefined where it does not. */
  async faultOfActivationKey(device: string, key: ActivationKeyParts): Promise<string | undefined> {
    const kept = await this.knownDeviceSecret(device, MANAGEMENT);
    const registered = kept === undefined ? undefined : (JSON.parse(kept) as RegisteredCertificate);
    return await faultOfKey(key, registered, this.#now());
  }

  /** Removes the secrets of a device, in the transaction that removes the device. */
  async removeDevice(device: string, writer: Writer): Promise<void> {
    await removeSecretsBelow(writer, `device/${device}`);
  }

  /**
   * A secret of the service itself, such as a signing key. The first call creates it with `make`; it outlives a reset of the
   * world. Calls at the same time get the same secret.
   */
  async ownSecret(name: string, make: () => Promise<string>): Promise<string> {
    return (await this.#read(ownName(name))) ?? (await this.#keep(ownName(name), await make()));
  }

  /** Replaces a secret of the service itself. */
  async replaceOwnSecret(name: string, plain: string): Promise<void> {
    const own = ownName(name);
    await this.#database.write(async (writer) => {
      await putSecret(writer, own, sealAtRest(plain, this.#masterKey, own));
    });
  }

  /** As `ownSecret`, of a device: it goes with the device. `device` is its incarnation. */
  async deviceSecret(device: string, name: string, make: () => Promise<string>): Promise<string> {
    const full = `device/${device}/${name}`;
    return (await this.#read(full)) ?? (await this.#keep(full, await make()));
  }

  /** As `deviceSecret` without making one. */
  async knownDeviceSecret(device: string, name: string): Promise<string | undefined> {
    return await this.#read(`device/${device}/${name}`);
  }

  /** Replaces a secret of a device. */
  async replaceDeviceSecret(device: string, name: string, plain: string): Promise<void> {
    const full = `device/${device}/${name}`;
    await this.#database.write(async (writer) => {
      await putSecret(writer, full, sealAtRest(plain, this.#masterKey, full));
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

  /** Stores `plain` unless there is a secret of that name already, and gives the stored one. */
  async #keep(name: string, plain: string): Promise<string> {
    await this.#database.write(async (writer) => {
      await addSecret(writer, name, sealAtRest(plain, this.#masterKey, name));
    });
    return (await this.#read(name)) ?? plain;
  }
}

/** The name of the device's secret that holds its `RegisteredCertificate`. */
const MANAGEMENT = 'management-certificate';
const agentName = (device: string): string => `device/${device}/arc-agent`;
const ownName = (name: string): string => `${OWN_SECRETS}${name}`;
const certificateName = (device: string): string => `device/${device}/encryption`;
const integrityName = (device: string): string => `device/${device}/channel-integrity-key`;
