/** IPv4 addresses and subnets as texts. */

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const textOf = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

function readSubnet(subnet: string): { readonly base: number; readonly size: number } {
  const [address = '', bits = '32'] = subnet.split('/');
  return { base: numberOf(address), size: 2 ** (32 - Number(bits)) };
}

/** `10.96.0.1/16` as `10.96.0.0/16`: the subnet in which the address is; undefined for what is none. */
export function subnetIn(text: string): string | undefined {
  const match = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\/(\d{1,2})$/.exec(text.trim());
  const [, address = '', bits = ''] = match ?? [];
  const isGood =
    match !== null && Number(bits) <= 32 && address.split('.').every((part) => Number(part) <= 255);
  if (!isGood) return undefined;
  const size = sizeOf(text);
  return `${textOf(Math.floor(numberOf(address) / size) * size)}/${Number(bits)}`;
}

/** How many bits of a subnet's addresses name the network. */
export const prefixOf = (subnet: string): number => Number(subnet.split('/')[1]);

/** Whether two subnets have addresses in common. */
export function overlaps(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => readSubnet(subnetIn(text) ?? text));
  return (
    first !== undefined &&
    second !== undefined &&
    first.base < second.base + second.size &&
    second.base < first.base + first.size
  );
}

/** How many addresses a subnet has. */
export const sizeOf = (subnet: string): number => readSubnet(subnet).size;

/** The address that many places after the first of the subnet. */
export const addressAt = (subnet: string, offset: number): string =>
  textOf(readSubnet(subnet).base + offset);

/** How many places after the first of the subnet the address is. */
export const offsetIn = (subnet: string, address: string): number =>
  numberOf(address) - readSubnet(subnet).base;

export function addressIn(subnet: string, address: string): boolean {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return false;
  const offset = offsetIn(subnet, address);
  return offset >= 0 && offset < sizeOf(subnet);
}

/** The addresses of a range such as `10.1.2.100-10.1.2.119`. */
export function addressesOf(range: string): string[] {
  const [first = '', last = first] = range.split('-');
  const [from, to] = [numberOf(first), numberOf(last)];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => textOf(from + index));
}
