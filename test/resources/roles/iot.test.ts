import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  DEVICE,
  KUBERNETES_ROLE,
  pathIn,
  pollUrl,
  propertiesOf,
} from '../../support/arm-client.ts';
import { changed, CONNECTION, IOT_ROLE, LOCAL_SHARE } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const URL = `${DEVICE}/roles/iot`;
const AUTHENTICATION = { symmetricKey: {} };
const SHARE = `${DEVICE}/shares/data`;

/** What a GET shows of `IOT_ROLE`. */
const SHOWN = {
  hostPlatform: 'Linux',
  ioTDeviceDetails: {
    deviceId: 'device',
    ioTHostHub: 'hub.azure-devices.net',
    authentication: AUTHENTICATION,
  },
  ioTEdgeDeviceDetails: {
    deviceId: 'edge',
    ioTHostHub: 'hub.azure-devices.net',
    authentication: AUTHENTICATION,
  },
  shareMappings: [],
  roleStatus: 'Enabled',
};

describe('create', () => {
  test('as a share is: Location, an empty body, and nothing to be seen before its end [rec]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, IOT_ROLE);
    assert.equal(accepted.text, '');
    await arm.refused('get', URL, 404);
    await arm.advance(minutes(1));
    const running = await arm.call('get', pollUrl(accepted));
    assert.equal(pathIn(pollUrl(running)), pathIn(pollUrl(accepted)));
    await arm.advance(minutes(4));
    const done = await arm.call('get', pollUrl(accepted));
    assert.equal(pathIn(pollUrl(done)), `${URL}?api-version=2023-12-01`);
    const { configuredRoleTypes } = propertiesOf(await arm.get(DEVICE));
    assert.deepEqual(configuredRoleTypes, ['CloudEdgeManagement', 'IOT']);
  });

  test('not on the virtual device', async (t) => {
    const arm = await startService(t);
    const gateway = DEVICE.replace('edge1', 'gateway1');
    await arm.activeDevice({ sku: { name: 'Gateway' } }, gateway);
    const { code } = await arm.refused('put', `${gateway}/roles/iot`, 400, IOT_ROLE);
    assert.equal(code, 'GatewayUserErrorNotSupported');
  });
});

describe('read back', () => {
  test('as the example shows it: of the keys their place alone [S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, IOT_ROLE);
    const shown = await arm.get(`${URL}?api-version=2019-08-01`);
    assert.deepEqual(shown, {
      kind: 'IOT',
      properties: SHOWN,
      id: URL,
      name: 'iot',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles',
    });
    const newer = propertiesOf(await arm.get(URL));
    assert.deepEqual(newer, { ...SHOWN, hostPlatformType: 'LinuxVM' });
    const { reader } = arm.service.database;
    for (const table of ['resources', 'operations', 'appliances', 'journal'] as const) {
      const rows = JSON.stringify(await reader.selectFrom(table).selectAll().execute());
      assert.ok(!rows.includes(CONNECTION), table);
    }
  });

  test('an agent of one’s own comes back without its password, from 2020-09-01 on', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const imageRepository = { imageRepositoryUrl: 'acr.azurecr.io', userName: 'acr' };
    const agent = { imageName: 'agent', tag: '1.1' };
    const password = { value: CONNECTION, encryptionAlgorithm: 'None' };
    const body = changed(IOT_ROLE, {
      ioTEdgeAgentInfo: { ...agent, imageRepository: { ...imageRepository, password } },
      computeResource: { processorCount: 4, memoryInGB: 8 },
    });
    await arm.done('put', URL, body);
    const shown = propertiesOf(await arm.get(URL));
    assert.deepEqual(shown.ioTEdgeAgentInfo, { ...agent, imageRepository });
    assert.deepEqual(shown.computeResource, { processorCount: 4, memoryInGB: 8 });
    const older = propertiesOf(await arm.get(`${URL}?api-version=2019-08-01`));
    assert.deepEqual(older, SHOWN);
  });
});

describe('refuse', () => {
  test('what it must say, all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { details } = await arm.refused('put', URL, 400, { kind: 'iot', properties: {} });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.hostPlatform',
      'properties.ioTDeviceDetails',
      'properties.ioTEdgeDeviceDetails',
      'properties.roleStatus',
    ]);
    const alone = await arm.refused('put', URL, 400, { kind: 'IOT' });
    assert.deepEqual(
      alone.details?.map(({ target }) => target),
      details.map(({ target }) => target),
    );
    const wrong = changed(IOT_ROLE, {
      hostPlatform: 'Windows',
      ioTDeviceDetails: { deviceId: '', ioTHostHub: 'hub' },
      shareMappings: [{ shareId: SHARE }],
    });
    const faults = await arm.refused('put', URL, 400, wrong);
    assert.deepEqual(faults.details?.map(({ target }) => target).sort(), [
      'properties.hostPlatform',
      'properties.ioTDeviceDetails.deviceId',
      'properties.shareMappings[0].shareId',
    ]);
  });

  test('a second one; one under the cluster’s name, and a cluster under its name', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, IOT_ROLE);
    const { code } = await arm.refused('put', `${DEVICE}/roles/iot2`, 400, IOT_ROLE);
    assert.equal(code, 'GatewayUserErrorEntityAlreadyExists');
    assert.equal((await arm.refused('put', URL, 400, KUBERNETES_ROLE)).target, 'kind');
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const other = await arm.refused('put', `${DEVICE}/roles/k8s`, 400, IOT_ROLE);
    assert.equal(other.target, 'kind');
  });
});

describe('change', () => {
  test('a GET’s body can be put back; the keys stay', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, IOT_ROLE);
    const stored = async (): Promise<unknown> => {
      const { body } = await arm.service.database.reader
        .selectFrom('resources')
        .select('body')
        .where('key', '=', URL.toLowerCase())
        .executeTakeFirstOrThrow();
      return propertiesOf(JSON.parse(body) as JsonObject);
    };
    const before = await stored();
    await arm.done('put', URL, await arm.get(URL));
    const { hostPlatformType: _shown, ...after } = (await stored()) as JsonObject;
    assert.deepEqual(after, before);
  });

  test('shares are mounted and unmounted; a mounted one is not deleted', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', SHARE, LOCAL_SHARE);
    await arm.done('put', URL, IOT_ROLE);
    const mounting = changed(IOT_ROLE, { shareMappings: [{ shareId: SHARE }] });
    await arm.accepted('put', URL, mounting);
    await arm.advance(seconds(90));
    assert.deepEqual(propertiesOf(await arm.get(URL)).shareMappings, [], 'a few minutes (aks)');
    const meanwhile = await arm.refused('delete', SHARE, 409);
    assert.equal(meanwhile.code, 'GatewayUserErrorEntityInUse');
    await arm.advance(minutes(5));
    const mapping = {
      shareId: SHARE,
      roleId: URL,
      mountPoint: '/home/hcsshares/data',
      mountType: 'HostPath',
      roleType: 'IOT',
    };
    assert.deepEqual(propertiesOf(await arm.get(URL)).shareMappings, [mapping]);
    assert.deepEqual(propertiesOf(await arm.get(SHARE)).shareMappings, [mapping]);
    assert.match((await arm.refused('delete', SHARE, 409)).message, /the role iot/);
    await arm.done('put', URL, await arm.get(URL));
    assert.deepEqual(propertiesOf(await arm.get(URL)).shareMappings, [mapping]);
    await arm.done('put', URL, IOT_ROLE);
    assert.deepEqual(propertiesOf(await arm.get(SHARE)).shareMappings, []);
    await arm.done('delete', SHARE);
  });
});

describe('remove', () => {
  test('it goes in a minute or so; again 204', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, IOT_ROLE);
    await arm.done('delete', URL, undefined, minutes(3));
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('put', `${DEVICE}/roles/iot2`, IOT_ROLE);
  });
});
