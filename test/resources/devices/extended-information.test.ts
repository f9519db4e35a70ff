import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, GROUP, propertiesOf, textOf } from '../../support/arm-client.ts';
import { startService } from '../../support/service.ts';

async function certificateOf(arm: ArmClient): Promise<string> {
  return textOf((await arm.post(`${DEVICE}/generateCertificate`)).publicKey);
}

const upload = (certificate: string) => ({ properties: { certificate } });

describe('getExtendedInformation', () => {
  test('the encryption key around the device’s own id, name and type, the same each time', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const first = await arm.post(`${DEVICE}/getExtendedInformation`);
    assert.deepEqual(
      [first.id, first.name, first.type],
      [DEVICE, 'edge1', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'],
    );
    const { encryptionKey, encryptionKeyThumbprint, resourceKey } = propertiesOf(first);
    assert.ok(Buffer.from(textOf(encryptionKey), 'base64').length > 500);
    assert.match(textOf(encryptionKeyThumbprint), /^[0-9A-F]{40}$/);
    const uploaded = await arm.post(
      `${DEVICE}/uploadCertificate`,
      upload(await certificateOf(arm)),
    );
    assert.equal(resourceKey, uploaded.resourceId);
    const again = propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`));
    assert.equal(again.encryptionKeyThumbprint, encryptionKeyThumbprint);
  });

  test('with manual activation there is no key before the activation brings one', async (t) => {
    const arm = await startService(t, { EDGETWIN_ACTIVATION: 'manual' });
    await arm.device();
    const { encryptionKey, resourceKey } = propertiesOf(
      await arm.post(`${DEVICE}/getExtendedInformation`),
    );
    assert.equal(encryptionKey, undefined);
    assert.notEqual(resourceKey, undefined);
  });
});

describe('updateExtendedInformation', () => {
  const URL = `${DEVICE}/updateExtendedInformation`;
  const STORE = {
    clientSecretStoreId: `${GROUP}/providers/Microsoft.KeyVault/vaults/vault1`,
    clientSecretStoreUrl: 'https://vault1.vault.example',
    channelIntegrityKeyName: 'ase-cik-1',
    channelIntegrityKeyVersion: '1',
  };

  test('what is told is shown, member by member, and outlives a PUT and a PATCH of the device', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const before = propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`));
    assert.equal(before.keyVaultSyncStatus, 'KeyVaultNotConfigured');
    const told = await arm.post(URL, STORE);
    // The key is sealed anew for each answer.
    const { encryptionKey: _key, ...shown } = propertiesOf(told);
    const { encryptionKey: _other, ...again } = propertiesOf(
      await arm.post(`${DEVICE}/getExtendedInformation`),
    );
    assert.deepEqual(again, shown);
    const { encryptionKeyThumbprint, resourceKey } = before;
    assert.deepEqual(shown, {
      encryptionKeyThumbprint,
      resourceKey,
      ...STORE,
      keyVaultSyncStatus: 'KeyVaultNotSynced',
    });
    await arm.post(URL, { channelIntegrityKeyVersion: '2' });
    await arm.put(DEVICE, { location: 'eastus' });
    await arm.call('patch', DEVICE, { tags: { a: '1' } });
    const after = propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`));
    assert.equal(after.channelIntegrityKeyVersion, '2');
    assert.equal(after.clientSecretStoreUrl, STORE.clientSecretStoreUrl);
    assert.ok(!JSON.stringify(await arm.get(DEVICE)).includes('vault1'));
  });

  test('a sync that is asked for ends in some minutes; no other status has an effect (text)', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const statusOf = async (): Promise<unknown> =>
      propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`)).keyVaultSyncStatus;
    await arm.post(URL, { ...STORE, syncStatus: 'KeyVaultSynced' });
    assert.equal(await statusOf(), 'KeyVaultNotSynced');
    await arm.post(URL, { syncStatus: 'keyvaultsyncpending' });
    assert.equal(await statusOf(), 'KeyVaultSyncPending');
    await arm.advance(minutes(1));
    assert.equal(await statusOf(), 'KeyVaultSyncing');
    await arm.advance(minutes(1));
    assert.equal(await statusOf(), 'KeyVaultSynced');
  });

  test('each version shows what it has; one has the device’s secrets by names of its own', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.post(URL, { ...STORE, syncStatus: 'KeyVaultSyncPending' });
    await arm.advance(minutes(3));
    const shownIn = async (version: string): Promise<JsonObject> =>
      propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation?api-version=${version}`));
    const newest = (await shownIn('2023-12-01')).deviceSecrets as JsonObject;
    assert.equal(Object.keys(newest).length, 8);
    assert.deepEqual(newest.HcsDataVolumeBitLockerExternalKey, {
      keyVaultId: 'https://vault1.vault.example/secrets/HcsDataVolumeBitLockerExternalKey',
    });
    assert.deepEqual(newest.SEDEncryptionExternalKey, {});
    const named = (await shownIn('2020-12-01')).deviceSecrets as JsonObject;
    assert.deepEqual(Object.keys(named), [
      'hcsDataVolumeBitLockerExternalKey',
      'hcsInternalVolumeBitLockerExternalKey',
      'systemVolumeBitLockerRecoveryKey',
      'sedEncryptionExternalKeyId',
      'sedEncryptionExternalKey',
      'bmcDefaultUserPassword',
      'rotateKeyForDataVolumeBitlocker',
      'rotateKeysForSedDrivesSerialized',
    ]);
    const second = await shownIn('2020-09-01');
    assert.equal(second.clientSecretStoreUrl, STORE.clientSecretStoreUrl);
    assert.equal(second.keyVaultSyncStatus, undefined);
    assert.deepEqual(Object.keys(await shownIn('2019-08-01')), [
      'encryptionKey',
      'encryptionKeyThumbprint',
      'resourceKey',
    ]);
  });

  test('not before 2020-09-01, not of a missing device, not with anything but texts', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.refused('post', `${URL}?api-version=2019-08-01`, 400, STORE);
    await arm.refused('post', `${DEVICE}2/updateExtendedInformation`, 404, STORE);
    const { target } = await arm.refused('post', URL, 400, { clientSecretStoreId: 7 });
    assert.equal(target, 'clientSecretStoreId');
    await arm.post(URL, {});
  });
});
