/** What recordings of the real service show, value by value (arm-protocol §0.2): one test for each point of what is sent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  pathIn,
  pollUrl,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  changed,
  CLOUD_SHARE,
  CONTAINER,
  FILE_TRIGGER,
  IOT_ROLE,
  LOCAL_SHARE,
  ORDER,
  SCHEDULE,
  STORAGE_ACCOUNT,
} from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const PREFIX = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const VERSIONS = ['2019-08-01', '2021-02-01', '2023-12-01'];
const ROLE = `${DEVICE}/roles/iot`;

/** A device with one resource of every type below it. */
async function wholeDevice(arm: ArmClient): Promise<void> {
  await activeDeviceForClouds(arm);
  await arm.done('put', `${DEVICE}/orders/default`, ORDER);
  await arm.done('put', `${DEVICE}/bandwidthSchedules/nights`, SCHEDULE);
  await arm.done('put', `${DEVICE}/shares/cameras`, CLOUD_SHARE);
  await arm.done('put', `${DEVICE}/shares/data`, LOCAL_SHARE);
  await arm.done('put', `${DEVICE}/storageAccounts/edgeaccount`, STORAGE_ACCOUNT);
  await arm.done('put', `${DEVICE}/storageAccounts/edgeaccount/containers/readings`, CONTAINER);
  await arm.done('put', ROLE, IOT_ROLE);
  await arm.done('put', `${DEVICE}/triggers/counting`, FILE_TRIGGER);
  await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
  await arm.done('put', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1'));
  await arm.done('post', `${DEVICE}/scanForUpdates`);
}

test('issue 9, 1: the type of a child is always the whole one, in every api-version', async (t) => {
  const arm = await startService(t);
  await wholeDevice(arm);
  const collections = [
    ...['orders', 'users', 'storageAccountCredentials', 'shares', 'bandwidthSchedules', 'roles'],
    ...['triggers', 'alerts', 'nodes'],
  ];
  const later = ['storageAccounts', 'storageAccounts/edgeaccount/containers', 'roles/k8s/addons'];
  for (const version of VERSIONS) {
    for (const collection of [...collections, ...(version === '2019-08-01' ? [] : later)]) {
      const { value } = await arm.get(`${DEVICE}/${collection}?api-version=${version}`);
      const types = new Set((value as JsonObject[]).map(({ type }) => type));
      const segments = collection.split('/').filter((_, index) => index % 2 === 0);
      const isEmpty = collection === 'roles' && types.size === 0;
      assert.ok(!isEmpty, `${collection} in ${version}`);
      assert.deepEqual([...types], [`${PREFIX}/${segments.join('/')}`], version);
    }
  }
  for (const one of [
    ...['networkSettings', 'updateSummary', 'deviceCapacityInfo'],
    ...['diagnosticProactiveLogCollectionSettings', 'diagnosticRemoteSupportSettings'],
  ]) {
    assert.equal((await arm.get(`${DEVICE}/${one}/default`)).type, `${PREFIX}/${one}`);
  }
  const publishers = await arm.get(`${DEVICE}/publishers?api-version=2023-01-01-preview`);
  assert.equal((publishers.value as JsonObject[])[0]!.type, `${PREFIX}/publishers`);
});

describe('issue 9, 2: a share', () => {
  test('shows the monitoringStatus that was sent, and a description only where one was', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const url = `${DEVICE}/shares/data`;
    for (const monitoringStatus of ['Disabled', 'Enabled']) {
      await arm.done('put', url, changed(LOCAL_SHARE, { monitoringStatus }));
      for (const version of VERSIONS) {
        const shown = propertiesOf(await arm.get(`${url}?api-version=${version}`));
        assert.equal(shown.monitoringStatus, monitoringStatus, version);
        assert.ok(!('description' in shown), version);
      }
    }
    await arm.done('put', url, changed(LOCAL_SHARE, { description: '' }));
    assert.equal(propertiesOf(await arm.get(url)).description, '');
  });

  test('has in refreshDetails the last job of an earlier life of its name', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const url = `${DEVICE}/shares/cameras`;
    await arm.done('put', url, CLOUD_SHARE);
    await arm.done('post', `${url}/refresh`);
    const { refreshDetails: before } = propertiesOf(await arm.get(url));
    assert.match(JSON.stringify(before), /\/jobs\//);
    await arm.done('delete', url);
    await arm.done('put', `${DEVICE}/shares/doors`, CLOUD_SHARE);
    assert.deepEqual(propertiesOf(await arm.get(`${DEVICE}/shares/doors`)).refreshDetails, {});
    await arm.done('delete', `${DEVICE}/shares/doors`);
    await arm.done('put', url, CLOUD_SHARE);
    assert.deepEqual(propertiesOf(await arm.get(url)).refreshDetails, before);
  });
});

describe('issue 9, 3: roles', () => {
  test('an IOT role says what it runs on: the cluster and its agent, or a virtual machine', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    const alone = propertiesOf(await arm.get(ROLE));
    assert.equal(alone.hostPlatformType, 'LinuxVM');
    assert.ok(!('ioTEdgeAgentInfo' in alone) && !('computeResource' in alone));
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const onCluster = propertiesOf(await arm.get(`${ROLE}?api-version=2021-02-01`));
    assert.equal(onCluster.hostPlatformType, 'KubernetesCluster');
    assert.deepEqual(onCluster.ioTEdgeAgentInfo, {
      imageName: 'mcr.microsoft.com/azureiotedge-agent',
      tag: '1.0',
    });
    assert.deepEqual(onCluster.computeResource, { processorCount: 4, memoryInGB: 4 });
  });

  test('an IOT role is put and deleted like a share; a Kubernetes role by Azure-AsyncOperation', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const put = await arm.accepted('put', ROLE, IOT_ROLE);
    assert.equal(put.headers['azure-asyncoperation'], undefined);
    assert.equal(put.text, '');
    await arm.advance(minutes(10));
    const done = await arm.call('get', pollUrl(put));
    assert.deepEqual([done.status, done.text], [202, '']);
    assert.equal(pathIn(pollUrl(done)).split('?')[0], ROLE);
    const deletion = await arm.accepted('delete', ROLE);
    assert.equal(deletion.headers['azure-asyncoperation'], undefined);
    await arm.advance(minutes(10));
    assert.equal((await arm.call('get', pollUrl(deletion))).status, 204);
    const cluster = await arm.accepted('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    assert.equal(cluster.headers.location, undefined);
    assert.deepEqual(cluster.body, { status: 'InProgress' });
  });

  test('the built-in role names its subscription by registrationId, state and subscriptionId', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const role = await arm.get(`${DEVICE}/roles/CloudEdgeManagementRole`);
    const { subscription } = propertiesOf(role).edgeProfile as { subscription: JsonObject };
    assert.deepEqual(Object.keys(subscription), ['registrationId', 'state', 'subscriptionId']);
  });

  test('an entry of skus is exactly as recorded in 2019-08-01', async (t) => {
    const arm = await startService(t);
    const url = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/skus?api-version=2019-08-01`;
    const { value } = await arm.get(`${url}&$filter=location eq 'centraluseuap'`);
    const gateway = (value as JsonObject[]).find(({ name }) => name === 'Gateway');
    assert.deepEqual(gateway, {
      resourceType: 'dataBoxEdgeDevices',
      name: 'Gateway',
      locations: ['centraluseuap'],
      locationInfo: [{ location: 'centraluseuap', zones: [], zoneDetails: [] }],
      restrictions: [],
    });
  });
});

test('issue 9, 4: CR LF follows the full stop of an entity that could not be found at once', async (t) => {
  const arm = await startService(t);
  await arm.device();
  for (const url of [`${DEVICE}/shares/ps5199`, `${DEVICE}/orders/default`]) {
    const { code, message } = await arm.refused('get', url, 404);
    const name = url.split('/').at(-1) ?? '';
    assert.equal(code, 'GatewayUserErrorEntityNotFound');
    assert.equal(
      message,
      `Could not find the entity ${name}.\r\nProvide a valid entity name and retry the operation.`,
    );
  }
});

describe('issue 9, 5: the values of an era', () => {
  const remaining = (headers: unknown): Record<string, string> =>
    Object.fromEntries(
      Object.entries(headers as Record<string, string>)
        .filter(([name]) => name.startsWith('x-ms-ratelimit-remaining-subscription-'))
        .map(([name, value]) => [
          name.slice('x-ms-ratelimit-remaining-subscription-'.length),
          value,
        ]),
    );
  const eras: [
    era: string,
    environment: Record<string, string>,
    retry: string,
    counters: object,
  ][] = [
    [
      '2025, which is the default',
      {},
      '5',
      {
        get: { reads: '1099', 'global-reads': '16499' },
        put: { writes: '799', 'global-writes': '11999' },
        delete: { deletes: '799', 'global-deletes': '11999' },
      },
    ],
    [
      '2021',
      { EDGETWIN_ERA: '2021' },
      '30',
      { get: { reads: '11999' }, put: { writes: '1199' }, delete: { deletes: '14999' } },
    ],
  ];
  for (const [era, environment, retry, counters] of eras) {
    test(era, async (t) => {
      const arm = await startService(t, environment);
      await arm.activeDevice();
      await arm.put('/_edgetwin/clock', { rate: 1, frozen: false });
      const url = `${DEVICE}/shares/data`;
      const put = await arm.accepted('put', url, LOCAL_SHARE);
      assert.equal(put.headers['retry-after'], retry);
      const found = {
        get: remaining((await arm.call('get', DEVICE)).headers),
        put: remaining(put.headers),
        delete: remaining((await arm.call('delete', `${DEVICE}/shares/none`)).headers),
      };
      assert.deepEqual(found, counters);
    });
  }

  test('an order that is not there is deleted with 204', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.equal((await arm.call('delete', `${DEVICE}/orders/default`)).status, 204);
  });

  test('orders of the hardware center are refused over ARM and placed by control', async (t) => {
    const arm = await startService(t, { EDGETWIN_ORDERS: 'hardware-center' });
    await arm.device();
    const url = `${DEVICE}/orders/default`;
    const { code, message } = await arm.refused('put', url, 405, ORDER);
    assert.equal(code, 'GatewayUserErrorOrderingPutNotSupported');
    assert.equal(
      message,
      'Create or Update order is not supported. For creation of a new order use the Azure Edge Hardware Center.',
    );
    const wrong = await arm.refused('post', '/_edgetwin/orders', 400, {
      resource: DEVICE,
      properties: {},
    });
    assert.equal(wrong.target, 'properties.contactInformation');
    await arm.post('/_edgetwin/orders', { resource: DEVICE, ...ORDER }, 202);
    await arm.advance(minutes(5));
    const shown = propertiesOf(await arm.get(url));
    assert.deepEqual(shown.contactInformation, ORDER.properties.contactInformation);
  });

  test('a device in westus2 is accepted, and in the regions of EDGETWIN_LOCATIONS', async (t) => {
    const arm = await startService(t, { EDGETWIN_LOCATIONS: 'westus3, Sweden Central' });
    await arm.call('put', `${GROUP}?api-version=2021-04-01`, { location: 'eastus' });
    for (const location of ['westus2', 'West US 3', 'swedencentral']) {
      const url = `${GROUP}/providers/${PREFIX}/in-${location.toLowerCase().replaceAll(' ', '')}`;
      const { location: shown } = await arm.put(url, { location, sku: { name: 'Gateway' } });
      assert.equal(shown, location.toLowerCase().replaceAll(' ', ''));
    }
    const { message } = await arm.refused('put', `${GROUP}/providers/${PREFIX}/lost`, 400, {
      location: 'norwayeast',
    });
    assert.match(message, /westus2,.*westus3,swedencentral/);
  });
});

describe('issue 9, 6: enum words are read as .NET reads them', () => {
  const url = `${DEVICE}/bandwidthSchedules/days`;
  const accepted: [sent: string[], shown: string[]][] = [
    [['Sunday,Saturday'], ['Saturday']],
    [
      [' monday ', 'TUESDAY'],
      ['Monday', 'Tuesday'],
    ],
    [['Monday, Wednesday'], ['Wednesday']],
    [
      ['Monday,Tuesday', 'Friday'],
      ['Wednesday', 'Friday'],
    ],
  ];
  for (const [days, shown] of accepted) {
    test(`${JSON.stringify(days)} is shown as ${JSON.stringify(shown)}`, async (t) => {
      const arm = await startService(t);
      await arm.activeDevice();
      await arm.done('put', url, changed(SCHEDULE, { days }));
      assert.deepEqual(propertiesOf(await arm.get(url)).days, shown);
    });
  }

  test('or-ed words that are no member, and words that are none, are refused', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const day of ['Friday,Saturday', 'Sunday,Noday', ',', 'Sunday,']) {
      const { target } = await arm.refused('put', url, 400, changed(SCHEDULE, { days: [day] }));
      assert.equal(target, 'properties.days[0]', day);
    }
  });

  test('in single values, and in the kind of a role, too', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const share = changed(LOCAL_SHARE, { accessProtocol: ' nfs ', monitoringStatus: 'ENABLED' });
    await arm.done('put', `${DEVICE}/shares/data`, share);
    const shown = propertiesOf(await arm.get(`${DEVICE}/shares/data`));
    assert.deepEqual([shown.accessProtocol, shown.monitoringStatus], ['NFS', 'Enabled']);
    await arm.done('put', ROLE, { ...IOT_ROLE, kind: ' iot ' });
    assert.equal((await arm.get(ROLE)).kind, 'IOT');
  });
});

describe('issue 9, 7: the last 202 of a PUT', () => {
  const url = `${DEVICE}/bandwidthSchedules/nights`;

  test('has no Retry-After at rate 1, as recorded', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const put = await arm.accepted('put', url, SCHEDULE);
    await arm.advance(minutes(5));
    await arm.put('/_edgetwin/clock', { rate: 1, frozen: false });
    assert.equal((await arm.call('get', pollUrl(put))).headers['retry-after'], undefined);
  });

  test('says at any other rate what 30 simulated seconds are, at least one', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const put = await arm.accepted('put', url, SCHEDULE);
    await arm.advance(minutes(5));
    for (const [rate, retry] of [
      [60, '1'],
      [10, '3'],
      [0.5, '60'],
    ] as const) {
      await arm.put('/_edgetwin/clock', { rate, frozen: false });
      assert.equal((await arm.call('get', pollUrl(put))).headers['retry-after'], retry, `${rate}`);
    }
  });
});
