/**
 * The description of a cluster on an appliance: nodes, networks, load balancer, storage. The appliance says what it is
 * built from, and when which part exists follows from the appliance's stage table.
 * Sources: net, k8snet, dynamic, stor (appliance.md §4, §6).
 */
import { assert } from '#shared/assert.ts';
import { MASTER_SIZE, masterNameOf, type VmSize, workerNameOf, workerSizeOf } from './nodes.ts';
import { subnetIn } from './objects/addresses.ts';
import { componentVersionsOf } from './versions.ts';

/** What the machine provides for its cluster. */
export interface ClusterFoundation {
  /** The Kubernetes version: `v1.25.5`. */
  readonly kubernetesVersion: string;
  /** Serial numbers of the device's nodes, the first node's first. There is one worker VM for each. */
  readonly serialNumbers: readonly string[];
  /** vCPUs of one device node that are available to workloads. */
  readonly usableVcpuCount: number;
  /** RAM of one device node as built in. */
  readonly memoryBytes: number;
  /** The size of each worker VM; what follows from vCPUs and RAM when absent. */
  readonly workerSize?: VmSize;
  /** One IP for each VM, the master's first. */
  readonly nodeIps: readonly string[];
  /** The port that is enabled for compute. */
  readonly port: string;
  /** External service IPs, such as `10.126.72.40-10.126.72.59`. */
  readonly serviceIpRange: string;
  /** Of pods and services, such as `172.27.0.0/16`; the address may be any of the subnet. */
  readonly podSubnet: string;
  readonly serviceSubnet: string;
}

export interface ClusterNode {
  readonly name: string;
  readonly type: 'Master' | 'Worker';
  readonly size: VmSize;
  readonly ipAddress: string;
  readonly port: string;
}

export interface ClusterDescription {
  readonly kubernetesVersion: string;
  readonly etcdVersion: string;
  readonly nodes: readonly ClusterNode[];
  /** The size of each worker VM. */
  readonly workerSize: VmSize;
  readonly cni: {
    readonly type: string;
    readonly version: string;
    readonly podSubnet: string;
    readonly serviceSubnet: string;
  };
  readonly loadBalancer: {
    readonly type: string;
    readonly version: string;
    readonly ipRange: readonly string[];
  };
  readonly storageClasses: readonly {
    readonly name: string;
    readonly type: string;
    readonly posixCompliant: 'Invalid' | 'Enabled' | 'Disabled';
  }[];
}

/** The only built-in storage class, on the data disk of the worker (dynamic, stor). */
const STORAGE_CLASSES: ClusterDescription['storageClasses'] = [
  { name: 'ase-node-local', type: 'rancher.io/local-path', posixCompliant: 'Enabled' },
];

/** The finished cluster on `foundation`: one master VM, and one worker VM for each device node (seed, clus). */
export function describeCluster(foundation: ClusterFoundation): ClusterDescription {
  const { kubernetesVersion, serialNumbers, nodeIps, port } = foundation;
  assert(nodeIps.length === serialNumbers.length + 1, 'each VM of a cluster has an IP');
  const firstSerialNumber = serialNumbers[0] ?? '';
  const workerSize = foundation.workerSize ?? workerSizeOf(foundation);
  const versions = componentVersionsOf(kubernetesVersion);
  const master: ClusterNode = {
    name: masterNameOf(firstSerialNumber),
    type: 'Master',
    size: MASTER_SIZE,
    ipAddress: nodeIps[0] ?? '',
    port,
  };
  const workers = serialNumbers.map(
    (serialNumber, index): ClusterNode => ({
      name: workerNameOf(firstSerialNumber, serialNumber),
      type: 'Worker',
      size: workerSize,
      ipAddress: nodeIps[index + 1] ?? '',
      port,
    }),
  );
  return {
    kubernetesVersion,
    etcdVersion: versions.etcd,
    nodes: [master, ...workers],
    workerSize,
    cni: {
      type: 'Calico',
      version: versions.calico,
      podSubnet: subnetIn(foundation.podSubnet) ?? foundation.podSubnet,
      serviceSubnet: subnetIn(foundation.serviceSubnet) ?? foundation.serviceSubnet,
    },
    loadBalancer: {
      type: 'MetalLB',
      version: versions.metallb,
      ipRange: [foundation.serviceIpRange],
    },
    storageClasses: STORAGE_CLASSES,
  };
}
