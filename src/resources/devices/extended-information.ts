/**
 * The device's extended information: the key that secrets are encrypted with, and where the client keeps the channel
 * integrity key. The client tells the latter by updateExtendedInformation, and may ask for a sync of the device's own
 * secrets to that vault. No vault is looked at: what the client says is believed.
 * Sources: sdk §2.1–2.2, kv, [rec] (the device's id, name and type around it), [S] GetUpdateExtendedInfo.
 */
import { insteadIn, named, object, shownText, since, valuesIn } from '#arm/schema.ts';
import { mayBe, mayEnum, mayText, shownEnum, shownMap } from '#arm/shapes.ts';
import { type Instant, instant, minutes, seconds } from '#shared/instant.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { encryptedSecret } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import type { Existing, StoredAction } from '../base/define.ts';
import { resourceIdOf } from './activation.ts';

/** The member of a device's stored body that holds what updateExtendedInformation has set; never shown as such. */
export const EXTENDED = 'edgetwin-extended';

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

/** Where the client keeps the channel integrity key. */
const STORE_MEMBERS = [
  'clientSecretStoreId',
  'clientSecretStoreUrl',
  'channelIntegrityKeyName',
  'channelIntegrityKeyVersion',
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
  { encryptedSecret: encryptedSecret(), keyVaultId: mayText() },
  named('Secret'),
);
const mayBeSecret = mayBe(secretShape);

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
    properties: mayBe(
      object(
        {
          encryptionKeyThumbprint: mayText(),
          encryptionKey: mayText(),
          resourceKey: shownText(),
          clientSecretStoreId: mayText(later),
          clientSecretStoreUrl: mayText(later),
          channelIntegrityKeyName: mayText(later),
          channelIntegrityKeyVersion: mayText(later),
          keyVaultSyncStatus: mayEnum(SYNC_STATUSES, ...SYNC_STATUS, since('2020-12-01')),
          deviceSecrets: shownMap(
            secretShape,
            since('2020-12-01'),
            insteadIn('2020-12-01', deviceSecrets),
          ),
          clusterWitnessType: shownEnum(
            ['None', 'Cloud', 'FileShare'],
            named('ClusterWitnessType'),
            witness,
          ),
          fileShareWitnessLocation: shownText(witness),
          fileShareWitnessUsername: shownText(witness),
          cloudWitnessStorageAccountName: shownText(witness),
          cloudWitnessContainerName: shownText(witness),
          cloudWitnessStorageEndpoint: shownText(witness),
        },
        named('DataBoxEdgeDeviceExtendedInfoProperties'),
      ),
    ),
    systemData: systemDataSince('2022-03-01'),
  },
  named('DataBoxEdgeDeviceExtendedInfo'),
);

export const extendedInformationActions: Readonly<Record<string, StoredAction>> = {
  getExtendedInformation: {
    id: 'Devices_GetExtendedInformation',
    answer,
    act: extendedInformation,
  },
  updateExtendedInformation: {
    id: 'Devices_UpdateExtendedInformation',
    since: '2020-09-01',
    body: object(
      {
        clientSecretStoreId: mayText(),
        clientSecretStoreUrl: mayText(),
        channelIntegrityKeyName: mayText(),
        channelIntegrityKeyVersion: mayText(),
        syncStatus: mayEnum(SYNC_STATUSES, ...SYNC_STATUS, since('2020-12-01')),
      },
      named('DataBoxEdgeDeviceExtendedInfoPatch'),
    ),
    answer,
    change,
    act: extendedInformation,
  },
};

/** What was sent in place of what was there; a sync that is asked for begins now. No other status has an effect (text). */
function change(target: Existing, patch: JsonObject): JsonObject {
  const { syncStatus, ...store } = patch;
  const sync = syncStatus === 'KeyVaultSyncPending' ? { syncAskedAt: target.now } : {};
  const { body } = target.resource;
  return { ...body, [EXTENDED]: { ...objectIn(body, EXTENDED), ...store, ...sync } };
}

/** Without a channel integrity key there is no encryption key to show. */
async function extendedInformation(target: Existing): Promise<JsonObject> {
  const { ports, resource } = target;
  if (ports.activation === 'auto') await ports.vault.ownChannelIntegrityKey(resource.incarnation);
  const key = await ports.vault.encryptionKey(resource.incarnation);
  const told = objectIn(resource.body, EXTENDED);
  const status = syncStatusOf(told, target.now);
  return {
    properties: {
      ...(key === undefined
        ? {}
        : { encryptionKey: key.encryptionKey, encryptionKeyThumbprint: key.thumbprint }),
      resourceKey: resourceIdOf(target),
      ...Object.fromEntries(
        STORE_MEMBERS.flatMap((member) =>
          typeof told[member] === 'string' ? [[member, told[member]]] : [],
        ),
      ),
      keyVaultSyncStatus: status,
      // "Only with $expand" says the contract's text, and declares no $expand: they come when they are there.
      ...(status === 'KeyVaultSynced' ? { deviceSecrets: secretsOf(told) } : {}),
    },
    id: target.id,
    name: target.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
  };
}

/** How long a sync waits, and when it is done; `[ours]`: a sync moves some texts. */
const SYNC_WAITS = seconds(30);
const SYNC_ENDS = minutes(2);

function syncStatusOf(told: JsonObject, now: Instant): (typeof SYNC_STATUSES)[number] {
  if (textIn(told, 'clientSecretStoreUrl') === '') return 'KeyVaultNotConfigured';
  const askedAt = told.syncAskedAt;
  if (typeof askedAt !== 'number') return 'KeyVaultNotSynced';
  const passed = now - instant(askedAt);
  if (passed < SYNC_WAITS) return 'KeyVaultSyncPending';
  return passed < SYNC_ENDS ? 'KeyVaultSyncing' : 'KeyVaultSynced';
}

const secretsOf = (told: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(DEVICE_SECRETS).map(([name, isSet]) => [
      name,
      isSet
        ? {
            keyVaultId: `${textIn(told, 'clientSecretStoreUrl').replace(/\/$/, '')}/secrets/${name}`,
          }
        : {},
    ]),
  );
