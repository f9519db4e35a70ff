import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  propertiesOf,
  textOf,
} from '../../support/arm-client.ts';
import { changed, LOCAL_SHARE } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const URL = `${DEVICE}/roles/k8s`;
const SHARE = `${DEVICE}/shares/data`;

/** The role, with these shares mounted. */
const mounting = (...shareIds: string[]): JsonObject =>
  changed(KUBERNETES_ROLE, {
    kubernetesRoleResources: {
      storage: { endpoints: shareIds.map((shareId) => ({ shareId })) },
      compute: { vmProfile: 'DS1_v2' },
    },
  });

const MAPPING = {
  shareId: SHARE,
  roleId: URL,
  // The PersistentVolume has the share's name (static).
  mountPoint: 'data',
  mountType: 'Volume',
  roleType: 'Kubernetes',
};

const endpointsOf = (role: JsonObject): unknown =>
  (propertiesOf(role).kubernetesRoleResources as { storage: JsonObject }).storage.endpoints;

describe('shares of the cluster', () => {
  test('are mounted with its creation, and seen from both sides', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', SHARE, LOCAL_SHARE);
    await arm.accepted('put', URL, mounting(SHARE));
    await arm.advance(minutes(15));
    assert.deepEqual(endpointsOf(await arm.get(URL)), []);
    assert.equal((await arm.refused('delete', SHARE, 409)).code, 'GatewayUserErrorEntityInUse');
    await arm.advance(minutes(30));
    const role = await arm.get(URL);
    assert.deepEqual(endpointsOf(role), [MAPPING]);
    assert.deepEqual(propertiesOf(await arm.get(SHARE)).shareMappings, [MAPPING]);
    await arm.done('put', URL, role);
    assert.deepEqual(await arm.get(URL), role);
  });

  test('are mounted and unmounted later in some minutes, the cluster staying as it is', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', SHARE, LOCAL_SHARE);
    await arm.done('put', `${DEVICE}/shares/more`, LOCAL_SHARE);
    await arm.done('put', URL, KUBERNETES_ROLE);
    await arm.accepted('put', URL, mounting(SHARE));
    await arm.advance(seconds(90));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Reconfiguring');
    await arm.advance(minutes(5));
    assert.deepEqual(endpointsOf(await arm.get(URL)), [MAPPING]);
    // What is mounted already stays seen while another one is added.
    await arm.accepted('put', URL, mounting(SHARE, `${DEVICE}/shares/more`));
    await arm.advance(seconds(90));
    assert.deepEqual(endpointsOf(await arm.get(URL)), [MAPPING]);
    await arm.advance(minutes(5));
    assert.equal((endpointsOf(await arm.get(URL)) as object[]).length, 2);
    await arm.done('put', URL, KUBERNETES_ROLE, minutes(6));
    assert.deepEqual(endpointsOf(await arm.get(URL)), []);
    await arm.done('delete', SHARE);
  });

  test('must be there, on this device, and once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', SHARE, LOCAL_SHARE);
    const endpoints = 'properties.kubernetesRoleResources.storage.endpoints';
    for (const id of [`${DEVICE}/shares/nobody`, `${DEVICE}/users/data`, 'data']) {
      const { target } = await arm.refused('put', URL, 400, mounting(SHARE, id));
      assert.equal(target, `${endpoints}[1].shareId`, id);
    }
    const twice = mounting(SHARE, SHARE.replace('data', 'DATA'));
    assert.equal((await arm.refused('put', URL, 400, twice)).target, endpoints);
  });
});

describe('the worker VMs', () => {
  const sized = (vmProfile: string): JsonObject =>
    changed(KUBERNETES_ROLE, {
      kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile } },
    });
  const sizeOf = async (arm: ArmClient): Promise<unknown[]> => {
    const role = propertiesOf(await arm.get(URL)).kubernetesRoleResources as JsonObject;
    const { vmProfile, processorCount, memoryInBytes } = role.compute as JsonObject;
    return [vmProfile, processorCount, memoryInBytes];
  };
  const usedMb = async (arm: ArmClient): Promise<number> => {
    const seen = propertiesOf(await arm.get(`${DEVICE}/deviceCapacityInfo/default`));
    const { memoryCapacity } = seen.clusterComputeCapacityInfo as Record<
      string,
      Record<string, number>
    >;
    const { clusterFreeMemoryMb, clusterUsedMemoryMb, clusterTotalMemoryMb } = memoryCapacity!;
    assert.equal(clusterFreeMemoryMb! + clusterUsedMemoryMb!, clusterTotalMemoryMb, 'adds up');
    return memoryCapacity!.clusterMemoryUsedByVmsMb!;
  };
  const GIB = 1024 ** 3;

  test('have the size of a VM profile, within 15 to 60 percent of the device; all faults are told', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const refused = await arm.refused('put', URL, 400, sized('Standard_D3_v2'));
    const { details } = refused as unknown as { details: JsonObject[] };
    assert.deepEqual(
      details.map(({ target }) => target),
      Array(2).fill('properties.kubernetesRoleResources.compute.vmProfile'),
    );
    assert.match(textOf(details[0]?.message), /6 to 24 vCPUs/);
    assert.match(textOf(details[1]?.message), /19.2 to 76.8 GiB/);
    await arm.done('put', URL, sized('Standard_D5_v2'));
    assert.deepEqual(await sizeOf(arm), ['Standard_D5_v2', 16, 56 * GIB]);
    assert.equal(await usedMb(arm), (56 + 4) * 1024);
  });

  test('are resized in some minutes, charged by Arc from then on, and free their memory with the role', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, KUBERNETES_ROLE);
    await arm.done('put', `${URL}/addons/arc`, arcAddon('arc1'));
    assert.deepEqual(await sizeOf(arm), ['DS1_v2', 12, 32 * GIB]);
    await arm.accepted('put', URL, sized('D4_v2'));
    await arm.advance(minutes(2));
    assert.deepEqual((await sizeOf(arm))[1], 12, 'not yet');
    await arm.advance(minutes(8));
    assert.deepEqual(await sizeOf(arm), ['D4_v2', 8, 28 * GIB]);
    assert.equal(await usedMb(arm), (28 + 4) * 1024);
    const facts = (await arm.get(`/_edgetwin/journal?resource=${DEVICE}&kind=arc.coreCountChanged`))
      .value as { data: JsonObject }[];
    assert.deepEqual(
      facts.map(({ data }) => data.coreCount),
      [12],
    );
    await arm.done('delete', `${URL}/addons/arc`);
    await arm.done('delete', URL);
    assert.equal(await usedMb(arm), 0);
  });

  test('of two nodes use at most half of a node’s memory, with the master beside them; more is refused', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({
      sku: { name: 'EP2_64_1VPU_W', tier: 'Standard' },
      tags: { 'edgetwin-nodes': '2' },
    });
    const { message, target } = await arm.refused('put', URL, 400, sized('D4_v2'));
    assert.match(
      message,
      /at most 27.8 GiB of memory on this device, beside the master VM, and not 28/,
    );
    assert.equal(target, 'properties.kubernetesRoleResources.compute.vmProfile');
    await arm.done('put', URL, sized('A8_v2'));
    await arm.refused('put', URL, 400, sized('D4_v2'));
    const { value } = await arm.get(`${DEVICE}/alerts`);
    assert.deepEqual(value, [], 'nothing to warn of');
  });

  test('of one node may use more than half of its memory', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ sku: { name: 'EP2_64_1VPU_W', tier: 'Standard' } });
    await arm.done('put', URL, sized('D4_v2'));
    assert.equal(await usedMb(arm), (28 + 4) * 1024);
  });
});

test('the kind came with 2020-09-01; three previews say more of its parts', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', URL, KUBERNETES_ROLE);
  await arm.refused('get', `${URL}?api-version=2019-08-01`, 404);
  const typesIn = async (version: string): Promise<unknown[]> => {
    const role = propertiesOf(await arm.get(`${URL}?api-version=${version}`));
    const info = role.kubernetesClusterInfo as JsonObject;
    const { network, compute } = role.kubernetesRoleResources as Record<string, JsonObject>;
    const parts = [info, info.etcdInfo, network?.cniConfig, network?.loadBalancerConfig];
    return [...parts.map((part) => (part as JsonObject).componentType), compute?.hugePage2M];
  };
  const none = Array<undefined>(5).fill(undefined);
  for (const version of ['2020-09-01', '2022-03-01', '2023-12-01']) {
    assert.deepEqual(await typesIn(version), none, version);
  }
  const shown = ['Cluster', 'Etcd', 'CNI', 'LoadBalancer', 0];
  assert.deepEqual(await typesIn('2022-04-01-preview'), shown);
  assert.deepEqual(await typesIn('2023-01-01-preview'), shown);
});
