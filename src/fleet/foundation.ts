/** The foundation of a cluster, from the overview of its machine. */
import type { Overview } from '#appliance/observation.ts';
import { MASTER_SIZE } from '#kubernetes/nodes.ts';
import type { Foundation } from '#kubernetes/foundation.ts';

/** What the machine gives to its cluster; undefined where it has none. `rootCertificates` are PEM. */
export function foundationOf(
  { cluster }: Overview,
  rootCertificates: string,
): Foundation | undefined {
  if (cluster === undefined) return undefined;
  const isGoing = cluster.state === 'Deleting';
  return {
    kubernetesVersion: cluster.version,
    createdAt: cluster.createdAt,
    parts: isGoing ? [] : cluster.parts,
    nodes: cluster.nodes.map(({ name, type, ipAddresses, isUp, gpuCount }) => {
      const size = type === 'Master' ? MASTER_SIZE : cluster.worker;
      return {
        name,
        type,
        ipAddress: ipAddresses[0]?.ipAddress ?? '',
        processorCount: size.processorCount,
        memoryBytes: size.memoryBytes,
        gpuCount,
        isUp,
      };
    }),
    podSubnet: cluster.cni.podSubnet,
    serviceSubnet: cluster.cni.serviceSubnet,
    serviceIpRanges: cluster.loadBalancer.ipRange,
    storageClasses: cluster.storageClasses.map(({ name, type }) => ({ name, provisioner: type })),
    shares: cluster.mounts.map(({ share }) => share),
    rootCertificates,
  };
}
