import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { ArmClient } from '../support/arm-client.ts';
import { DEVICE, pathIn, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import { activeDeviceForClouds, changed, CONTAINER, STORAGE_ACCOUNT } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const ACCOUNT = `${DEVICE}/storageAccounts/readings`;
const URL = `${ACCOUNT}/containers/blobs`;

async function account(arm: ArmClient): Promise<void> {
  await activeDeviceForClouds(arm);
  await arm.done('put', ACCOUNT, STORAGE_ACCOUNT);
}

describe('create', () => {
  test('unseen until it is done, on the device and in Azure', async (t) => {
    const arm = await startService(t);
    await account(arm);
    const accepted = await arm.accepted('put', URL, CONTAINER);
    assert.match(pollUrl(accepted), new RegExp(`${URL}/operationResults/[0-9a-f-]{36}`));
    await arm.refused('get', URL, 404);
    await arm.advance(minutes(1));
    await arm.get(URL);
  });

  test('under the account in whatever casing its name is written', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL.replace('readings', 'READINGS'), CONTAINER);
    assert.equal(propertiesOf(await arm.get(URL)).containerStatus, 'OK');
  });
});

describe('read back', () => {
  test('with the defaults recorded [rec]', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL, CONTAINER);
    const shown = await arm.get(URL);
    const { createdDateTime, ...properties } = propertiesOf(shown);
    assert.match(textOf(createdDateTime), /^2026-03-02T\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(properties, {
      containerStatus: 'OK',
      dataFormat: 'BlockBlob',
      refreshDetails: {},
    });
    assert.deepEqual(
      [shown.id, shown.name, shown.type],
      [URL, 'blobs', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccounts/containers'],
    );
    assert.deepEqual(await arm.get(`${ACCOUNT}/containers`), { value: [shown] });
  });
});

describe('refuse', () => {
  test('without a format, with a wrong one, under no account', async (t) => {
    const arm = await startService(t);
    await account(arm);
    for (const properties of [{}, { dataFormat: 'Blob' }]) {
      const { target } = await arm.refused('put', URL, 400, { properties });
      assert.equal(target, 'properties.dataFormat');
    }
    const nowhere = URL.replace('readings', 'nobody');
    const { code } = await arm.refused('put', nowhere, 404, CONTAINER);
    assert.equal(code, 'ParentResourceNotFound');
    await arm.refused('get', nowhere.replace('/blobs', ''), 404);
  });

  test('names that no container may have', async (t) => {
    const arm = await startService(t);
    await account(arm);
    for (const name of ['ab', '-ab', 'ab-', 'a--b', 'Blobs', 'a_b', 'a'.repeat(64)]) {
      const url = `${ACCOUNT}/containers/${name}`;
      assert.equal(
        (await arm.refused('put', url, 400, CONTAINER)).code,
        'InvalidResourceName',
        name,
      );
    }
  });
});

describe('change', () => {
  test('a GET’s body can be put back; the format is fixed [ours]', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL, CONTAINER);
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
    const other = changed(CONTAINER, { dataFormat: 'pageblob' });
    assert.equal((await arm.refused('put', URL, 400, other)).target, 'properties.dataFormat');
  });
});

describe('remove', () => {
  test('202, then 204 and gone; the status says Updating meanwhile', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL, CONTAINER);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).containerStatus, 'Updating');
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
  });
});

describe('refresh', () => {
  const refresh = `${URL}/refresh`;

  test('is a job of the device, told in the container [rec 14]', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL, CONTAINER);
    const poll = pollUrl(await arm.accepted('post', refresh));
    assert.match(poll, new RegExp(`${URL}/operationResults/`));
    await arm.advance(seconds(1));
    const running = await arm.call('get', poll);
    assert.equal(running.status, 202);
    const status = running.headers['azure-asyncoperation'] ?? '';
    const job = await arm.get(status);
    assert.equal(job.status, 'Running');
    assert.equal(propertiesOf(job).jobType, 'RefreshContainer');
    assert.equal(propertiesOf(job).refreshedEntityId, URL);
    const during = propertiesOf(await arm.get(URL)).refreshDetails;
    assert.deepEqual(during, { inProgressRefreshJobId: `${DEVICE}/jobs/${textOf(job.name)}` });
    await arm.advance(minutes(4));
    const done = await arm.call('get', poll);
    assert.equal(done.status, 204);
    assert.equal(pathIn(done.headers['azure-asyncoperation'] ?? ''), pathIn(status));
    const after = propertiesOf(await arm.get(URL)).refreshDetails as Record<string, string>;
    assert.equal(after.lastJob, `${DEVICE}/jobs/${textOf(job.name)}`);
    assert.equal((await arm.get(`${DEVICE}/jobs/${textOf(job.name)}`)).status, 'Succeeded');
  });

  test('local accounts have nothing in the cloud to refresh; a second waits for the first', async (t) => {
    const arm = await startService(t);
    await account(arm);
    await arm.done('put', URL, CONTAINER);
    const local = `${DEVICE}/storageAccounts/local1`;
    await arm.done('put', local, { properties: { dataPolicy: 'Local' } });
    await arm.done('put', `${local}/containers/blobs`, CONTAINER);
    const { code } = await arm.refused('post', `${local}/containers/blobs/refresh`, 400);
    assert.equal(code, 'GatewayUserErrorNotSupported');
    await arm.accepted('post', refresh);
    await arm.advance(seconds(1));
    const second = await arm.refused('post', refresh, 409);
    assert.equal(second.code, 'GatewayUserErrorOperationInProgress');
    await arm.refused('post', `${ACCOUNT}/containers/nobody/refresh`, 404);
  });
});
