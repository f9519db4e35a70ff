/** deviceCapacityInfo/default: what of the machine is taken and what is free (appliance.md §15; [S] DeviceCapacityGet). */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import {
  dateTime,
  double,
  int32,
  int64,
  mayBe,
  mayInteger,
  mayList,
  mayMap,
  mayNumber,
  mayText,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedCapacity, ObservedHost, ObservedNumaNode } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const megabytes = mayNumber(double);
const count = mayInteger(int32);
const indexes = mayList(Type.Integer(int32));

const storage = object(
  { clusterTotalStorageMb: megabytes, clusterFreeStorageMb: megabytes },
  named('ClusterStorageViewData'),
);

const gpus = object(
  {
    gpuType: mayText(),
    gpuUsedUnitsCount: count,
    gpuFreeUnitsCount: count,
    gpuReservedForFailoverUnitsCount: count,
    gpuTotalUnitsCount: count,
  },
  named('ClusterGpuCapacity'),
);

const memory = object(
  {
    clusterFreeMemoryMb: megabytes,
    clusterUsedMemoryMb: megabytes,
    clusterFailoverMemoryMb: megabytes,
    clusterFragmentationMemoryMb: megabytes,
    clusterHypervReserveMemoryMb: megabytes,
    clusterInfraVmMemoryMb: megabytes,
    clusterTotalMemoryMb: megabytes,
    clusterNonFailoverVmMb: megabytes,
    clusterMemoryUsedByVmsMb: megabytes,
  },
  named('ClusterMemoryCapacity'),
);

const compute = object(
  {
    fqdn: mayText(),
    gpuCapacity: mayBe(gpus),
    memoryCapacity: mayBe(memory),
    lastRefreshedTime: mayText(dateTime),
    totalProvisionedNonHpnCores: mayInteger(int64),
  },
  named('ClusterCapacityViewData'),
);

const numaNode = object(
  {
    numaNodeIndex: count,
    totalMemoryInMb: mayInteger(int64),
    logicalCoreCountPerCore: count,
    effectiveAvailableMemoryInMb: mayInteger(int64),
    freeVCpuIndexesForHpn: indexes,
    vCpuIndexesForHpn: indexes,
    vCpuIndexesForRoot: indexes,
  },
  named('NumaNodeData'),
);

const host = object(
  {
    hostName: mayText(),
    effectiveAvailableMemoryMbOnHost: mayInteger(int64),
    availableGpuCount: count,
    vmUsedMemory: mayMap(
      object(
        { startupMemoryMB: mayInteger(int64), currentMemoryUsageMB: mayInteger(int64) },
        named('VmMemory'),
      ),
    ),
    gpuType: mayText(),
    numaNodesData: mayList(numaNode),
  },
  named('HostCapacity'),
);

const properties = object(
  {
    timeStamp: mayText(dateTime),
    clusterStorageCapacityInfo: mayBe(storage),
    clusterComputeCapacityInfo: mayBe(compute),
    nodeCapacityInfos: mayMap(host),
  },
  named('DeviceCapacityInfoProperties'),
);

const schema = object(
  { ...envelope, properties: mayBe(properties), systemData: systemDataSince('2022-03-01') },
  named('DeviceCapacityInfo'),
);

export const deviceCapacityInfo = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/deviceCapacityInfo',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    get: { id: 'DeviceCapacityInfo_GetDeviceCapacityInfo', since: '2022-03-01' },
  },
  find,
});

/** Empty before activation: nobody knows it yet. */
async function find(target: ObservedTarget): Promise<JsonObject> {
  const { capacity } = await observe(target);
  return {
    properties: capacity === undefined ? {} : viewOf(capacity, formatInstant(target.now)),
    id: `${target.device.id}/deviceCapacityInfo/default`,
    name: 'default',
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/deviceCapacityInfo',
  };
}

function viewOf(capacity: ObservedCapacity, now: string): JsonObject {
  return {
    timeStamp: now,
    clusterStorageCapacityInfo: {
      clusterTotalStorageMb: capacity.storage.totalMb,
      clusterFreeStorageMb: capacity.storage.freeMb,
    },
    clusterComputeCapacityInfo: {
      fqdn: capacity.clusterName,
      gpuCapacity: {
        gpuType: capacity.gpu.type,
        gpuUsedUnitsCount: capacity.gpu.used,
        gpuFreeUnitsCount: capacity.gpu.free,
        gpuReservedForFailoverUnitsCount: 0,
        gpuTotalUnitsCount: capacity.gpu.total,
      },
      memoryCapacity: memoryView(capacity.memory),
      lastRefreshedTime: now,
      totalProvisionedNonHpnCores: capacity.provisionedCores,
    },
    nodeCapacityInfos: Object.fromEntries(
      capacity.hosts.map((node) => [node.name, hostView(node)]),
    ),
  };
}

const memoryView = (seen: ObservedCapacity['memory']): JsonObject => ({
  clusterFreeMemoryMb: seen.freeMb,
  clusterUsedMemoryMb: seen.usedMb,
  clusterFailoverMemoryMb: seen.failoverMb,
  clusterFragmentationMemoryMb: 0,
  clusterHypervReserveMemoryMb: seen.hypervReserveMb,
  clusterInfraVmMemoryMb: 0,
  clusterTotalMemoryMb: seen.totalMb,
  clusterNonFailoverVmMb: seen.nonFailoverVmMb,
  clusterMemoryUsedByVmsMb: seen.usedByVmsMb,
});

const hostView = (seen: ObservedHost): JsonObject => ({
  hostName: seen.name,
  effectiveAvailableMemoryMbOnHost: seen.availableMemoryMb,
  availableGpuCount: seen.freeGpuCount,
  vmUsedMemory: Object.fromEntries(
    seen.vms.map(({ id, memoryMb }) => [
      id,
      { startupMemoryMB: memoryMb, currentMemoryUsageMB: memoryMb },
    ]),
  ),
  gpuType: seen.gpuType,
  numaNodesData: seen.numaNodes.map(numaNodeView),
});

/** No core is set apart for high-performance networking. */
const numaNodeView = (seen: ObservedNumaNode): JsonObject => ({
  numaNodeIndex: seen.index,
  totalMemoryInMb: seen.totalMemoryMb,
  logicalCoreCountPerCore: seen.threadsPerCore,
  effectiveAvailableMemoryInMb: seen.availableMemoryMb,
  freeVCpuIndexesForHpn: [],
  vCpuIndexesForHpn: [],
  vCpuIndexesForRoot: [...seen.rootVcpus],
});
