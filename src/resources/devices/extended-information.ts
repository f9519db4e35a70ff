/**
 * The device's extended information: the key that secrets are encrypted with, and where the client keeps the channel
 * integrity key. The client tells the latter by updateExtendedInformation, and may ask for a sync of the device's own
 * secrets to that vault. No vault is looked at: what the client says is believed.
 * Sources: sdk §2.1–2.2, kv, [rec] (the device's id, name and type around it), [S] GetUpdateExtendedInfo.
 */
import { insteadIn, named, object, since, valuesIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  optional,
  optionalEnum,
  optionalString,
  readOnlyEnum,
  readOnlyMap,
  readOnlyString,
} from '#arm/shapes.ts';
import type { Observation } from '#fleet/fleet.ts';
import { type Instant, minutes, seconds } from '#shared/instant.ts';
import { encryptedSecret } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import { defineAction, type Existing } from '../base/define.ts';
import { observe } from '../base/machine.ts';
import { EXTENDED, type ExtendedInformation } from '../base/secret-store.ts';
import type { StoredDevice } from './stored-device.ts';
import { resourceIdOf } from './activation.ts';

const SYNC_STATUSES = [
  'KeyVaultSynced',
  'KeyVaultSyncFailed',
  'KeyVaultNotConfigured',
  'KeyVaultSyncPending',
  'KeyVaultSyncing',
  'KeyVaultNotSynced',
] as const;

const SYNC_STATUS = [
  named('KeyVaultSyncStatus'),
  valuesIn({ KeyVaultNotSynced: '2021-02-01..' }),
] as const;

/** The secrets of the example, and in which of them it has an id [S]. */
const DEVICE_SECRETS: Readonly<Record<string, boolean>> = {
  HcsDataVolumeBitLockerExternalKey: true,
  HcsInternalVolumeBitLockerExternalKey: true,
  SystemVolumeBitLockerRecoveryKey: true,
  SEDEncryptionExternalKeyId: false,
  SEDEncryptionExternalKey: false,
  BMCDefaultUserPassword: false,
  RotateKeyForDataVolumeBitlocker: false,
  RotateKeysForSedDrivesSerialized: false,
};

const secretShape = object(
  { encryptedSecret: encryptedSecret(), keyVaultId: optionalString() },
  named('Secret'),
);
const mayBeSecret = optional(secretShape);

/** One version has them by fixed names, in another casing. */
const deviceSecrets = object(
  {
    hcsDataVolumeBitLockerExternalKey: mayBeSecret,
    hcsInternalVolumeBitLockerExternalKey: mayBeSecret,
    systemVolumeBitLockerRecoveryKey: mayBeSecret,
    sedEncryptionExternalKeyId: mayBeSecret,
    sedEncryptionExternalKey: mayBeSecret,
    bmcDefaultUserPassword: mayBeSecret,
    rotateKeyForDataVolumeBitlocker: mayBeSecret,
    rotateKeysForSedDrivesSerialized: mayBeSecret,
  },
  named('DeviceSecrets'),
);

const later = since('2020-09-01');
const witness = since('2021-06-01');

const answer = object(
  {
    ...envelope,
    properties: optional(
      object(
        {
          encryptionKeyThumbprint: optionalString(),
          encryptionKey: optionalString(),
          resourceKey: readOnlyString(),
          clientSecretStoreId: optionalString(later),
          clientSecretStoreUrl: optionalString(later),
          channelIntegrityKeyName: optionalString(later),
          channelIntegrityKeyVersion: optionalString(later),
          keyVaultSyncStatus: optionalEnum(SYNC_STATUSES, ...SYNC_STATUS, since('2020-12-01')),
          deviceSecrets: readOnlyMap(
            secretShape,
            since('2020-12-01'),
            insteadIn('2020-12-01', deviceSecrets),
          ),
          clusterWitnessType: readOnlyEnum(
            ['None', 'Cloud', 'FileShare'],
            named('ClusterWitnessType'),
            witness,
          ),
          fileShareWitnessLocation: readOnlyString(witness),
          fileShareWitnessUsername: readOnlyString(witness),
          cloudWitnessStorageAccountName: readOnlyString(witness),
          cloudWitnessContainerName: readOnlyString(witness),
          cloudWitnessStorageEndpoint: readOnlyString(witness),
        },
        named('DataBoxEdgeDeviceExtendedInfoProperties'),
      ),
    ),
    systemData: systemDataSince('2022-03-01'),
  },
  named('DataBoxEdgeDeviceExtendedInfo'),
);

const patch = object(
  {
    clientSecretStoreId: optionalString(),
    clientSecretStoreUrl: optionalString(),
    channelIntegrityKeyName: optionalString(),
    channelIntegrityKeyVersion: optionalString(),
    syncStatus: optionalEnum(SYNC_STATUSES, ...SYNC_STATUS, since('2020-12-01')),
  },
  named('DataBoxEdgeDeviceExtendedInfoPatch'),
);

export const extendedInformationActions = {
  getExtendedInformation: defineAction({
    id: 'Devices_GetExtendedInformation',
    answer,
    act: extendedInformation,
  }),
  updateExtendedInformation: defineAction({
    id: 'Devices_UpdateExtendedInformation',
    since: '2020-09-01',
    body: patch,
    answer,
    change,
    act: extendedInformation,
  }),
} as const;

/** What was sent in place of what was there; a sync that is asked for begins now. No other status has an effect (text). */
function change(
  target: Existing<StoredDevice>,
  { syncStatus, ...store }: Accepted<typeof patch>,
): StoredDevice {
  const sync = syncStatus === 'KeyVaultSyncPending' ? { syncAskedAt: target.now } : {};
  const { body } = target.resource;
  return { ...body, [EXTENDED]: { ...body[EXTENDED], ...store, ...sync } };
}

/** Without a channel integrity key there is no encryption key to show. */
async function extendedInformation(target: Existing<StoredDevice>): Promise<Shown<typeof answer>> {
  const { ports, resource } = target;
  if (ports.activation === 'auto') await ports.vault.ownChannelIntegrityKey(resource.incarnation);
  const key = await ports.vault.encryptionKey(resource.incarnation);
  const set = resource.body[EXTENDED] ?? {};
  const seen = await observe(target);
  const status = syncStatusOf(set, target.now, seen.isVaultGone === true);
  return {
    properties: {
      encryptionKey: key?.encryptionKey,
      encryptionKeyThumbprint: key?.thumbprint,
      resourceKey: resourceIdOf(target),
      clientSecretStoreId: set.clientSecretStoreId,
      clientSecretStoreUrl: set.clientSecretStoreUrl,
      channelIntegrityKeyName: set.channelIntegrityKeyName,
      channelIntegrityKeyVersion: set.channelIntegrityKeyVersion,
      keyVaultSyncStatus: status,
      ...witnessMembers(seen.witness),
      // "Only with $expand" says the contract's text, and declares no $expand: they come when they are there.
      deviceSecrets: status === 'KeyVaultSynced' ? secretsOf(set) : undefined,
    },
    id: target.id,
    name: target.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
  };
}

/** How long a sync waits, and when it is done; `[ours]`: a sync moves some texts. */
const SYNC_WAITS = seconds(30);
const SYNC_ENDS = minutes(2);

/** A vault that is gone fails the next sync, which the device makes by itself: nothing is in sync any more `[ours]`. */
function syncStatusOf(
  { clientSecretStoreUrl = '', syncAskedAt }: ExtendedInformation,
  now: Instant,
  isVaultGone: boolean,
): (typeof SYNC_STATUSES)[number] {
  if (clientSecretStoreUrl === '') return 'KeyVaultNotConfigured';
  if (syncAskedAt === undefined) return 'KeyVaultNotSynced';
  const passed = now - syncAskedAt;
  if (passed < SYNC_WAITS) return 'KeyVaultSyncPending';
  if (passed < SYNC_ENDS) return 'KeyVaultSyncing';
  return isVaultGone ? 'KeyVaultSyncFailed' : 'KeyVaultSynced';
}

/** The witness of a device with two nodes; no document shows what one with a single node has `[ours]`. */
function witnessMembers(witness: Observation['witness']) {
  if (witness === undefined) return {};
  switch (witness.type) {
    case 'None':
      return { clusterWitnessType: 'None' } as const;
    case 'FileShare':
      return {
        clusterWitnessType: 'FileShare',
        fileShareWitnessLocation: witness.location,
        fileShareWitnessUsername: witness.username,
      } as const;
    case 'Cloud':
      return {
        clusterWitnessType: 'Cloud',
        cloudWitnessStorageAccountName: witness.storageAccountName,
        cloudWitnessContainerName: witness.containerName,
        cloudWitnessStorageEndpoint: witness.storageEndpoint,
      } as const;
  }
}

const secretsOf = ({
  clientSecretStoreUrl = '',
}: ExtendedInformation): Record<string, Shown<typeof secretShape>> =>
  Object.fromEntries(
    Object.entries(DEVICE_SECRETS).map(([name, isSet]) => [
      name,
      isSet
        ? {
            keyVaultId: `${clientSecretStoreUrl.replace(/\/$/, '')}/secrets/${name}`,
          }
        : {},
    ]),
  );
