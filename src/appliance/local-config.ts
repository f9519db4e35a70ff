/**
 * The configuration of a machine as its local web interface has it: network, time, update server, web proxy, endpoint. What nobody has
 * set is as the factory made it. Sources: [psm], [doc] (local-api), devset, net, metallb (appliance.md §3–4).
 */
import type { JsonObject } from '#shared/json.ts';
import type { MachineSpec } from './commands.ts';
import { friendlyNameOf, nodeIdOf, serialNumbersOf } from './identity.ts';
import { adaptersOf } from './adapters.ts';
import type { ObservedAdapter } from './inspection.ts';
import type {
  ClusterAddresses,
  FullConfig,
  LocalConfig,
  PortSettings,
  VirtualSwitch,
} from './local-settings.ts';
import { hardwareOf } from './models.ts';
import { nodeIpsOf, serviceIpRangeOf } from './network.ts';
import type { ApplianceState } from './state.ts';

/** The time zone before anybody sets one (info, devset). */
export const FACTORY_TIME_ZONE = 'Pacific Standard Time';

/**
 * The configuration that is in force: what was set, and the factory's for the rest. The technician who activates a device has enabled its
 * first switch for compute before, unless somebody has set the switches.
 */
export function localConfigOf({ spec, isActive, local }: ApplianceState): FullConfig {
  const { config = {} } = local ?? {};
  const vSwitches = isActive ? technicianSwitchesOf(spec) : FACTORY_SWITCHES;
  return { ...factoryConfigOf(spec), vSwitches, ...config };
}

/** For a device that is activated by hand: switches that nobody has set stay as the factory made them. */
export const withFactoryNetwork = (state: ApplianceState): ApplianceState => ({
  ...state,
  local: {
    ...state.local,
    config: { vSwitches: FACTORY_SWITCHES, ...state.local?.config },
  },
});

/**
 * Whether the name or the domain is another than the factory's after a package with `config`, and no certificates were brought for it: such
 * a device cannot be activated (act).
 */
export function lacksCertificates({ spec, local }: ApplianceState, config: LocalConfig): boolean {
  const factory = factoryConfigOf(spec).deviceEndpoint;
  const after = { ...local?.config, ...config };
  const { name, dnsDomain } = after.deviceEndpoint ?? factory;
  const isFactory =
    name.toLowerCase() === factory.name.toLowerCase() &&
    dnsDomain.toLowerCase() === factory.dnsDomain;
  const certificates = config.certificates ?? local?.config.certificates ?? [];
  return !isFactory && certificates.length === 0;
}

/** Whether it is a model for the field, whose disks take keys of the customer's (rn2101, access). */
export const isRugged = ({ sku }: MachineSpec): boolean =>
  / (Pro|Mini) R\b/.test(hardwareOf(sku).name);

/** As the factory made it. */
function factoryConfigOf(spec: MachineSpec): Omit<FullConfig, 'vSwitches'> {
  return {
    deviceEndpoint: { name: friendlyNameOf(spec), dnsDomain: 'microsoftdatabox.com' },
    time: {
      timeZone: FACTORY_TIME_ZONE,
      primaryTimeServer: 'time.windows.com',
      secondaryTimeServer: null,
    },
    update: { serverType: 'MicrosoftUpdate', wsusServerURI: null },
    webProxy: { isEnabled: false, connectionURI: null, authentication: 'None', username: null },
    interfaces: [],
    certificates: [],
    virtualNetworks: [],
  };
}

const switchOn = (name: string, interfaceName: string): VirtualSwitch => ({
  ...{ name, interfaceName, enabledForCompute: false, enabledForStorage: false },
  ...{ enabledForMgmt: false, supportsAcceleratedNetworking: false, enableEmbeddedTeaming: false },
  ...{ ipAddressPools: [], mtu: 1500 },
});

/** The switches of the sample configurations [psm]; none is enabled for compute, since that needs addresses of the customer's. */
const FACTORY_SWITCHES: readonly VirtualSwitch[] = [
  { ...switchOn('vSwitch1', 'Port2'), enabledForMgmt: true },
  { ...switchOn('vSwitch2', 'Port3'), enabledForStorage: true },
  { ...switchOn('vSwitch3', 'Port4'), enabledForStorage: true },
];

/** The names of the two pools that a cluster takes its addresses from. */
const NODE_IPS = 'KubernetesNodeIPs';
const SERVICE_IPS = 'KubernetesServiceIPs';

/** As the technician has set them: the first switch is enabled for compute, with the pools that it needs (net). */
function technicianSwitchesOf(spec: MachineSpec): readonly VirtualSwitch[] {
  const nodeIps = nodeIpsOf(spec);
  const ipAddressPools = [
    { name: NODE_IPS, ipAddressRange: `${nodeIps[0] ?? ''}-${nodeIps.at(-1) ?? ''}` },
    { name: SERVICE_IPS, ipAddressRange: serviceIpRangeOf(spec) },
  ];
  return FACTORY_SWITCHES.map((one, index) =>
    index === 0 ? { ...one, enabledForCompute: true, ipAddressPools } : one,
  );
}

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

/** The settings of an adapter; undefined where nobody has set it. */
function settingsOf(
  { spec, local }: ApplianceState,
  { name, nodeId }: ObservedAdapter,
): PortSettings | undefined {
  const nodeName = nodeNameOf(spec, nodeId);
  return local?.config.interfaces?.find((one) => one.name === name && one.nodeName === nodeName);
}

const nodeNameOf = (spec: MachineSpec, nodeId: string): string =>
  serialNumbersOf(spec).find((_serial, index) => nodeIdOf(spec, index) === nodeId) ?? '';

/** All adapters, with what was set of them: ARM's view shows what the local web interface sets. */
export const adaptersIn = (state: ApplianceState): readonly ObservedAdapter[] =>
  adaptersOf(state.spec).map((adapter) => {
    const set = settingsOf(state, adapter);
    if (set === undefined) return adapter;
    const { ipv4, ...others } = adapter;
    const { iPv4 } = set;
    const given =
      iPv4 === null
        ? ipv4
        : { address: iPv4.address, subnet: iPv4.subnetMask, gateway: iPv4.gateway ?? '' };
    return {
      ...others,
      hasDhcp: set.isDhcpEnabled,
      ...(given === undefined ? {} : { ipv4: given }),
      dnsServers: set.dnsServerAddresses.length === 0 ? others.dnsServers : set.dnsServerAddresses,
    };
  });

/** A port of one node, with the members of the documents. */
export function interfacesOf(state: ApplianceState): readonly JsonObject[] {
  return adaptersIn(state).map((adapter) => {
    const { ipv4 } = adapter;
    return {
      name: adapter.name,
      nodeName: nodeNameOf(state.spec, adapter.nodeId),
      nodeId: adapter.nodeId,
      isDhcpEnabled: adapter.hasDhcp,
      iPv4:
        ipv4 === undefined
          ? null
          : { address: ipv4.address, subnetMask: ipv4.subnet, gateway: ipv4.gateway || null },
      iPv6: null,
      dnsServerAddresses: [...adapter.dnsServers],
      dnsSuffix: settingsOf(state, adapter)?.dnsSuffix ?? null,
      routes: null,
      ipConfigType: 'IP',
    };
  });
}
