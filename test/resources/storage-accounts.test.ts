import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { DEVICE, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  changed,
  CONTAINER,
  CREDENTIAL,
  STORAGE_ACCOUNT,
} from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/storageAccounts/readings`;
const LOCAL = changed(STORAGE_ACCOUNT, {
  dataPolicy: 'Local',
  storageAccountCredentialId: undefined,
});

describe('create', () => {
  test('a local and a cloud one, each unseen until it is done', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.accepted('put', URL, STORAGE_ACCOUNT);
    await arm.accepted('put', `${DEVICE}/storageAccounts/local1`, LOCAL);
    assert.deepEqual(await arm.get(`${DEVICE}/storageAccounts`), { value: [] });
    await arm.advance(minutes(1));
    const { value } = await arm.get(`${DEVICE}/storageAccounts`);
    const names = (value as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names, ['local1', 'readings']);
  });

  test('the data policy is required from 2020-09-01 on; before, Cloud was meant', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const open = changed(STORAGE_ACCOUNT, { dataPolicy: undefined });
    const { target } = await arm.refused('put', `${URL}?api-version=2020-09-01`, 400, open);
    assert.equal(target, 'properties.dataPolicy');
    await arm.done('put', `${URL}?api-version=2019-08-01`, open);
    assert.equal(propertiesOf(await arm.get(URL)).dataPolicy, 'Cloud');
  });

  test('by the credential of another device, as an official example does', async (t) => {
    const arm = await startService(t);
    const other = DEVICE.replace('edge1', 'edge2');
    await arm.activeDevice();
    await arm.activeDevice({}, other);
    const credential = `${other}/storageAccountCredentials/sac1`;
    await arm.done('put', credential, CREDENTIAL);
    const body = changed(STORAGE_ACCOUNT, { storageAccountCredentialId: credential });
    await arm.done('put', URL, body);
    assert.equal(propertiesOf(await arm.get(URL)).storageAccountCredentialId, credential);
  });
});

describe('read back', () => {
  test('with the machine’s status, endpoint and count [rec]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    const shown = await arm.get(URL);
    const device = textOf(propertiesOf(await arm.get(DEVICE)).friendlyName).toLowerCase();
    assert.deepEqual(shown, {
      properties: {
        ...STORAGE_ACCOUNT.properties,
        storageAccountStatus: 'OK',
        blobEndpoint: `https://readings.blob.${device}.microsoftdatabox.com/`,
        containerCount: 0,
      },
      id: URL,
      name: 'readings',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccounts',
    });
    await arm.done('put', `${URL}/containers/blobs`, CONTAINER);
    assert.equal(propertiesOf(await arm.get(URL)).containerCount, 1);
  });

  test('a local one has no count [S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, LOCAL);
    assert.ok(!('containerCount' in propertiesOf(await arm.get(URL))));
  });
});

describe('refuse', () => {
  test('a cloud one without a credential, or with one that is none', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    for (const storageAccountCredentialId of [
      undefined,
      'sac1',
      `${DEVICE}/shares/sac1`,
      `${DEVICE}/storageAccountCredentials/nobody`,
    ]) {
      const body = changed(STORAGE_ACCOUNT, { storageAccountCredentialId });
      const { target } = await arm.refused('put', URL, 400, body);
      assert.equal(target, 'properties.storageAccountCredentialId');
    }
  });

  test('names that no account may have, and any before activation', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { code } = await arm.refused('put', URL, 400, LOCAL);
    assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
    for (const name of ['ab', 'a'.repeat(25), 'Readings', 'my-readings', 'a.b.c']) {
      const url = `${DEVICE}/storageAccounts/${name}`;
      assert.equal((await arm.refused('put', url, 400, LOCAL)).code, 'InvalidResourceName', name);
    }
  });
});

describe('change', () => {
  test('the description; the status says so meanwhile; a GET’s body can be put back', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    await arm.done('put', `${URL}/containers/blobs`, CONTAINER);
    await arm.accepted('put', URL, changed(STORAGE_ACCOUNT, { description: 'Doors' }));
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).storageAccountStatus, 'Updating');
    await arm.advance(minutes(1));
    const after = await arm.get(URL);
    assert.equal(propertiesOf(after).description, 'Doors');
    assert.equal(propertiesOf(after).containerCount, 1);
    await arm.done('put', URL, after);
    assert.deepEqual(await arm.get(URL), after);
  });

  test('not the data policy [ours]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    assert.equal((await arm.refused('put', URL, 400, LOCAL)).target, 'properties.dataPolicy');
  });
});

describe('remove', () => {
  test('202, then 204, and its containers with it', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    await arm.done('put', `${URL}/containers/blobs`, CONTAINER);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    const { code } = await arm.refused('get', `${URL}/containers/blobs`, 404);
    assert.equal(code, 'ParentResourceNotFound');
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    assert.deepEqual(await arm.get(`${URL}/containers`), { value: [] });
  });

  test('not while one of its containers is being made or refreshed', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, STORAGE_ACCOUNT);
    await arm.accepted('put', `${URL}/containers/blobs`, CONTAINER);
    await arm.advance(seconds(1));
    const { code } = await arm.refused('delete', URL, 409);
    assert.equal(code, 'GatewayUserErrorOperationInProgress');
  });
});
