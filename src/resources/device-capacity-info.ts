/** deviceCapacityInfo/default: what of the machine is taken and what is free (appliance.md §15; [S] DeviceCapacityGet). */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import {
  dateTime,
  double,
  int32,
  int64,
  optional,
  optionalInteger,
  optionalList,
  optionalMap,
  optionalNumber,
  optionalString,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedCapacity, ObservedHost, ObservedNumaNode } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const megabytes = optionalNumber(double);
const count = optionalInteger(int32);
const indexes = optionalList(Type.Integer(int32));

const storage = object(
  { clusterTotalStorageMb: megabytes, clusterFreeStorageMb: megabytes },
  named('ClusterStorageViewData'),
);

const gpus = object(
  {
    gpuType: optionalString(),
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
    fqdn: optionalString(),
    gpuCapacity: optional(gpus),
    memoryCapacity: optional(memory),
    lastRefreshedTime: optionalString(dateTime),
    totalProvisionedNonHpnCores: optionalInteger(int64),
  },
  named('ClusterCapacityViewData'),
);

const numaNode = object(
  {
    numaNodeIndex: count,
    totalMemoryInMb: optionalInteger(int64),
    logicalCoreCountPerCore: count,
    effectiveAvailableMemoryInMb: optionalInteger(int64),
    freeVCpuIndexesForHpn: indexes,
    vCpuIndexesForHpn: indexes,
    vCpuIndexesForRoot: indexes,
  },
  named('NumaNodeData'),
);

const host = object(
  {
    hostName: optionalString(),
    effectiveAvailableMemoryMbOnHost: optionalInteger(int64),
    availableGpuCount: count,
    vmUsedMemory: optionalMap(
      object(
        { startupMemoryMB: optionalInteger(int64), currentMemoryUsageMB: optionalInteger(int64) },
        named('VmMemory'),
      ),
    ),
    gpuType: optionalString(),
    numaNodesData: optionalList(numaNode),
  },
  named('HostCapacity'),
);

const properties = object(
  {
    timeStamp: optionalString(dateTime),
    clusterStorageCapacityInfo: optional(storage),
    clusterComputeCapacityInfo: optional(compute),
    nodeCapacityInfos: optionalMap(host),
  },
  named('DeviceCapacityInfoProperties'),
);

const schema = object(
  { ...envelope, properties: optional(properties), systemData: systemDataSince('2022-03-01') },
  named('DeviceCapacityInfo'),
);

type View = Shown<typeof schema>;

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
async function find(target: ObservedTarget): Promise<View> {
  const { capacity } = await observe(target);
  return {
    properties: capacity === undefined ? {} : viewOf(capacity, formatInstant(target.now)),
    id: `${target.device.id}/deviceCapacityInfo/default`,
    name: 'default',
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/deviceCapacityInfo',
  };
}

function viewOf(capacity: ObservedCapacity, now: string): Shown<typeof properties> {
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

const memoryView = (seen: ObservedCapacity['memory']): Shown<typeof memory> => ({
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

const hostView = (seen: ObservedHost): Shown<typeof host> => ({
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
const numaNodeView = (seen: ObservedNumaNode): Shown<typeof numaNode> => ({
  numaNodeIndex: seen.index,
  totalMemoryInMb: seen.totalMemoryMb,
  logicalCoreCountPerCore: seen.threadsPerCore,
  effectiveAvailableMemoryInMb: seen.availableMemoryMb,
  freeVCpuIndexesForHpn: [],
  vCpuIndexesForHpn: [],
  vCpuIndexesForRoot: [...seen.rootVcpus],
});
