/**
 * The names under which the service answers. A web page can give its own name another address while a browser shows it (DNS rebinding),
 * and what it then sends looks like a call of the service's own pages. Such a call says the page's name in its Host header, so a
 * name that is not known here is refused, at every door. Pure.
 */
import { isIP } from 'node:net';

/** Which hosts there are. */
export interface Hosts {
  /** Names and addresses, in lower case: those of the loopback, of the machine, and configured ones. */
  readonly names: readonly string[];
  /** The service listens beyond loopback: any address is one of its own, whatever stands in front of it. */
  readonly isEveryAddress: boolean;
}

/** So many hosts are remembered: with ports there are a few, and a client can make up any number. */
const MAX_REMEMBERED = 64;

/** Gives whether `host`, such as `localhost:8480`, is one of `hosts`. */
export function hostCheck({ names, isEveryAddress }: Hosts): (host: string) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  const remembered = new Set<string>();
  const isOwn = (host: string): boolean => {
    const name = nameIn(host);
    if (name === undefined) return false;
    if (known.has(name) || isLoopback(name)) return true;
    return isEveryAddress && isIP(name) !== 0;
  };
  return (host) => {
    if (remembered.has(host)) return true;
    if (!isOwn(host)) return false;
    if (remembered.size < MAX_REMEMBERED) remembered.add(host);
    return true;
  };
}

/** The name of a host, without port and brackets, in lower case; undefined for what is none. */
function nameIn(host: string): string | undefined {
  if (!URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** `localhost` and all names below it are the machine's own [rfc6761], and so is all of 127.0.0.0/8. */
export function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    (isIP(name) === 4 && name.startsWith('127.'))
  );
}
