import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ArmClient } from '../support/arm-client.ts';
import { DEVICE, pollUrl, propertiesOf } from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  changed,
  CLOUD_SHARE,
  CREDENTIAL,
  STORAGE_ACCOUNT,
} from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/storageAccountCredentials/sac1`;
const KEY = CREDENTIAL.properties.accountKey.value;
const STRING =
  'DefaultEndpointsProtocol=https;AccountName=cameras;AccountKey=Plain-String-of-a-test';
const BY_STRING = changed(CREDENTIAL, {
  accountKey: undefined,
  userName: undefined,
  connectionString: STRING,
});

/** `properties` as they are stored. */
async function storedOf(arm: ArmClient & Awaited<ReturnType<typeof startService>>) {
  const row = await arm.service.database.reader
    .selectFrom('resources')
    .select('body')
    .where('key', '=', URL.toLowerCase())
    .executeTakeFirstOrThrow();
  return propertiesOf(JSON.parse(row.body) as JsonObject);
}

describe('create', () => {
  test('by name and key, or by a connection string; unseen until it is done [rec 9]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, CREDENTIAL);
    assert.match(pollUrl(accepted), new RegExp(`${URL}/operationResults/[0-9a-f-]{36}`));
    await arm.refused('get', URL, 404);
    await arm.advance(minutes(1));
    await arm.get(URL);
    await arm.done('put', `${DEVICE}/storageAccountCredentials/sac2`, BY_STRING);
  });
});

describe('read back', () => {
  test('everything but the secret, which is in no answer and not readable at rest', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const [body, secret] of [
      [CREDENTIAL, KEY],
      [BY_STRING, STRING],
    ] as const) {
      const accepted = await arm.accepted('put', URL, body);
      await arm.advance(minutes(1));
      const { accountKey: _key, connectionString: _text, ...rest } = propertiesOf(body);
      const shown = {
        properties: rest,
        id: URL,
        name: 'sac1',
        type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccountCredentials',
      };
      assert.deepEqual(await arm.get(URL), shown);
      assert.deepEqual(await arm.get(`${DEVICE}/storageAccountCredentials`), { value: [shown] });
      const polled = await arm.call('get', pollUrl(accepted));
      const journal = await arm.get(`/_edgetwin/journal?resource=${URL}`);
      assert.ok(!JSON.stringify([polled.body, polled.headers, journal]).includes(secret));
      const { reader } = arm.service.database;
      for (const table of ['resources', 'operations', 'appliances', 'journal'] as const) {
        const rows = JSON.stringify(await reader.selectFrom(table).selectAll().execute());
        assert.ok(!rows.includes(secret), table);
      }
    }
  });
});

describe('refuse', () => {
  test('neither way of signing in, and what the contract requires, all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const bare = changed(CREDENTIAL, { accountKey: undefined, userName: undefined, alias: '' });
    const { details } = await arm.refused('put', URL, 400, bare);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.accountKey',
      'properties.alias',
      'properties.userName',
    ]);
    const wrong = await arm.refused('put', URL, 400, { properties: { accountType: 'Files' } });
    assert.deepEqual(wrong.details?.map(({ target }) => target).sort(), [
      'properties.accountType',
      'properties.alias',
      'properties.sslStatus',
    ]);
  });

  test('a key for another device, without quoting it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accountKey = {
      value: Buffer.from('x'.repeat(384)).toString('base64'),
      encryptionCertThumbprint: '2A9D8D6BE51574B5461230AEF02F162C5F01AD31',
      encryptionAlgorithm: 'AES256',
    };
    const error = await arm.refused('put', URL, 400, changed(CREDENTIAL, { accountKey }));
    assert.equal(error.target, 'properties.accountKey');
    assert.ok(!JSON.stringify(error).includes(accountKey.value));
  });

  test('any on a machine that is not activated', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { code } = await arm.refused('put', URL, 400, CREDENTIAL);
    assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
  });
});

describe('change', () => {
  test('a GET’s body can be put back: the key stays; another way of signing in replaces it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, CREDENTIAL);
    const before = await storedOf(arm);
    assert.deepEqual(Object.keys(before.accountKey as object), ['sealed']);
    await arm.done('put', URL, await arm.get(URL));
    assert.deepEqual(await storedOf(arm), before);
    await arm.done('put', URL, BY_STRING);
    const after = await storedOf(arm);
    assert.equal(after.accountKey, undefined);
    assert.deepEqual(Object.keys(after.connectionString as object), ['sealed']);
  });
});

describe('remove', () => {
  test('202, then 204 and gone; again 204', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, CREDENTIAL);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
  });

  test('not while a share or a storage account tiers by it [ours]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const share = `${DEVICE}/shares/cameras`;
    const account = `${DEVICE}/storageAccounts/readings`;
    await arm.done('put', share, CLOUD_SHARE);
    const byShare = await arm.refused('delete', URL, 409);
    assert.equal(byShare.code, 'GatewayUserErrorEntityInUse');
    assert.match(byShare.message, /the share cameras/);
    await arm.done('put', account, STORAGE_ACCOUNT);
    await arm.done('delete', share);
    assert.match((await arm.refused('delete', URL, 409)).message, /the storage account readings/);
    await arm.done('delete', account);
    await arm.done('delete', URL);
  });
});
