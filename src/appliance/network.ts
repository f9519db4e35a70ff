/**
 * The addresses that a machine gives to its cluster. They are drawn from the seed, within the ranges that the documents ask
 * for, since nobody configures the network of a simulated machine.
 * Sources: net, mcomp, metallb (appliance.md §4.1, §11).
 */
import { onceForEach } from '#shared/once-for-each.ts';
import { wholeNumber } from '#shared/random.ts';
import type { MachineSpec } from './commands.ts';

/** The port whose virtual switch is enabled for compute: vSwitch1 is on Port 2 (net). */
export const COMPUTE_PORT = 'Port2';

/** The mask of the /24 network that contains all addresses of the machine [ours]. */
export const SUBNET_MASK = '255.255.255.0';
/** Host number of the first adapter of the first node. Each node has its own range of host numbers [ours]. */
const FIRST_ADAPTER_HOST = 2;
const ADAPTER_HOSTS_PER_NODE = 9;

/** First host numbers of the node IPs and of the external service IPs in the /24, which don't overlap [ours]. */
const FIRST_NODE_HOST = 20;
const FIRST_SERVICE_HOST = 100;
/** At least one is required (net, mcomp); twenty are enough for tests with several services [ours]. */
const SERVICE_IP_COUNT = 20;

/** The network as `10.x.y`: private, and different from the subnets inside the cluster [ours]. */
const networkOf = onceForEach((spec: MachineSpec): string => {
  const [second, third] = ['second', 'third'].map((octet) =>
    wholeNumber(1, 254, spec.seed, 'network', octet),
  );
  return `10.${second ?? 1}.${third ?? 1}`;
});

/** The gateway, which is also the DNS server [ours]. */
export const gatewayOf = (spec: MachineSpec): string => `${networkOf(spec)}.1`;

/** The address of an adapter that is in use; node and adapter count from 0. */
export const adapterAddressOf = (spec: MachineSpec, node: number, adapter: number): string =>
  `${networkOf(spec)}.${FIRST_ADAPTER_HOST + node * ADAPTER_HOSTS_PER_NODE + adapter}`;

/** The node IPs: static and contiguous, one more than the machine has nodes (net), the master VM's first. */
export const nodeIpsOf = onceForEach((spec: MachineSpec): readonly string[] => {
  const network = networkOf(spec);
  return Array.from(
    { length: spec.nodeCount + 1 },
    (_, index) => `${network}.${FIRST_NODE_HOST + index}`,
  );
});

/** The external service IPs as a range: `10.x.y.100-10.x.y.119`. */
export function serviceIpRangeOf(spec: MachineSpec): string {
  const network = networkOf(spec);
  const last = FIRST_SERVICE_HOST + SERVICE_IP_COUNT - 1;
  return `${network}.${FIRST_SERVICE_HOST}-${network}.${last}`;
}
