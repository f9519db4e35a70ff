import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ArmClient } from '../../support/arm-client.ts';
import { DEVICE, KUBERNETES_ROLE, propertiesOf } from '../../support/arm-client.ts';
import {
  changed,
  CONNECTION,
  IOT_ADDON,
  LOCAL_SHARE,
  TIMER_TRIGGER,
} from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const ROLE = `${DEVICE}/roles/k8s`;
const URL = `${ROLE}/addons/iot`;

async function cluster(arm: ArmClient): Promise<void> {
  await arm.activeDevice();
  await arm.done('put', ROLE, KUBERNETES_ROLE);
}

describe('create', () => {
  test('is seen at once as Creating, and Created some minutes later', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.accepted('put', URL, IOT_ADDON);
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Creating');
    await arm.advance(minutes(5));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Created');
  });
});

describe('read back', () => {
  test('with what the machine brings, and of the keys their place alone', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, IOT_ADDON);
    const shown = await arm.get(URL);
    const authentication = { symmetricKey: {} };
    const ioTHostHub = 'hub.azure-devices.net';
    assert.deepEqual(shown, {
      kind: 'IotEdge',
      properties: {
        ioTDeviceDetails: { deviceId: 'device', ioTHostHub, authentication },
        ioTEdgeDeviceDetails: { deviceId: 'edge', ioTHostHub, authentication },
        version: '0.1.0-beta10',
        hostPlatform: 'Linux',
        hostPlatformType: 'KubernetesCluster',
        provisioningState: 'Created',
      },
      id: URL,
      name: 'iot',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/addons',
    });
    const rows = await arm.service.database.reader.selectFrom('resources').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(CONNECTION));
  });

  test('three previews did not have it', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, IOT_ADDON);
    await arm.get(`${URL}?api-version=2020-09-01`);
    await arm.get(`${URL}?api-version=2022-03-01`);
    const preview = `${URL}?api-version=2022-04-01-preview`;
    await arm.refused('get', preview, 404);
    assert.equal((await arm.refused('put', preview, 400, IOT_ADDON)).target, 'kind');
    const list = await arm.get(`${ROLE}/addons?api-version=2023-01-01-preview`);
    assert.deepEqual(list, { value: [] });
  });
});

describe('refuse', () => {
  test('what is required, all at once; without its cluster; a second one', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    const { details } = await arm.refused('put', URL, 400, { kind: 'iotedge', properties: {} });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.ioTDeviceDetails',
      'properties.ioTEdgeDeviceDetails',
    ]);
    await arm.done('put', URL, IOT_ADDON);
    const second = await arm.refused('put', `${ROLE}/addons/iot2`, 400, IOT_ADDON);
    assert.equal(second.code, 'GatewayUserErrorEntityAlreadyExists');
    assert.equal((await arm.refused('delete', ROLE, 409)).code, 'GatewayUserErrorRoleHasAddons');
    const builtIn = `${DEVICE}/roles/CloudEdgeManagementRole/addons/iot`;
    await arm.refused('put', builtIn, 400, IOT_ADDON);
  });
});

describe('change', () => {
  test('a GET’s body can be put back at once; the keys stay', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, IOT_ADDON);
    const before = await arm.get(URL);
    await arm.done('put', URL, before, seconds(1));
    assert.deepEqual(await arm.get(URL), before);
    const details = IOT_ADDON.properties.ioTDeviceDetails;
    const other = changed(IOT_ADDON, { ioTDeviceDetails: { ...details, deviceId: 'other' } });
    await arm.done('put', URL, other, seconds(1));
    const { ioTDeviceDetails } = propertiesOf(await arm.get(URL));
    assert.equal((ioTDeviceDetails as JsonObject).deviceId, 'other');
  });
});

describe('remove', () => {
  test('Deleting meanwhile; not while a trigger wants its modules [ours]', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.accepted('put', `${DEVICE}/shares/data`, LOCAL_SHARE);
    await arm.done('put', URL, IOT_ADDON);
    const trigger = `${DEVICE}/triggers/hourly`;
    await arm.done('put', trigger, changed(TIMER_TRIGGER, { sinkInfo: { roleId: ROLE } }));
    assert.equal((await arm.refused('delete', URL, 409)).code, 'GatewayUserErrorEntityInUse');
    await arm.done('delete', trigger);
    await arm.accepted('delete', URL);
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Deleting');
    await arm.advance(minutes(3));
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('delete', ROLE);
  });
});
