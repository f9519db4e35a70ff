import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  pathIn,
  pollUrl,
  propertiesOf,
} from '../../support/arm-client.ts';
import { changed } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const URL = `${DEVICE}/roles/k8s`;

interface Kubernetes {
  kubernetesClusterInfo: {
    version: string;
    etcdInfo?: JsonObject;
    nodes?: { name: string; type: string; ipConfiguration: object[] }[];
  };
  kubernetesRoleResources: {
    compute: { vmProfile: string; memoryInBytes?: number; processorCount?: number };
    network?: { cniConfig: JsonObject; loadBalancerConfig: { type: string; ipRange?: Json } };
    storage: { storageClasses?: object[] };
  };
}
const kubernetesOf = (role: JsonObject): Kubernetes => propertiesOf(role) as unknown as Kubernetes;
const nodeTypesOf = (role: JsonObject): string[] =>
  (kubernetesOf(role).kubernetesClusterInfo.nodes ?? []).map(({ type }) => type);

describe('create', () => {
  test('202 with Azure-AsyncOperation alone, on operationResults, and a body [rec 16]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, KUBERNETES_ROLE);
    const poll = pathIn(accepted.headers['azure-asyncoperation'] ?? '');
    assert.match(
      poll,
      new RegExp(`^${URL}/operationResults/[0-9a-f-]{36}\\?api-version=2023-12-01$`),
    );
    assert.equal(accepted.headers.location, undefined);
    assert.deepEqual(accepted.body, { status: 'InProgress' });
    const running = await arm.call('get', poll);
    assert.deepEqual([running.status, running.body], [200, { status: 'InProgress' }]);
    await arm.advance(minutes(40));
    const done = await arm.call('get', poll);
    assert.deepEqual([done.status, done.body], [200, { status: 'Succeeded' }]);
  });

  test('it is seen at once as Creating; the nodes appear over twenty to thirty minutes', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, KUBERNETES_ROLE);
    await arm.advance(seconds(1));
    const early = await arm.get(URL);
    assert.equal(propertiesOf(early).provisioningState, 'Creating');
    assert.deepEqual(nodeTypesOf(early), []);
    const { value } = await arm.get(`${DEVICE}/roles`);
    assert.ok((value as JsonObject[]).some(({ name }) => name === 'k8s'));
    await arm.advance(minutes(9));
    assert.deepEqual(nodeTypesOf(await arm.get(URL)), ['Master']);
    await arm.advance(minutes(10));
    const late = await arm.get(URL);
    assert.deepEqual(nodeTypesOf(late), ['Master', 'Worker']);
    assert.equal(propertiesOf(late).provisioningState, 'Creating');
    await arm.advance(minutes(11));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Created');
  });
});

describe('read back', () => {
  test('the cluster as the machine made it: its own version, nodes, sizes and network', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    const role = await arm.get(URL);
    assert.deepEqual(
      [role.kind, role.id, role.name, role.type],
      ['Kubernetes', URL, 'k8s', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles'],
    );
    const common = propertiesOf(role);
    assert.deepEqual(
      [common.hostPlatform, common.hostPlatformType, common.roleStatus],
      ['Linux', 'KubernetesCluster', 'Enabled'],
    );
    const { kubernetesClusterInfo: info, kubernetesRoleResources: made } = kubernetesOf(role);
    assert.match(info.version, /^v1\.\d+\.\d+$/);
    assert.notEqual(info.version, KUBERNETES_ROLE.properties.kubernetesClusterInfo.version);
    assert.equal(info.etcdInfo?.type, 'External');
    assert.ok(info.nodes?.every(({ ipConfiguration }) => ipConfiguration.length === 1));
    assert.equal(made.compute.vmProfile, 'DS1_v2');
    assert.deepEqual(
      [made.compute.processorCount, made.compute.memoryInBytes],
      [Math.floor(40 * 0.3), 32 * 1024 ** 3],
      '30 % of the cores, 25 % of the memory',
    );
    assert.notEqual(made.network?.loadBalancerConfig.type, undefined);
    assert.ok((made.storage.storageClasses ?? []).length > 0);
    const { value } = await arm.get(`${DEVICE}/roles`);
    assert.deepEqual(
      (value as JsonObject[]).filter(({ name }) => name === 'k8s'),
      [role],
    );
    const device = propertiesOf(await arm.get(DEVICE));
    assert.deepEqual(device.configuredRoleTypes, ['CloudEdgeManagement', 'Kubernetes']);
  });

  test('two nodes have a worker each', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ tags: { 'edgetwin-nodes': '2' } });
    await arm.done('put', URL, KUBERNETES_ROLE);
    assert.deepEqual(nodeTypesOf(await arm.get(URL)), ['Master', 'Worker', 'Worker']);
  });

  test('the addresses of the load balancer are shown from 2023-12-01 on', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    const rangeIn = async (version: string): Promise<Json | undefined> =>
      kubernetesOf(await arm.get(`${URL}?api-version=${version}`)).kubernetesRoleResources.network
        ?.loadBalancerConfig.ipRange;
    assert.notEqual(await rangeIn('2023-12-01'), undefined);
    assert.equal(await rangeIn('2023-07-01'), undefined);
  });
});

describe('refuse', () => {
  test('kinds that are not served, and none', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    // In the contract's enum, without a model.
    for (const kind of ['Cognitive', 'constructor', '__proto__', '']) {
      const { target } = await arm.refused('put', URL, 400, { ...KUBERNETES_ROLE, kind });
      assert.equal(target, 'kind', kind);
    }
    for (const kind of [undefined, null, 7, ['Kubernetes']]) {
      const body = { ...KUBERNETES_ROLE, kind } as unknown as Json;
      assert.equal((await arm.refused('put', URL, 400, body)).target, 'kind');
    }
  });

  test('what a role must say, all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { details } = await arm.refused('put', URL, 400, { kind: 'kubernetes', properties: {} });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.hostPlatform',
      'properties.kubernetesClusterInfo',
      'properties.kubernetesRoleResources',
      'properties.roleStatus',
    ]);
    const windows = changed(KUBERNETES_ROLE, { hostPlatform: 'Windows' });
    assert.equal((await arm.refused('put', URL, 400, windows)).target, 'properties.hostPlatform');
  });

  test('a device that is not activated, one that has no Kubernetes, and an old release', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('put', URL, 400, KUBERNETES_ROLE);
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    const gateway = DEVICE.replace('edge1', 'gateway1');
    await arm.activeDevice({ sku: { name: 'Gateway' } }, gateway);
    const none = await arm.refused('put', `${gateway}/roles/k8s`, 400, KUBERNETES_ROLE);
    assert.equal(none.code, 'GatewayUserErrorNotSupported');
    const old = DEVICE.replace('edge1', 'old1');
    await arm.activeDevice({ tags: { 'edgetwin-release': '2101' } }, old);
    const release = await arm.refused('put', `${old}/roles/k8s`, 400, KUBERNETES_ROLE);
    assert.equal(release.code, 'GatewayUserErrorNotSupported');
    await arm.refused('get', `${old}/roles/k8s`, 404);
  });

  test('a second cluster, and a second write while the first runs', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, KUBERNETES_ROLE);
    const again = await arm.call('put', URL, KUBERNETES_ROLE);
    assert.equal(again.status, 409);
    assert.equal(again.headers['retry-after'], undefined, 'clients retry what has one (§4.3)');
    await arm.refused('delete', URL, 409);
    await arm.advance(minutes(40));
    const other = await arm.refused('put', `${DEVICE}/roles/second`, 400, KUBERNETES_ROLE);
    assert.equal(other.code, 'GatewayUserErrorEntityAlreadyExists');
    await arm.refused('get', `${DEVICE}/roles/second`, 404);
  });
});

describe('change', () => {
  test('the status; the cluster stays, and says Reconfiguring meanwhile', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    const before = kubernetesOf(await arm.get(URL));
    await arm.accepted('put', URL, changed(KUBERNETES_ROLE, { roleStatus: 'disabled' }));
    await arm.advance(seconds(1));
    const during = propertiesOf(await arm.get(URL));
    assert.deepEqual([during.provisioningState, during.roleStatus], ['Reconfiguring', 'Enabled']);
    await arm.advance(minutes(2));
    const after = await arm.get(URL);
    assert.equal(propertiesOf(after).roleStatus, 'Disabled');
    assert.deepEqual(kubernetesOf(after).kubernetesClusterInfo, before.kubernetesClusterInfo);
  });

  test('the body of a GET can be put back', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
  });
});

describe('remove', () => {
  test('202 with Azure-AsyncOperation; Deleting until it is gone; another one can follow', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    const accepted = await arm.accepted('delete', URL);
    assert.deepEqual(accepted.body, { status: 'InProgress' });
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Deleting');
    await arm.advance(minutes(10));
    assert.deepEqual((await arm.call('get', pollUrl(accepted))).body, { status: 'Succeeded' });
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('put', `${DEVICE}/roles/second`, KUBERNETES_ROLE);
  });

  test('not while it has an addon, whatever that addon is about', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    await arm.accepted('put', `${URL}/addons/arc`, arcAddon('arc1'));
    const { code, message } = await arm.refused('delete', URL, 409);
    assert.equal(code, 'GatewayUserErrorRoleHasAddons');
    assert.match(message, /'arc'/);
  });
});

describe('a role whose cluster could not be made', () => {
  test('stays as Failed, can be put again, and deleted', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, KUBERNETES_ROLE);
    await arm.done('delete', DEVICE);
    assert.equal((await arm.refused('get', URL, 404)).code, 'ParentResourceNotFound');
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    await arm.done('delete', URL);
  });
});

test('tried, B12: a kind alone is a role where it needs nothing more, else it says what it needs', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  for (const kind of ['MEC', 'CloudEdgeManagement']) {
    const url = `${DEVICE}/roles/${kind.toLowerCase()}-alone`;
    const answer = await arm.call('put', url, { kind });
    if (kind === 'MEC') assert.equal(answer.status, 202, JSON.stringify(answer.body));
    else assert.match(JSON.stringify(answer.body), /has (the|a) role/i);
  }
  for (const [kind, needed] of [
    ['IOT', 'properties.iotDeviceDetails'],
    ['Kubernetes', 'properties.kubernetesRoleResources'],
  ] as const) {
    const { details = [] } = await arm.refused('put', `${DEVICE}/roles/alone`, 400, { kind });
    assert.ok(
      details.some(({ target }) => target?.toLowerCase() === needed.toLowerCase()),
      JSON.stringify(details),
    );
  }
});
