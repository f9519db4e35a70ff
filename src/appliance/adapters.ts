/**
 * The network adapters of a machine: the ports of its model, their speeds, and which of them are in use. Everything follows
 * from the model and the seed, since no cables are plugged into a simulated machine.
 * Sources: spec-gpu, spec-pror, spec-mini, spec-pro2, net (appliance.md §1.1, §3); [S] NetworkSettingsGet for an adapter of
 * a virtual device. Which ports are in use, and which can do RDMA, is `[ours]`.
 */
import { guid, text } from '#shared/random.ts';
import type { MachineSpec } from './commands.ts';
import { nodeIdOf } from './identity.ts';
import { hardwareOf, type PortKind } from './models.ts';
import { adapterAddressOf, COMPUTE_PORT, gatewayOf, SUBNET_MASK } from './network.ts';
import type { ObservedAdapter } from './inspection.ts';

const BITS_PER_GIGABIT = 1_000_000_000;
/** A locally administered prefix of Microsoft, as in the example [S]. */
const MAC_PREFIX = '00155D';

/** The ports for management and for compute (net). */
const PORTS_IN_USE = ['Port1', COMPUTE_PORT, 'DATA1'];

/** The name of a port. Data Box Gateway calls its only one `DATA1` [S]; all other models count ports (net). */
const labelOf = (kind: PortKind, index: number): string =>
  kind.isVirtual === true ? `DATA${index + 1}` : `Port${index + 1}`;

/** All adapters of all nodes, node by node. */
export function adaptersOf(spec: MachineSpec): readonly ObservedAdapter[] {
  const kinds = hardwareOf(spec.sku).ports.flatMap((kind) =>
    Array.from({ length: kind.count }, () => kind),
  );
  return Array.from({ length: spec.nodeCount }, (_, node) =>
    kinds.map((kind, index) => adapterOf(spec, kind, { node, index })),
  ).flat();
}

interface Place {
  readonly node: number;
  readonly index: number;
}

function adapterOf(spec: MachineSpec, kind: PortKind, { node, index }: Place): ObservedAdapter {
  const words = [spec.seed, 'adapter', node, index] as const;
  const label = labelOf(kind, index);
  const macAddress = MAC_PREFIX + text('0123456789ABCDEF', 6, ...words);
  const isActive = PORTS_IN_USE.includes(label);
  return {
    id: `{${guid(...words).toUpperCase()}}`,
    nodeId: nodeIdOf(spec, node),
    name: label,
    port: index,
    index: index + 1,
    group: kind.isRdmaCapable ? 'RDMA' : 'NonRDMA',
    macAddress,
    speedBitsPerSecond: kind.gigabits * BITS_PER_GIGABIT,
    isActive,
    isRdmaCapable: kind.isRdmaCapable,
    // The first port has a static address, and so has the compute port; others use DHCP unless they are configured (net).
    hasDhcp: !isActive,
    ...(isActive
      ? {
          ipv4: {
            address: adapterAddressOf(spec, node, index),
            subnet: SUBNET_MASK,
            gateway: gatewayOf(spec),
          },
          ipv6LinkLocalAddress: linkLocalAddressOf(macAddress, index + 1),
          dnsServers: [gatewayOf(spec)],
        }
      : { dnsServers: [] }),
  };
}

/** The link-local address that follows from a MAC address (RFC 4291, appendix A): `fe80::215:5dff:fe4e:265b%1`. */
function linkLocalAddressOf(macAddress: string, index: number): string {
  const bytes = Array.from({ length: 6 }, (_, at) =>
    Number.parseInt(macAddress.slice(at * 2, at * 2 + 2), 16),
  );
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}%${index}`;
}
