/** Reads the declaration `network` of a package: ports, virtual switches, virtual networks. Sources: [psm], [doc] (local-api); net. */
import type { LocalConfig, LocalView, PortSettings, VirtualSwitch } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject, textIn } from '#shared/json.ts';
import { isAddress, isMask, isRange, listAt, textOrNull } from './addresses.ts';
import { lowered } from './sessions.ts';

/** Pools of a switch that is enabled for compute [psm]. */
const COMPUTE_POOLS: readonly string[] = ['KubernetesNodeIPs', 'KubernetesServiceIPs'];

export function networkIn(given: JsonObject, view: LocalView, faults: Fault[]): LocalConfig {
  const interfaces = listAt(given.interfaces, 'device.network.interfaces', faults).map(
    (port, index) => portIn(port, { view, at: `device.network.interfaces[${index}]` }, faults),
  );
  checkPorts(interfaces, faults);
  const vSwitches =
    given.vswitches === undefined ? undefined : switchesIn(given.vswitches, view, faults);
  const switches = (vSwitches ?? view.config.vSwitches).map(({ name }) => name.toLowerCase());
  return {
    ...(given.interfaces === undefined ? {} : { interfaces }),
    ...(vSwitches === undefined ? {} : { vSwitches }),
    ...(given.virtualnetworks === undefined
      ? {}
      : { virtualNetworks: networksIn(given.virtualnetworks, switches, faults) }),
  };
}

/** Where a port is in the package, and the device that it must be of. */
interface Place {
  readonly view: LocalView;
  readonly at: string;
}

function portIn(given: JsonObject, { view, at }: Place, faults: Fault[]): PortSettings {
  const nodes = view.nodes.map(({ name }) => name);
  const asked = textIn(given, 'nodename');
  // A device with one node needs no name of it.
  const nodeName = asked === '' && nodes.length === 1 ? (nodes[0] ?? '') : asked;
  if (!nodes.includes(nodeName)) {
    const message = `'${nodeName}' is not a node of this device (${nodes.join(', ')}).`;
    faults.push({ target: `${at}.nodeName`, message });
  }
  const known = view.interfaces.find(
    (port) => textIn(port, 'name').toLowerCase() === textIn(given, 'name').toLowerCase(),
  );
  if (known === undefined) {
    const message = `'${textIn(given, 'name')}' is not a port of this device.`;
    faults.push({ target: `${at}.name`, message });
  }
  const isDhcpEnabled = given.isdhcpenabled === true;
  return {
    name: known === undefined ? '' : textIn(known, 'name'),
    nodeName,
    isDhcpEnabled,
    iPv4: isDhcpEnabled ? null : addressIn(given, at, faults),
    dnsServerAddresses: serversIn(given.dnsserveraddresses, at, faults),
    dnsSuffix: textOrNull(given.dnssuffix),
  };
}

/** The address of a port without DHCP. */
function addressIn(given: JsonObject, at: string, faults: Fault[]): PortSettings['iPv4'] {
  const iPv4 = lowered(given.ipv4);
  const target = `${at}.iPv4`;
  if (!isJsonObject(given.ipv4)) {
    faults.push({ target, message: 'A port without DHCP needs an IPv4 address.' });
    return null;
  }
  const { address, subnetmask, gateway } = iPv4;
  if (!isAddress(address)) {
    faults.push({ target: `${target}.address`, message: 'This must be an IPv4 address.' });
  }
  if (!isMask(subnetmask)) {
    const message = 'This must be a subnet mask such as 255.255.255.0.';
    faults.push({ target: `${target}.subnetMask`, message });
  }
  if (textOrNull(gateway) !== null && !isAddress(gateway)) {
    const message = 'This must be an IPv4 address, or null.';
    faults.push({ target: `${target}.gateway`, message });
  }
  return {
    address: textIn(iPv4, 'address'),
    subnetMask: textIn(iPv4, 'subnetmask'),
    gateway: textOrNull(gateway),
  };
}

function serversIn(value: Json | undefined, at: string, faults: Fault[]): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isAddress)) return value;
  const target = `${at}.dnsServerAddresses`;
  faults.push({ target, message: 'This must be a list of IPv4 addresses.' });
  return [];
}

/** A port is set once, and no address is given to two ports. */
function checkPorts(ports: readonly PortSettings[], faults: Fault[]): void {
  for (const [index, port] of ports.entries()) {
    const before = ports.slice(0, index);
    const at = `device.network.interfaces[${index}]`;
    if (
      port.name !== '' &&
      before.some(({ name, nodeName }) => name === port.name && nodeName === port.nodeName)
    ) {
      faults.push({ target: at, message: `${port.name} of ${port.nodeName} is set twice.` });
    } else if (
      port.iPv4 !== null &&
      before.some(({ iPv4 }) => iPv4 !== null && iPv4.address === port.iPv4?.address)
    ) {
      const message = `The address ${port.iPv4.address} is given to two ports.`;
      faults.push({ target: `${at}.iPv4.address`, message });
    }
  }
}

function switchesIn(value: Json, view: LocalView, faults: Fault[]): readonly VirtualSwitch[] {
  const ports = new Set(view.interfaces.map((port) => textIn(port, 'name').toLowerCase()));
  return listAt(value, 'device.network.vSwitches', faults).map((given, index) => {
    const at = `device.network.vSwitches[${index}]`;
    const mtu = typeof given.mtu === 'number' ? given.mtu : 1500;
    const interfaceName = textIn(given, 'interfacename');
    if (textIn(given, 'name') === '') {
      faults.push({ target: `${at}.name`, message: 'A virtual switch needs a name.' });
    }
    for (const port of interfaceName.split(',').map((one) => one.trim())) {
      if (!ports.has(port.toLowerCase())) {
        const message = `'${port}' is not a port of this device.`;
        faults.push({ target: `${at}.interfaceName`, message });
      }
    }
    if (mtu < 1500 || mtu > 9000) {
      faults.push({ target: `${at}.mtu`, message: 'The MTU must be from 1500 to 9000.' });
    }
    return {
      name: textIn(given, 'name'),
      interfaceName,
      enabledForCompute: given.enabledforcompute === true,
      enabledForStorage: given.enabledforstorage === true,
      enabledForMgmt: given.enabledformgmt === true,
      supportsAcceleratedNetworking: given.supportsacceleratednetworking === true,
      enableEmbeddedTeaming: given.enableembeddedteaming === true,
      ipAddressPools: poolsIn(given.ipaddresspools, { at, names: COMPUTE_POOLS }, faults),
      mtu,
    };
  });
}

function poolsIn(
  value: Json | undefined,
  { at, names }: { readonly at: string; readonly names: readonly string[] },
  faults: Fault[],
): VirtualSwitch['ipAddressPools'] {
  return listAt(value, `${at}.ipAddressPools`, faults).map((pool, place) => {
    const target = `${at}.ipAddressPools[${place}]`;
    const name = names.find((one) => one.toLowerCase() === textIn(pool, 'name').toLowerCase());
    if (name === undefined) {
      const message = `A pool here is named ${names.join(' or ')}.`;
      faults.push({ target: `${target}.name`, message });
    }
    const ipAddressRange = textIn(pool, 'ipaddressrange').trim();
    if (!isRange(ipAddressRange)) {
      const message = `'${ipAddressRange}' must be a range such as 10.1.2.3-10.1.2.5.`;
      faults.push({ target: `${target}.ipAddressRange`, message });
    }
    return { name: name ?? '', ipAddressRange };
  });
}

function networksIn(
  value: Json,
  switches: readonly string[],
  faults: Fault[],
): readonly JsonObject[] {
  return listAt(value, 'device.network.virtualNetworks', faults).map((given, index) => {
    const at = `device.network.virtualNetworks[${index}]`;
    const vlanId = given.vlanid;
    // VLAN ids (net).
    if (typeof vlanId !== 'number' || vlanId < 1 || vlanId > 4094) {
      faults.push({ target: `${at}.vlanId`, message: 'The VLAN id must be from 1 to 4094.' });
    }
    if (!switches.includes(textIn(given, 'vswitchname').toLowerCase())) {
      const message = `'${textIn(given, 'vswitchname')}' is not a virtual switch of this device.`;
      faults.push({ target: `${at}.vSwitchName`, message });
    }
    for (const [member, shown] of [
      ['subnetmask', 'subnetMask'],
      ['gateway', 'gateway'],
      ['network', 'network'],
    ] as const) {
      const isGood = member === 'subnetmask' ? isMask(given[member]) : isAddress(given[member]);
      if (textOrNull(given[member]) !== null && !isGood) {
        faults.push({ target: `${at}.${shown}`, message: 'This must be an IPv4 address.' });
      }
    }
    const names = ['VirtualMachineIPs'];
    return {
      name: textIn(given, 'name'),
      vSwitchName: textIn(given, 'vswitchname'),
      vlanId: vlanId ?? null,
      subnetMask: textOrNull(given.subnetmask),
      gateway: textOrNull(given.gateway),
      network: textOrNull(given.network),
      enabledForKubernetes: given.enabledforkubernetes === true,
      ipAddressPools: poolsIn(given.ipaddresspools, { at, names }, faults).map((pool) => ({
        ...pool,
      })),
    };
  });
}
