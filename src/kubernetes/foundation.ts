/**
 * What the appliance gives to its cluster, and all that the cluster knows of it: nodes with their state, version, networks and
 * addresses, mounted shares. When something of it changes the cluster is handed a new one.
 */
import type { Instant } from '#shared/instant.ts';

/** A part of the cluster that stands once its stage of the role's creation has ended. */
export type ClusterPart =
  | 'controlPlane'
  | 'network'
  | 'loadBalancer'
  | 'storageClass'
  | 'systemComponents';

export interface FoundationNode {
  readonly name: string;
  readonly type: 'Master' | 'Worker';
  readonly ipAddress: string;
  readonly processorCount: number;
  readonly memoryBytes: number;
  readonly gpuCount: number;
  /** Whether its VM runs: the only word about the machine's conditions. */
  readonly isUp: boolean;
}

export interface Foundation {
  /** `v1.27.8`. */
  readonly kubernetesVersion: string;
  /** When the role was created, from which on the cluster's objects count. */
  readonly createdAt: Instant;
  readonly parts: readonly ClusterPart[];
  readonly nodes: readonly FoundationNode[];
  /** `172.27.0.0/16`. */
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** External service addresses: `10.126.72.40-10.126.72.59`. */
  readonly serviceIpRanges: readonly string[];
  readonly storageClasses: readonly { readonly name: string; readonly provisioner: string }[];
  /** Names of the mounted shares. */
  readonly shares: readonly string[];
  /** PEM of the certificates that clients inside the cluster trust. */
  readonly rootCertificates: string;
}

/** Whether the control plane answers: it stands, and the master's VM runs. */
export const isServing = ({ parts, nodes }: Foundation): boolean =>
  parts.includes('controlPlane') && nodes.some(({ type, isUp }) => type === 'Master' && isUp);

/** The minor version: 27 of `v1.27.8`. */
export function minorOf(version: string): number {
  if (version !== lastVersion) {
    lastVersion = version;
    lastMinor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 27);
  }
  return lastMinor;
}

// Asked for with every step of a container.
let lastVersion = '';
let lastMinor = 27;
