/** networkSettings/default: the network adapters of the machine's nodes (appliance.md §1.1, §3; [S] NetworkSettingsGet). */
import { named, object, shownInteger, shownText, shownTexts } from '#arm/schema.ts';
import { int32, int64, mayEnum, shownAs, shownEnum, shownList } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedAdapter } from '#fleet/fleet.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const adapter = object(
  {
    adapterId: shownText(),
    adapterPosition: shownAs(
      object(
        {
          networkGroup: shownEnum(['None', 'NonRDMA', 'RDMA'], named('NetworkGroup')),
          port: shownInteger(int32),
        },
        named('NetworkAdapterPosition'),
      ),
    ),
    index: shownInteger(int32),
    nodeId: shownText(),
    networkAdapterName: shownText(),
    label: shownText(),
    macAddress: shownText(),
    linkSpeed: shownInteger(int64),
    status: shownEnum(['Inactive', 'Active'], named('NetworkAdapterStatus')),
    // These two could be written, were there a way to write the settings at all.
    rdmaStatus: mayEnum(['Incapable', 'Capable'], named('NetworkAdapterRDMAStatus')),
    dhcpStatus: mayEnum(['Disabled', 'Enabled'], named('NetworkAdapterDHCPStatus')),
    ipv4Configuration: shownAs(
      object(
        { ipAddress: shownText(), subnet: shownText(), gateway: shownText() },
        named('Ipv4Config'),
      ),
    ),
    ipv6Configuration: shownAs(
      object(
        { ipAddress: shownText(), prefixLength: shownInteger(int32), gateway: shownText() },
        named('Ipv6Config'),
      ),
    ),
    ipv6LinkLocalAddress: shownText(),
    dnsServers: shownTexts(),
  },
  named('NetworkAdapter'),
);

const schema = object(
  {
    ...envelope,
    properties: shownAs(
      object({ networkAdapters: shownList(adapter) }, named('NetworkSettingsProperties')),
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
async function find(target: ObservedTarget): Promise<JsonObject> {
  const { adapters } = await observe(target);
  return {
    properties: { networkAdapters: adapters.map(viewOf) },
    id: `${target.device.id}/networkSettings/default`,
    name: 'default',
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/networkSettings',
  };
}

function viewOf(seen: ObservedAdapter): JsonObject {
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
    ...(ipv4 === undefined
      ? {}
      : {
          ipv4Configuration: {
            ipAddress: ipv4.address,
            subnet: ipv4.subnet,
            gateway: ipv4.gateway,
          },
        }),
    ...(ipv6LinkLocalAddress === undefined ? {} : { ipv6LinkLocalAddress }),
    dnsServers: [...seen.dnsServers],
  };
}
