/**
 * The hardware behind each SKU: data and look-ups. Offers, regions and prices are unknown here.
 * Sources: spec-gpu, spec-pror, spec-mini, spec-pro2, seed, clus (appliance.md §1.1–1.3). No article maps SKU names to
 * hardware, so the mapping is by name [D]. What the documents leave open is marked `[ours]`.
 */

/** Ports of one speed; kinds are listed in the order of the port numbers. */
export interface PortKind {
  readonly count: number;
  readonly gigabits: number;
  readonly isRdmaCapable: boolean;
  /** True for the network adapter of a VM. */
  readonly isVirtual?: boolean;
}

export interface Model {
  readonly sku: string;
  /** The name as the portal would show it; `… Pro - 1 GPU` is the pattern of the order catalogue (ehc). */
  readonly name: string;
  readonly hasKubernetes: boolean;
  /** Whether it can run workloads, not only storage. */
  readonly hasCompute: boolean;
  /** How many nodes a machine of this model may have. */
  readonly nodeCounts: readonly (1 | 2)[];
  /** vCPUs of one node that are available to workloads. */
  readonly usableVcpuCount: number;
  /** GiB of RAM of one node, as built in. */
  readonly memoryGib: number;
  /** TB of one node, after formatting and resiliency. */
  readonly usableStorageTb: number;
  readonly gpu: { readonly type: string; readonly count: number };
  /** The data disks of one node; 0 for a virtual device. */
  readonly diskCount: number;
  /** The power supplies of one node. */
  readonly supplyCount: number;
  /** The ports of one node. */
  readonly ports: readonly PortKind[];
  /** NUMA nodes (sockets) of one node. */
  readonly numaNodeCount: number;
  /** Where the numbers come from. */
  readonly source: string;
}

type Family = Omit<Model, 'sku' | 'name' | 'gpu' | 'memoryGib'> & Pick<Model, 'memoryGib'>;

const ports = (count: number, gigabits: number): PortKind => ({
  count,
  gigabits,
  // Adapters of the fast ports support RDMA [ours].
  isRdmaCapable: gigabits >= 25,
});

const NO_GPU = { type: 'None', count: 0 } as const;
const T4 = (count: number): Model['gpu'] => ({ type: 'NvidiaTeslaT4', count });
const VPU: Model['gpu'] = { type: 'IntelMovidiusMyriadX', count: 1 };

const PRO_GPU: Family = {
  hasKubernetes: true,
  hasCompute: true,
  nodeCounts: [1, 2],
  usableVcpuCount: 40,
  memoryGib: 128,
  usableStorageTb: 4.19,
  diskCount: 5,
  supplyCount: 2,
  ports: [ports(2, 1), ports(4, 25)],
  numaNodeCount: 2,
  source: 'spec-gpu, clus',
};
const PRO_R: Family = {
  hasKubernetes: true,
  hasCompute: true,
  nodeCounts: [1],
  usableVcpuCount: 32,
  memoryGib: 256,
  usableStorageTb: 42,
  diskCount: 8,
  supplyCount: 2,
  ports: [ports(2, 1), ports(2, 25)],
  numaNodeCount: 2,
  source: 'spec-pror, clus',
};
const MINI_R: Family = {
  hasKubernetes: true,
  hasCompute: true,
  nodeCounts: [1],
  usableVcpuCount: 24,
  memoryGib: 48,
  usableStorageTb: 0.75,
  diskCount: 1,
  supplyCount: 1,
  // Wi-Fi is not counted as a port.
  ports: [ports(2, 1), ports(2, 10)],
  numaNodeCount: 1,
  source: 'spec-mini, clus',
};
const PRO_2: Family = {
  hasKubernetes: true,
  hasCompute: true,
  nodeCounts: [1, 2],
  usableVcpuCount: 32,
  memoryGib: 128,
  usableStorageTb: 1.67,
  diskCount: 4,
  supplyCount: 1,
  ports: [ports(2, 10), ports(2, 100)],
  numaNodeCount: 1,
  source: 'spec-pro2, clus; RAM by the SKU name [D]',
};
/**
 * The FPGA device, which runs containers without Kubernetes (iotapi). Its storage is that of [S] deviceLocalCapacity,
 * 8042259 MB; the other numbers are [ours].
 */
const FPGA: Family = {
  hasKubernetes: false,
  hasCompute: true,
  nodeCounts: [1],
  usableVcpuCount: 40,
  memoryGib: 128,
  usableStorageTb: 8.43,
  diskCount: 5,
  supplyCount: 2,
  ports: [ports(2, 1), ports(4, 25)],
  numaNodeCount: 2,
  source: '[S] DataBoxEdgeDeviceGetByName; [ours] cores, memory and ports',
};
/** A virtual device for uploads, without compute. The customer chooses its size; 4 vCPUs, 8 GB and 2 TB are [ours]. */
const VIRTUAL: Family = {
  hasKubernetes: false,
  hasCompute: false,
  nodeCounts: [1],
  usableVcpuCount: 4,
  memoryGib: 8,
  usableStorageTb: 2,
  diskCount: 0,
  supplyCount: 0,
  ports: [{ ...ports(1, 10), isVirtual: true }],
  numaNodeCount: 1,
  source: '[ours] nothing printed',
};
/** Rugged and modular families, whose hardware no document describes [NF]. One node without Kubernetes is [ours]. */
const UNSPECIFIED: Family = {
  hasKubernetes: false,
  hasCompute: true,
  nodeCounts: [1],
  usableVcpuCount: 32,
  memoryGib: 128,
  usableStorageTb: 4.19,
  diskCount: 4,
  supplyCount: 2,
  ports: [ports(2, 1)],
  numaNodeCount: 1,
  source: '[ours] nothing printed',
};

type Row = readonly [
  sku: string,
  name: string,
  family: Family,
  gpu: Model['gpu'],
  memoryGib?: number,
];

/** All SKU names, in the order of the contract [S]. */
const ROWS: readonly Row[] = [
  ['Gateway', 'Data Box Gateway', VIRTUAL, NO_GPU],
  ['Edge', 'Azure Stack Edge Pro - FPGA', FPGA, NO_GPU],
  ['TEA_1Node', 'Azure Stack Edge Pro R - 1 node', UNSPECIFIED, NO_GPU],
  ['TEA_1Node_UPS', 'Azure Stack Edge Pro R - 1 node with UPS', UNSPECIFIED, NO_GPU],
  ['TEA_1Node_Heater', 'Azure Stack Edge Pro R - 1 node with heater', UNSPECIFIED, NO_GPU],
  [
    'TEA_1Node_UPS_Heater',
    'Azure Stack Edge Pro R - 1 node with UPS and heater',
    UNSPECIFIED,
    NO_GPU,
  ],
  ['TEA_4Node_Heater', 'Azure Stack Edge Pro R - 4 nodes with heater', UNSPECIFIED, NO_GPU],
  [
    'TEA_4Node_UPS_Heater',
    'Azure Stack Edge Pro R - 4 nodes with UPS and heater',
    UNSPECIFIED,
    NO_GPU,
  ],
  ['TMA', 'TMA', UNSPECIFIED, NO_GPU],
  ['TDC', 'TDC', UNSPECIFIED, NO_GPU],
  ['TCA_Small', 'TCA - small', UNSPECIFIED, NO_GPU],
  ['TCA_Large', 'TCA - large', UNSPECIFIED, NO_GPU],
  ['GPU', 'Azure Stack Edge Pro - GPU', { ...PRO_GPU, nodeCounts: [1] }, T4(1)],
  ['EdgeP_Base', 'Azure Stack Edge Pro - 1 GPU', PRO_GPU, T4(1)],
  ['EdgeP_High', 'Azure Stack Edge Pro - 2 GPU', PRO_GPU, T4(2)],
  ['EdgePR_Base', 'Azure Stack Edge Pro R - single node', PRO_R, T4(1)],
  ['EdgePR_Base_UPS', 'Azure Stack Edge Pro R - single node with UPS', PRO_R, T4(1)],
  ['EP2_64_1VPU_W', 'Azure Stack Edge Pro 2 - 64 GB, 1 VPU', PRO_2, VPU, 64],
  ['EP2_128_1T4_Mx1_W', 'Azure Stack Edge Pro 2 - 128 GB, 1 GPU', PRO_2, T4(1), 128],
  ['EP2_256_2T4_W', 'Azure Stack Edge Pro 2 - 256 GB, 2 GPU', PRO_2, T4(2), 256],
  ['EdgeMR_Mini', 'Azure Stack Edge Mini R', MINI_R, VPU],
  ['RCA_Small', 'RCA - small', UNSPECIFIED, NO_GPU],
  ['RCA_Large', 'RCA - large', UNSPECIFIED, NO_GPU],
  ['RDC', 'RDC', UNSPECIFIED, NO_GPU],
  // Stands for existing hardware of any model (ehc).
  ['Management', 'Azure Stack Edge', UNSPECIFIED, NO_GPU],
  ['EP2_64_Mx1_W', 'Azure Stack Edge Pro 2 - 64 GB', PRO_2, NO_GPU, 64],
  ['EP2_128_GPU1_Mx1_W', 'Azure Stack Edge Pro 2 - 128 GB, 1 GPU', PRO_2, T4(1), 128],
  ['EP2_256_GPU2_Mx1', 'Azure Stack Edge Pro 2 - 256 GB, 2 GPU', PRO_2, T4(2), 256],
  ['EdgeMR_TCP', 'Azure Stack Edge Mini R', MINI_R, VPU],
];

/** All models, in the contract's order. */
export const MODELS: readonly Model[] = ROWS.map(([sku, name, family, gpu, memoryGib]) => ({
  ...family,
  sku,
  name,
  gpu,
  memoryGib: memoryGib ?? family.memoryGib,
}));

const MODEL_BY_SKU: ReadonlyMap<string, Model> = new Map(MODELS.map((model) => [model.sku, model]));

/** The hardware of `sku`, spelled as in the contract; undefined for an unknown SKU. */
export function modelOf(sku: string): Model | undefined {
  return MODEL_BY_SKU.get(sku);
}

/** The hardware of an existing machine; a machine with an unknown SKU counts as unspecified. */
export function hardwareOf(sku: string): Model {
  return modelOf(sku) ?? { ...UNSPECIFIED, sku, name: sku, gpu: NO_GPU };
}
