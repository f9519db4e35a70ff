/** Functions of networks and URIs [doc: template functions, CIDR; mem for the URIs]. Addresses are whole numbers of 32 or 128 bits here. */
import { isIP, isIPv6 } from 'node:net';
import type { Json, JsonObject } from '#shared/json.ts';
import { type PureFunction } from './texts.ts';
import type { Args } from './values.ts';

interface Network {
  /** The address as it was given, and its first one. */
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

function networkIn(args: Args): Network {
  const text = args.text(0);
  const [address = '', length = ''] = text.split('/', 2);
  const bits = isIPv6(address) ? 128 : 32;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (isIP(address) === 0 || address.includes('%') || prefix < 0 || prefix > bits) {
    throw args.fault(`'${text}' is not a network in CIDR notation`);
  }
  return networkAt(valueOf(address), prefix, bits);
}

function networkAt(address: bigint, prefix: number, bits: 32 | 128): Network {
  const size = 1n << BigInt(bits - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1n, prefix, bits };
}

function valueOf(address: string): bigint {
  if (!isIPv6(address)) {
    return address.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
  }
  return groupsOf(address).reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** The eight groups of an IPv6 address, of which `::` leaves out those that are zero. */
function groupsOf(address: string): string[] {
  const [, before = '', quad] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  const hex = (value: bigint): string => value.toString(16);
  const v4 = quad === undefined ? 0n : valueOf(quad);
  const whole = quad === undefined ? address : `${before}${hex(v4 >> 16n)}:${hex(v4 & 65_535n)}`;
  const [head = '', tail] = whole.split('::');
  const parts = (text: string): string[] => (text === '' ? [] : text.split(':'));
  if (tail === undefined) return parts(head);
  const zeros = 8 - parts(head).length - parts(tail).length;
  return [...parts(head), ...Array.from({ length: zeros }, () => '0'), ...parts(tail)];
}

function addressOf(value: bigint, bits: 32 | 128): string {
  const width = bits === 32 ? 8n : 16n;
  const count = bits === 32 ? 4 : 8;
  const parts = Array.from(
    { length: count },
    (_, at) => (value >> (width * BigInt(count - 1 - at))) & ((1n << width) - 1n),
  );
  if (bits === 32) return parts.join('.');
  // The browser's own rules shorten an IPv6 address.
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(
    1,
    -1,
  );
}

/** The addresses that hosts can have: in IPv4 all but the first and the last, where there are more than two. */
function usable({ first, last, prefix, bits }: Network): readonly [first: bigint, last: bigint] {
  return bits === 32 && prefix < 31 ? [first + 1n, last - 1n] : [first, last];
}

function parseCidr(args: Args): JsonObject {
  const network = networkIn(args);
  const { first, last, prefix, bits } = network;
  const [firstUsable, lastUsable] = usable(network);
  const ones = ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix);
  return {
    network: addressOf(first, bits),
    netmask: addressOf(ones, bits),
    ...(bits === 32 ? { broadcast: addressOf(last, bits) } : {}),
    firstUsable: addressOf(firstUsable, bits),
    lastUsable: addressOf(lastUsable, bits),
    cidr: prefix,
  };
}

function cidrSubnet(args: Args): string {
  const network = networkIn(args);
  const [prefix, index] = [args.number(1), args.number(2)];
  const isFit = Number.isInteger(prefix) && prefix >= network.prefix && prefix <= network.bits;
  if (!isFit) throw args.fault(`a network of /${network.prefix} has no subnets of /${prefix}`);
  const count = 1n << BigInt(prefix - network.prefix);
  if (!Number.isSafeInteger(index) || index < 0 || BigInt(index) >= count) {
    throw args.fault(`there is no subnet ${index} of /${prefix} in it`);
  }
  const size = 1n << BigInt(network.bits - prefix);
  const { first, bits } = networkAt(network.first + BigInt(index) * size, prefix, network.bits);
  return `${addressOf(first, bits)}/${prefix}`;
}

/** Host 0 is the one after the network's own address [doc]. */
function cidrHost(args: Args): string {
  const network = networkIn(args);
  const index = args.number(1);
  const address = network.first + 1n + BigInt(Math.trunc(index));
  const [, last] = usable(network);
  if (!Number.isSafeInteger(index) || index < 0 || address > last) {
    throw args.fault(`there is no host ${index} in '${args.text(0)}'`);
  }
  return addressOf(address, network.bits);
}

function parseUri(args: Args): JsonObject {
  const text = args.text(0);
  if (!URL.canParse(text)) throw args.fault(`'${text}' is not an absolute URI`);
  const { protocol, hostname, port, pathname, search } = new URL(text);
  return {
    scheme: protocol.slice(0, -1),
    host: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname,
    ...(search === '' ? {} : { query: search }),
  };
}

function buildUri(args: Args): string {
  const { scheme, host, port, path, query } = args.object(0);
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
  const place = port === undefined || port === null ? '' : `:${Number(port)}`;
  const after = text(query) === '' ? '' : `?${text(query).replace(/^\?/, '')}`;
  const way = text(path) === '' ? '' : `/${text(path).replace(/^\//, '')}`;
  const uri = `${text(scheme)}://${text(host)}${place}${way}${after}`;
  if (!URL.canParse(uri)) throw args.fault("it needs a 'scheme' and a 'host' that make a URI");
  return uri;
}

export const NETWORK_FUNCTIONS: Readonly<Record<string, PureFunction>> = {
  builduri: buildUri,
  cidrhost: cidrHost,
  cidrsubnet: cidrSubnet,
  parsecidr: parseCidr,
  parseuri: parseUri,
};
