/**
 * Reads a configuration package: `{device: {…}}`, whose names are matched without case. Members that a package does not have stay as
 * they are. All faults are thrown at once. Sources: [psm], [doc] (local-api); net (limits of networks).
 */
import type { LocalConfig, LocalView, VirtualSwitch } from '#fleet/fleet.ts';
import { type Fault, RefusedError } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject, textIn } from '#shared/json.ts';
import { lowered } from './sessions.ts';

/** What a package asks for. */
export interface Package {
  /** Names of its declarations, as results show them. */
  readonly declarations: readonly string[];
  readonly config: LocalConfig;
  /** The key to activate the device with; undefined where it does not. */
  readonly activationKey?: string;
  readonly password?: { readonly current: string; readonly next: string };
}

/** Names of declarations as results show them, in their order [doc]. */
export const DECLARATIONS: readonly string[] = [
  'Network',
  'Activation',
  'DeviceEndpoint',
  'WebProxy',
  'Time',
  'Update',
];

const RANGE = /^\s*\d{1,3}(\.\d{1,3}){3}\s*(-\s*\d{1,3}(\.\d{1,3}){3}\s*)?$/;

export function readPackage(body: unknown, view: LocalView): Package {
  const faults: Fault[] = [];
  const device = lowered(lowered(body).device);
  const has = (name: string): boolean => isJsonObject(device[name]);
  const network = has('network') ? networkIn(lowered(device.network), view, faults) : {};
  const activation = lowered(device.activation);
  const password = lowered(device.password);
  const config: LocalConfig = {
    ...network,
    ...(has('deviceendpoint')
      ? { deviceEndpoint: endpointIn(lowered(device.deviceendpoint), faults) }
      : {}),
    ...(has('time') ? { time: timeIn(lowered(device.time), view) } : {}),
    ...(has('update') ? { update: updateIn(lowered(device.update)) } : {}),
    ...(has('webproxy') ? { webProxy: proxyIn(lowered(device.webproxy), faults) } : {}),
  };
  const named = DECLARATIONS.filter((name) => has(name.toLowerCase()));
  if (named.length === 0 && !has('password')) {
    faults.push({ target: 'device', message: 'The package has no declaration.' });
  }
  if (faults.length > 0) throw invalidPackage(faults);
  return {
    declarations: named,
    config,
    ...(has('activation') ? { activationKey: textIn(activation, 'activationkey') } : {}),
    ...(has('password')
      ? {
          password: {
            current: textIn(password, 'currentpassword'),
            next: textIn(password, 'newpassword'),
          },
        }
      : {}),
  };
}

export function invalidPackage(faults: readonly Fault[]): RefusedError {
  const [first] = faults;
  return new RefusedError(400, {
    code: 'InvalidConfiguration',
    message: `The configuration is invalid: ${first?.message ?? ''}`,
    ...(first === undefined ? {} : { target: first.target }),
    details: faults.map((fault) => ({ code: 'InvalidConfiguration', ...fault })),
  });
}

const textOrNull = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

const timeIn = (given: JsonObject, { config }: LocalView): NonNullable<LocalConfig['time']> => ({
  timeZone: textIn(given, 'timezone') || config.time.timeZone,
  primaryTimeServer: textIn(given, 'primarytimeserver') || config.time.primaryTimeServer,
  secondaryTimeServer: textOrNull(given.secondarytimeserver),
});

const updateIn = (given: JsonObject): NonNullable<LocalConfig['update']> => ({
  serverType: textIn(given, 'servertype') || 'None',
  wsusServerURI: textOrNull(given.wsusserveruri),
});

function endpointIn(
  given: JsonObject,
  faults: Fault[],
): NonNullable<LocalConfig['deviceEndpoint']> {
  const name = textIn(given, 'name');
  const dnsDomain = textIn(given, 'dnsdomain');
  if (!/^[a-z0-9-]{1,13}$/i.test(name)) {
    const message = 'The name of a device has 1 to 13 letters, digits and hyphens.';
    faults.push({ target: 'device.deviceEndpoint.name', message });
  }
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(dnsDomain)) {
    const message = 'The DNS domain must be a domain name.';
    faults.push({ target: 'device.deviceEndpoint.dnsDomain', message });
  }
  return { name, dnsDomain };
}

function proxyIn(given: JsonObject, faults: Fault[]): NonNullable<LocalConfig['webProxy']> {
  const connectionURI = textOrNull(given.connectionuri);
  const isEnabled = given.isenabled === true;
  // Without PAC files, and over HTTP only (net).
  if (isEnabled && !/^http:\/\/[^/]+/i.test(connectionURI ?? '')) {
    const message = 'The web proxy must be an http:// address.';
    faults.push({ target: 'device.webProxy.connectionURI', message });
  }
  const authentication = textIn(given, 'authentication') || 'None';
  return { isEnabled, connectionURI, authentication, username: textOrNull(given.username) };
}

function networkIn(given: JsonObject, view: LocalView, faults: Fault[]): LocalConfig {
  const names = view.nodes.map(({ name }) => name);
  for (const [index, port] of listIn(given.interfaces).entries()) {
    const node = textIn(port, 'nodename');
    if (node !== '' && !names.includes(node)) {
      const target = `device.network.interfaces[${index}].nodeName`;
      faults.push({
        target,
        message: `'${node}' is not a node of this device (${names.join(', ')}).`,
      });
    }
  }
  return {
    ...(given.vswitches === undefined
      ? {}
      : { vSwitches: switchesIn(given.vswitches, view, faults) }),
    ...(given.virtualnetworks === undefined
      ? {}
      : { virtualNetworks: networksIn(given.virtualnetworks, faults) }),
  };
}

/** A list of objects with their names in lower case; none for what is no list. */
const listIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.map((entry) => lowered(entry)) : [];

function switchesIn(value: Json, view: LocalView, faults: Fault[]): readonly VirtualSwitch[] {
  const ports = new Set(view.interfaces.map((port) => textIn(port, 'name').toLowerCase()));
  return listIn(value).map((given, index) => {
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
    const ipAddressPools = listIn(given.ipaddresspools).map((pool, place) => {
      const ipAddressRange = textIn(pool, 'ipaddressrange');
      if (!RANGE.test(ipAddressRange)) {
        const target = `${at}.ipAddressPools[${place}].ipAddressRange`;
        faults.push({
          target,
          message: `'${ipAddressRange}' must be a range such as 10.1.2.3-10.1.2.5.`,
        });
      }
      return { name: textIn(pool, 'name'), ipAddressRange: ipAddressRange.trim() };
    });
    return {
      name: textIn(given, 'name'),
      interfaceName,
      enabledForCompute: given.enabledforcompute === true,
      enabledForStorage: given.enabledforstorage === true,
      enabledForMgmt: given.enabledformgmt === true,
      supportsAcceleratedNetworking: given.supportsacceleratednetworking === true,
      enableEmbeddedTeaming: given.enableembeddedteaming === true,
      ipAddressPools,
      mtu,
    };
  });
}

function networksIn(value: Json, faults: Fault[]): readonly JsonObject[] {
  return listIn(value).map((given, index) => {
    const vlanId = given.vlanid;
    // VLAN ids (net).
    if (typeof vlanId !== 'number' || vlanId < 1 || vlanId > 4094) {
      const target = `device.network.virtualNetworks[${index}].vlanId`;
      faults.push({ target, message: 'The VLAN id must be from 1 to 4094.' });
    }
    return {
      name: textIn(given, 'name'),
      vSwitchName: textIn(given, 'vswitchname'),
      vlanId: vlanId ?? null,
      subnetMask: textOrNull(given.subnetmask),
      gateway: textOrNull(given.gateway),
      network: textOrNull(given.network),
      enabledForKubernetes: given.enabledforkubernetes === true,
      ipAddressPools: listIn(given.ipaddresspools).map((pool) => ({
        name: textIn(pool, 'name'),
        ipAddressRange: textIn(pool, 'ipaddressrange'),
      })),
    };
  });
}

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Reads `{Type, VipAddress, ClusterNetworkAddress, IsDhcpEnabled}` [psm]. */
export function readVirtualIp(body: unknown): LocalConfig {
  const given = lowered(body);
  const type = textIn(given, 'type').toUpperCase();
  const address = textOrNull(given.vipaddress);
  const network = textIn(given, 'clusternetworkaddress');
  const isDhcpEnabled = given.isdhcpenabled === true;
  const faults: Fault[] = [];
  if (type !== 'ACS' && type !== 'NFS') {
    faults.push({ target: 'Type', message: "'Type' must be ACS or NFS." });
  }
  if (!isDhcpEnabled && !ADDRESS.test(address ?? '')) {
    faults.push({ target: 'VipAddress', message: 'Without DHCP a virtual IP needs an address.' });
  }
  if (!ADDRESS.test(network)) {
    const message = "'ClusterNetworkAddress' must be the address of a network.";
    faults.push({ target: 'ClusterNetworkAddress', message });
  }
  if (faults.length > 0) throw invalidPackage(faults);
  const vip = { address: isDhcpEnabled ? null : address, network, isDhcpEnabled };
  return type === 'ACS' ? { acsVip: vip } : { nfsVip: vip };
}
