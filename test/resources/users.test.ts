import assert from 'node:assert/strict';
import {
  constants,
  createDecipheriv,
  pbkdf2Sync,
  publicEncrypt,
  X509Certificate,
} from 'node:crypto';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ArmClient } from '../support/arm-client.ts';
import { DEVICE, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import { activeDeviceForClouds, changed, CLOUD_SHARE, PASSWORD, USER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/users/anna`;

/** A secret as the SDK makes one (appliance.md §2.2): the certificate under the channel integrity key, then RSA. */
async function encryptedFor(arm: ArmClient, device: string, secret: string): Promise<JsonObject> {
  const { properties } = await arm.post(`${device}/getExtendedInformation`);
  const { encryptionKey, encryptionKeyThumbprint } = properties as Record<string, string>;
  const { channelIntegrityKey } = await arm.get(
    `/_edgetwin/appliances/channelIntegrityKey?resource=${device}`,
  );
  const sealed = Buffer.from(encryptionKey ?? '', 'base64');
  const end = 4 + sealed.readInt32LE(0);
  const key = pbkdf2Sync(textOf(channelIntegrityKey), 'o6806642kbM7c5', 1000, 32, 'sha1');
  const decipher = createDecipheriv('aes-256-cbc', key, sealed.subarray(4, end));
  const opened = Buffer.concat([decipher.update(sealed.subarray(end)), decipher.final()]);
  const certificate = new X509Certificate(Buffer.from(opened.toString('utf8'), 'base64'));
  const value = publicEncrypt(
    { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(secret, 'utf8'),
  ).toString('base64');
  return {
    value,
    encryptionCertThumbprint: encryptionKeyThumbprint ?? '',
    encryptionAlgorithm: 'AES256',
  };
}

describe('create', () => {
  test('with a password encrypted as the SDK does it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const encryptedPassword = await encryptedFor(arm, DEVICE, PASSWORD);
    await arm.done('put', URL, changed(USER, { encryptedPassword }));
    assert.equal(propertiesOf(await arm.get(URL)).userType, 'Share');
  });

  test('unseen until it is done; in the clear with algorithm None [S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, USER);
    await arm.refused('get', URL, 404);
    assert.deepEqual(await arm.get(`${DEVICE}/users`), { value: [] });
  });
});

describe('read back', () => {
  test('nothing but the type [S]: the password is in no answer and not readable at rest', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, USER);
    await arm.advance(minutes(1));
    const shown = {
      properties: { userType: 'Share' },
      id: URL,
      name: 'anna',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users',
    };
    assert.deepEqual(await arm.get(URL), shown);
    assert.deepEqual(await arm.get(`${DEVICE}/users`), { value: [shown] });
    const polled = await arm.call('get', pollUrl(accepted));
    const journal = await arm.get(`/_edgetwin/journal?resource=${URL}`);
    assert.ok(!JSON.stringify([polled.body, polled.headers, journal]).includes(PASSWORD));
    const { reader } = arm.service.database;
    for (const table of ['resources', 'operations', 'appliances', 'journal', 'secrets'] as const) {
      const rows = JSON.stringify(await reader.selectFrom(table).selectAll().execute());
      assert.ok(!rows.includes(PASSWORD), table);
    }
  });
});

describe('list', () => {
  test('by type; 2020-09-01 calls the filter `$expand` [S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, USER);
    await arm.done('put', `${DEVICE}/users/root`, changed(USER, { userType: 'LocalManagement' }));
    const listed = async (query: string): Promise<string[]> => {
      const { value } = await arm.get(`${DEVICE}/users?${query}`);
      return (value as { name: string }[]).map(({ name }) => name);
    };
    const filter = encodeURIComponent('Type eq LocalManagement');
    assert.deepEqual(await listed(`$filter=${filter}`), ['root']);
    assert.deepEqual(await listed(`$filter=${filter}&api-version=2019-08-01`), ['root']);
    assert.deepEqual(await listed(`$expand=${filter}&api-version=2020-09-01`), ['root']);
    assert.deepEqual(await listed(`$expand=${filter}`), ['anna', 'root']);
    assert.deepEqual(await listed("$filter=type eq 'share'"), ['anna']);
    const { target } = await arm.refused('get', `${DEVICE}/users?$filter=Share`, 400);
    assert.equal(target, '$filter');
  });
});

describe('access rights', () => {
  const share = `${DEVICE}/shares/cameras`;

  test('follow from the shares, and hold the user there [ours]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    assert.ok(!('shareAccessRights' in propertiesOf(await arm.get(URL))));
    await arm.done('put', share, CLOUD_SHARE);
    const rights = [{ shareId: share, accessType: 'Change' }];
    assert.deepEqual(propertiesOf(await arm.get(URL)).shareAccessRights, rights);
    const { code, message } = await arm.refused('delete', URL, 409);
    assert.equal(code, 'GatewayUserErrorEntityInUse');
    assert.match(message, /the share cameras/);
    await arm.done('delete', share);
    await arm.done('delete', URL);
  });

  test('are not taken from a client, not even where the contract let it write them', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const shareAccessRights = [{ shareId: share, accessType: 'Change' }];
    const body = changed(USER, { shareAccessRights });
    for (const version of ['2019-08-01', '2023-12-01']) {
      await arm.done('put', `${URL}?api-version=${version}`, body);
      assert.ok(!('shareAccessRights' in propertiesOf(await arm.get(URL))), version);
    }
  });
});

describe('refuse', () => {
  test('a new user without a password, a wrong type, half a secret: all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const none = await arm.refused(
      'put',
      URL,
      400,
      changed(USER, { encryptedPassword: undefined }),
    );
    assert.equal(none.target, 'properties.encryptedPassword');
    const wrong = { userType: 'Guest', encryptedPassword: { value: PASSWORD } };
    const { details } = await arm.refused('put', URL, 400, { properties: wrong });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.encryptedPassword.encryptionAlgorithm',
      'properties.userType',
    ]);
  });

  test('a secret for another device, and one that cannot be opened, without quoting it', async (t) => {
    const arm = await startService(t);
    const other = DEVICE.replace('edge1', 'edge2');
    await arm.activeDevice();
    await arm.activeDevice({}, other);
    const foreign = await encryptedFor(arm, other, PASSWORD);
    const garbled = { ...foreign, encryptionCertThumbprint: '' };
    for (const encryptedPassword of [foreign, garbled, { ...garbled, value: '%%%' }]) {
      const error = await arm.refused('put', URL, 400, changed(USER, { encryptedPassword }));
      assert.equal(error.target, 'properties.encryptedPassword');
      assert.ok(!JSON.stringify(error).includes(textOf(foreign.value)));
    }
  });

  test('reserved names, in any casing, and any name before activation', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('put', URL, 400, USER);
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    for (const name of ['Administrator', 'edgeuser', 'GUEST', 'CLIUSR']) {
      const { code } = await arm.refused('put', `${DEVICE}/users/${name}`, 400, USER);
      assert.equal(code, 'GatewayUserErrorReservedName', name);
    }
  });

  test('a user without a type, but in 2020-09-01, where it is one for shares', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const open = changed(USER, { userType: undefined });
    for (const version of ['2019-08-01', '2020-12-01', '2023-12-01']) {
      const { target } = await arm.refused('put', `${URL}?api-version=${version}`, 400, open);
      assert.equal(target, 'properties.userType', version);
    }
    await arm.done('put', `${URL}?api-version=2020-09-01`, open);
    assert.equal(propertiesOf(await arm.get(URL)).userType, 'Share');
  });
});

describe('change', () => {
  test('a GET’s body can be put back: without a password the old one is kept [ours]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, USER);
    const sealed = async (): Promise<unknown> => {
      const { reader } = arm.service.database;
      const row = await reader
        .selectFrom('resources')
        .select('body')
        .where('key', '=', URL.toLowerCase())
        .executeTakeFirstOrThrow();
      return (JSON.parse(row.body) as typeof USER).properties;
    };
    const before = await sealed();
    await arm.done('put', URL, await arm.get(URL));
    assert.deepEqual(await sealed(), before);
  });

  test('the type can change', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, USER);
    await arm.done('put', URL, changed(USER, { userType: 'localmanagement' }));
    assert.equal(propertiesOf(await arm.get(URL)).userType, 'LocalManagement');
  });
});

describe('remove', () => {
  test('202, then 204 and gone; again 204', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, USER);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
  });
});
