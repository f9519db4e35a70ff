/** networkSettings/default: the network adapters of the machine's nodes (appliance.md §1.1, §3; [S] NetworkSettingsGet). */
import { named, object } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import {
  int32,
  int64,
  optionalEnum,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyString,
  readOnlyStrings,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedAdapter } from '#fleet/fleet.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const adapter = object(
  {
    adapterId: readOnlyString(),
    adapterPosition: readOnly(
      object(
        {
          networkGroup: readOnlyEnum(['None', 'NonRDMA', 'RDMA'], named('NetworkGroup')),
          port: readOnlyInteger(int32),
        },
        named('NetworkAdapterPosition'),
      ),
    ),
    index: readOnlyInteger(int32),
    nodeId: readOnlyString(),
    networkAdapterName: readOnlyString(),
    label: readOnlyString(),
    macAddress: readOnlyString(),
    linkSpeed: readOnlyInteger(int64),
    status: readOnlyEnum(['Inactive', 'Active'], named('NetworkAdapterStatus')),
    // These two could be written, were there a way to write the settings at all.
    rdmaStatus: optionalEnum(['Incapable', 'Capable'], named('NetworkAdapterRDMAStatus')),
    dhcpStatus: optionalEnum(['Disabled', 'Enabled'], named('NetworkAdapterDHCPStatus')),
    ipv4Configuration: readOnly(
      object(
        { ipAddress: readOnlyString(), subnet: readOnlyString(), gateway: readOnlyString() },
        named('Ipv4Config'),
      ),
    ),
    ipv6Configuration: readOnly(
      object(
        {
          ipAddress: readOnlyString(),
          prefixLength: readOnlyInteger(int32),
          gateway: readOnlyString(),
        },
        named('Ipv6Config'),
      ),
    ),
    ipv6LinkLocalAddress: readOnlyString(),
    dnsServers: readOnlyStrings(),
  },
  named('NetworkAdapter'),
);

const schema = object(
  {
    ...envelope,
    properties: readOnly(
      object({ networkAdapters: readOnlyList(adapter) }, named('NetworkSettingsProperties')),
    ),
    systemData: systemDataSince('2021-02-01'),
  },
  named('NetworkSettings'),
);

export const networkSettings = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/networkSettings',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: { get: { id: 'Devices_GetNetworkSettings' } },
  find,
});

/** Without adapters before activation: nobody knows them yet. */
async function find(target: ObservedTarget): Promise<Shown<typeof schema>> {
  const { adapters } = await observe(target);
  return {
    properties: { networkAdapters: adapters.map(viewOf) },
    id: `${target.device.id}/networkSettings/default`,
    name: 'default',
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/networkSettings',
  };
}

function viewOf(seen: ObservedAdapter): Shown<typeof adapter> {
  const { ipv4, ipv6LinkLocalAddress } = seen;
  return {
    adapterId: seen.id,
    adapterPosition: { networkGroup: seen.group, port: seen.port },
    index: seen.index,
    nodeId: seen.nodeId,
    networkAdapterName: seen.name,
    label: seen.name,
    macAddress: seen.macAddress,
    linkSpeed: seen.speedBitsPerSecond,
    status: seen.isActive ? 'Active' : 'Inactive',
    rdmaStatus: seen.isRdmaCapable ? 'Capable' : 'Incapable',
    dhcpStatus: seen.hasDhcp ? 'Enabled' : 'Disabled',
    ipv4Configuration: ipv4 && {
      ipAddress: ipv4.address,
      subnet: ipv4.subnet,
      gateway: ipv4.gateway,
    },
    ipv6LinkLocalAddress,
    dnsServers: [...seen.dnsServers],
  };
}
