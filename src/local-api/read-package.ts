/**
 * Reads a configuration package: `{device: {…}}`, whose names are matched without case. Members that a package does not have stay as
 * they are. All faults are thrown at once. Sources: [psm], [doc] (local-api); net (limits of networks).
 */
import type { LocalConfig, LocalView } from '#fleet/fleet.ts';
import { type Fault, RefusedError } from '#shared/failure.ts';
import { isJsonObject, type JsonObject, textIn } from '#shared/json.ts';
import { isAddress, textOrNull } from './addresses.ts';
import { certificatesIn, checkKeys } from './read-certificates.ts';
import { networkIn } from './read-network.ts';
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
    ...(has('time') ? { time: timeIn(lowered(device.time), view, faults) } : {}),
    ...(has('update') ? { update: updateIn(lowered(device.update), faults) } : {}),
    ...(has('webproxy') ? { webProxy: proxyIn(lowered(device.webproxy), faults) } : {}),
    ...(device.certificates === undefined || device.certificates === null
      ? {}
      : { certificates: certificatesIn(device.certificates, faults) }),
  };
  checkKeys(device.encryptionatrestkeys, view.isRugged, faults);
  const named = DECLARATIONS.filter((name) => has(name.toLowerCase()));
  const hasOthers =
    has('password') || has('encryptionatrestkeys') || config.certificates !== undefined;
  if (named.length === 0 && !hasOthers) {
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

const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i;

function timeIn(
  given: JsonObject,
  { config }: LocalView,
  faults: Fault[],
): NonNullable<LocalConfig['time']> {
  const time = {
    timeZone: textIn(given, 'timezone') || config.time.timeZone,
    primaryTimeServer: textIn(given, 'primarytimeserver') || config.time.primaryTimeServer,
    secondaryTimeServer: textOrNull(given.secondarytimeserver),
  };
  for (const member of ['primaryTimeServer', 'secondaryTimeServer'] as const) {
    const server = time[member];
    if (server !== null && !HOST.test(server)) {
      const message = `'${server}' must be the name or the address of a time server.`;
      faults.push({ target: `device.time.${member}`, message });
    }
  }
  return time;
}

/** Where updates come from [psm]; the spelling of a server of one's own is [ours]. */
const SERVER_TYPES: readonly string[] = ['None', 'MicrosoftUpdate', 'WSUS'];

function updateIn(given: JsonObject, faults: Fault[]): NonNullable<LocalConfig['update']> {
  const asked = textIn(given, 'servertype') || 'None';
  const serverType = SERVER_TYPES.find((one) => one.toLowerCase() === asked.toLowerCase());
  const wsusServerURI = textOrNull(given.wsusserveruri);
  if (serverType === undefined) {
    const message = `'${asked}' must be one of ${SERVER_TYPES.join(', ')}.`;
    faults.push({ target: 'device.update.serverType', message });
  }
  if (serverType === 'WSUS' && !/^https?:\/\/[^/]+/i.test(wsusServerURI ?? '')) {
    const message = 'A WSUS server needs an http:// or https:// address.';
    faults.push({ target: 'device.update.wsusServerURI', message });
  }
  return { serverType: serverType ?? 'None', wsusServerURI };
}

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
  if (!HOST.test(dnsDomain)) {
    const message = 'The DNS domain must be a domain name.';
    faults.push({ target: 'device.deviceEndpoint.dnsDomain', message });
  }
  return { name, dnsDomain };
}

/** How a web proxy is signed in to: not with NTLM (net); the word for a user with a password is [ours]. */
const AUTHENTICATIONS: readonly string[] = ['None', 'Basic'];

function proxyIn(given: JsonObject, faults: Fault[]): NonNullable<LocalConfig['webProxy']> {
  const connectionURI = textOrNull(given.connectionuri);
  const isEnabled = given.isenabled === true;
  // Without PAC files, and over HTTP only (net).
  if (isEnabled && !/^http:\/\/[^/]+/i.test(connectionURI ?? '')) {
    const message = 'The web proxy must be an http:// address.';
    faults.push({ target: 'device.webProxy.connectionURI', message });
  }
  const asked = textIn(given, 'authentication') || 'None';
  const authentication = AUTHENTICATIONS.find((one) => one.toLowerCase() === asked.toLowerCase());
  if (authentication === undefined) {
    const message = `'${asked}' must be one of ${AUTHENTICATIONS.join(', ')}.`;
    faults.push({ target: 'device.webProxy.authentication', message });
  }
  if (authentication === 'Basic' && textOrNull(given.username) === null) {
    const message = 'A web proxy with a sign-in needs a user.';
    faults.push({ target: 'device.webProxy.username', message });
  }
  return {
    isEnabled,
    connectionURI,
    authentication: authentication ?? 'None',
    username: textOrNull(given.username),
  };
}

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
  if (!isDhcpEnabled && !isAddress(address)) {
    faults.push({ target: 'VipAddress', message: 'Without DHCP a virtual IP needs an address.' });
  }
  if (!isAddress(network)) {
    const message = "'ClusterNetworkAddress' must be the address of a network.";
    faults.push({ target: 'ClusterNetworkAddress', message });
  }
  if (faults.length > 0) throw invalidPackage(faults);
  const vip = { address: isDhcpEnabled ? null : address, network, isDhcpEnabled };
  return type === 'ACS' ? { acsVip: vip } : { nfsVip: vip };
}
