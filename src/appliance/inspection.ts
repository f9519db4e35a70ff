/**
 * Parts of an observation (`observation.ts`) that are asked for seldom: adapters, capacity, alerts, support settings.
 */
import type { Instant } from '#shared/instant.ts';
import type { SupportSessionRequest } from './commands.ts';

/** A network adapter of one node. */
export interface ObservedAdapter {
  /** A GUID in braces. */
  readonly id: string;
  readonly nodeId: string;
  readonly name: string;
  /** Counts from 0; `index` is one more. */
  readonly port: number;
  readonly index: number;
  readonly group: 'None' | 'NonRDMA' | 'RDMA';
  /** `00155D4E265B`. */
  readonly macAddress: string;
  readonly speedBitsPerSecond: number;
  readonly isActive: boolean;
  readonly isRdmaCapable: boolean;
  readonly hasDhcp: boolean;
  /** Set for an adapter that is in use. */
  readonly ipv4?: { readonly address: string; readonly subnet: string; readonly gateway: string };
  readonly ipv6LinkLocalAddress?: string;
  readonly dnsServers: readonly string[];
}

/** What is used and what is free; all memory and storage in MB of 1,048,576 bytes. */
export interface ObservedCapacity {
  readonly storage: { readonly totalMb: number; readonly freeMb: number };
  readonly clusterName: string;
  readonly gpu: {
    readonly type: string;
    readonly used: number;
    readonly free: number;
    readonly total: number;
  };
  readonly memory: {
    readonly totalMb: number;
    readonly usedMb: number;
    readonly freeMb: number;
    readonly failoverMb: number;
    readonly hypervReserveMb: number;
    /** Memory of VMs that don't move to the other node. */
    readonly nonFailoverVmMb: number;
    readonly usedByVmsMb: number;
  };
  /** Virtual CPUs of all VMs. */
  readonly provisionedCores: number;
  readonly hosts: readonly ObservedHost[];
}

export interface ObservedHost {
  readonly name: string;
  readonly totalMemoryMb: number;
  /** For further VMs: on two nodes no more than half of a node's memory is for VMs (k8sfail). */
  readonly availableMemoryMb: number;
  readonly gpuType: string;
  readonly freeGpuCount: number;
  readonly usableVcpuCount: number;
  readonly vms: readonly { readonly id: string; readonly memoryMb: number }[];
  readonly numaNodes: readonly ObservedNumaNode[];
}

export interface ObservedNumaNode {
  readonly index: number;
  readonly totalMemoryMb: number;
  readonly availableMemoryMb: number;
  readonly threadsPerCore: number;
  readonly rootVcpus: readonly number[];
}

export interface ObservedAlert {
  /** A GUID that stays the same for as long as the alert is active. */
  readonly name: string;
  readonly type: string;
  readonly title: string;
  readonly recommendation: string;
  readonly severity: 'Informational' | 'Warning' | 'Critical';
  readonly appearedAt: Instant;
  readonly occurrences: number;
  readonly details: Readonly<Record<string, string>>;
}

export interface ObservedSupport {
  readonly collectsLogs: boolean;
  /** The sessions that have not ended. */
  readonly sessions: readonly SupportSessionRequest[];
}
