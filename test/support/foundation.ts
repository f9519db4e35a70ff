/** What a machine gives to its cluster, for tests of the cluster alone: a master, two workers with a GPU each, all parts standing. */
import type { Foundation, FoundationNode } from '#kubernetes/foundation.ts';
import { instant } from '#shared/instant.ts';

const node = (name: string, type: FoundationNode['type'], host: number): FoundationNode => ({
  name,
  type,
  ipAddress: `10.1.2.${host}`,
  processorCount: 12,
  memoryBytes: 2 ** 35,
  gpuCount: type === 'Worker' ? 1 : 0,
  isUp: true,
});

export const FOUNDATION: Foundation = {
  kubernetesVersion: 'v1.27.8',
  createdAt: instant(Date.UTC(2026, 2, 2)),
  parts: ['controlPlane', 'network', 'loadBalancer', 'storageClass', 'systemComponents'],
  nodes: [node('master', 'Master', 20), node('one', 'Worker', 21), node('two', 'Worker', 22)],
  podSubnet: '172.27.0.0/16',
  serviceSubnet: '172.28.0.0/16',
  serviceIpRanges: ['10.1.2.100-10.1.2.119'],
  storageClasses: [{ name: 'ase-node-local', provisioner: 'rancher.io/local-path' }],
  shares: [],
  rootCertificates: 'PEM',
};
