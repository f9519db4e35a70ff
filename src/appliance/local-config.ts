/**
 * The configuration of a machine as its local web interface has it: network, time, update server, web proxy, endpoint. What nobody has
 * set is as the factory made it. Sources: [psm], [doc] (local-api), devset, net, metallb (appliance.md §3–4).
 */
import type { JsonObject } from '#shared/json.ts';
import type { MachineSpec } from './commands.ts';
import { friendlyNameOf, nodeIdOf, serialNumbersOf } from './identity.ts';
import { adaptersOf } from './adapters.ts';
import type { ClusterAddresses, FullConfig, VirtualSwitch } from './local-settings.ts';
import { nodeIpsOf, serviceIpRangeOf } from './network.ts';
import type { ApplianceState } from './state.ts';

/** The time zone before anybody sets one (info, devset). */
export const FACTORY_TIME_ZONE = 'Pacific Standard Time';

/** The configuration that is in force: what was set, and the factory's for the rest. */
export function localConfigOf({ spec, local }: ApplianceState): FullConfig {
  const { config = {} } = local ?? {};
  return { ...factoryConfigOf(spec), ...config };
}

/** As the factory made it. The technician has enabled the first switch for compute, with its pools (net). */
function factoryConfigOf(spec: MachineSpec): FullConfig {
  const nodeIps = nodeIpsOf(spec);
  return {
    deviceEndpoint: { name: friendlyNameOf(spec), dnsDomain: 'microsoftdatabox.com' },
    time: {
      timeZone: FACTORY_TIME_ZONE,
      primaryTimeServer: 'time.windows.com',
      secondaryTimeServer: null,
    },
    update: { serverType: 'MicrosoftUpdate', wsusServerURI: null },
    webProxy: { isEnabled: false, connectionURI: null, authentication: 'None', username: null },
    vSwitches: [
      {
        ...switchOn('vSwitch1', 'Port2'),
        enabledForCompute: true,
        enabledForMgmt: true,
        ipAddressPools: [
          { name: NODE_IPS, ipAddressRange: `${nodeIps[0] ?? ''}-${nodeIps.at(-1) ?? ''}` },
          { name: SERVICE_IPS, ipAddressRange: serviceIpRangeOf(spec) },
        ],
      },
      { ...switchOn('vSwitch2', 'Port3'), enabledForStorage: true },
      { ...switchOn('vSwitch3', 'Port4'), enabledForStorage: true },
    ],
    virtualNetworks: [],
  };
}

const switchOn = (name: string, interfaceName: string): VirtualSwitch => ({
  ...{ name, interfaceName, enabledForCompute: false, enabledForStorage: false },
  ...{ enabledForMgmt: false, supportsAcceleratedNetworking: false, enableEmbeddedTeaming: false },
  ...{ ipAddressPools: [], mtu: 1500 },
});

/** The names of the two pools that a cluster takes its addresses from. */
const NODE_IPS = 'KubernetesNodeIPs';
const SERVICE_IPS = 'KubernetesServiceIPs';

/** Undefined where no switch is enabled for compute, or it lacks a pool. */
export function clusterAddressesOf(state: ApplianceState): ClusterAddresses | undefined {
  const compute = localConfigOf(state).vSwitches.find(({ enabledForCompute }) => enabledForCompute);
  const rangeOf = (name: string): string | undefined =>
    compute?.ipAddressPools.find((pool) => pool.name === name)?.ipAddressRange;
  const nodes = rangeOf(NODE_IPS);
  const serviceIpRange = rangeOf(SERVICE_IPS);
  if (compute === undefined || nodes === undefined || serviceIpRange === undefined)
    return undefined;
  return { port: compute.interfaceName, nodeIps: addressesIn(nodes), serviceIpRange };
}

/** The number behind `10.1.2.3`; undefined for what is none. */
function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  const isGood =
    parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return isGood ? parts.reduce((number, part) => number * 256 + part, 0) : undefined;
}

const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');

/** The most addresses of a pool that are looked at [ours]. */
const MAX_ADDRESSES = 256;

/** The addresses of a range, in order; none for what is no range. */
function addressesIn(range: string): readonly string[] {
  const [first = '', last = first] = range.split('-').map((part) => part.trim());
  const [from, to] = [numberOf(first), numberOf(last)];
  if (from === undefined || to === undefined || to < from) return [];
  const count = Math.min(MAX_ADDRESSES, to - from + 1);
  return Array.from({ length: count }, (_, index) => addressOf(from + index));
}

/** A port of one node, with the members of the documents. */
export function interfacesOf(spec: MachineSpec): readonly JsonObject[] {
  const serials = serialNumbersOf(spec);
  return adaptersOf(spec).map((adapter) => {
    const node = serials.findIndex((_serial, index) => nodeIdOf(spec, index) === adapter.nodeId);
    const { ipv4 } = adapter;
    return {
      name: adapter.name,
      nodeName: serials[node] ?? '',
      nodeId: adapter.nodeId,
      isDhcpEnabled: adapter.hasDhcp,
      iPv4:
        ipv4 === undefined
          ? null
          : { address: ipv4.address, subnetMask: ipv4.subnet, gateway: ipv4.gateway },
      iPv6: null,
      dnsServerAddresses: [...adapter.dnsServers],
      dnsSuffix: null,
      routes: null,
      ipConfigType: 'IP',
    };
  });
}
