import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, KUBERNETES_ROLE, propertiesOf, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/deviceCapacityInfo/default`;

describe('read back', () => {
  test('nothing before activation, then the sample’s members with its arithmetic [S]', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), {
      properties: {},
      id: URL,
      name: 'default',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/deviceCapacityInfo',
    });
    const { serialNumber } = propertiesOf(await arm.activeDevice());
    const empty = propertiesOf(await arm.get(URL));
    assert.equal(empty.timeStamp, '2026-03-02T09:06:00.000Z');
    assert.deepEqual(Object.keys(empty.nodeCapacityInfos as object), [serialNumber]);
    const compute = empty.clusterComputeCapacityInfo as JsonObject;
    assert.equal(compute.fqdn, `${textOf(serialNumber)}CL`);
    assert.deepEqual(compute.gpuCapacity, {
      gpuType: 'NvidiaTeslaT4',
      gpuUsedUnitsCount: 0,
      gpuFreeUnitsCount: 1,
      gpuReservedForFailoverUnitsCount: 0,
      gpuTotalUnitsCount: 1,
    });
    await arm.advance(minutes(10));
    assert.equal(propertiesOf(await arm.get(URL)).timeStamp, '2026-03-02T09:16:00.000Z');
  });

  test('a cluster takes its part, and gives it back', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const memoryOf = async (): Promise<Record<string, number>> => {
      const compute = propertiesOf(await arm.get(URL)).clusterComputeCapacityInfo as JsonObject;
      return compute.memoryCapacity as Record<string, number>;
    };
    const before = await memoryOf();
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const during = await memoryOf();
    assert.equal(during.clusterMemoryUsedByVmsMb, 36_864);
    assert.equal(before.clusterFreeMemoryMb! - during.clusterFreeMemoryMb!, 36_864);
    assert.equal(
      during.clusterFreeMemoryMb! + during.clusterUsedMemoryMb!,
      during.clusterTotalMemoryMb,
    );
    await arm.done('delete', `${DEVICE}/roles/k8s`);
    assert.deepEqual(await memoryOf(), before);
  });
});

describe('refuse', () => {
  test('versions before 2022-03-01, another name, a missing device', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { code } = await arm.refused('get', `${URL}?api-version=2021-06-01`, 404);
    assert.equal(code, 'InvalidResourceType');
    await arm.get(`${URL}?api-version=2022-03-01`);
    await arm.refused('get', `${DEVICE}/deviceCapacityInfo/other`, 404);
    await arm.refused('get', URL.replace('edge1', 'edge2'), 404);
  });
});
