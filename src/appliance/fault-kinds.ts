/**
 * The kinds of faults: what each means, which members say where it is, and on which hardware it is possible. Data; what follows
 * from a fault is asked of `conditions.ts`.
 * Sources: fail, k8sfail, alerts, tact, kv, upd (appliance.md §2.1, §11, §12, §14). Where no document describes a fault, its
 * description says what it does here.
 */
import type { FaultKind, FaultPlace, FailingStage, MachineSpec } from './commands.ts';
import { hardwareOf } from './models.ts';

/** A member that says where a fault is. */
export type PlaceMember = keyof FaultPlace;

/** What is known of a kind of fault, for whoever lists them. */
export interface FaultKindDescription {
  readonly kind: FaultKind;
  readonly description: string;
  readonly members: readonly {
    readonly name: PlaceMember;
    readonly isRequired: boolean;
    readonly description: string;
  }[];
}

export const FAILING_STAGES: readonly FailingStage[] = [
  'scan',
  'download',
  'installSoftware',
  'installKubernetes',
];

const MEMBERS: Readonly<Record<PlaceMember, string>> = {
  node: 'The number of the node: 1 or 2.',
  disk: 'The number of the data disk on its node, from 1.',
  supply: 'The number of the power supply on its node, from 1.',
  stage: `The part of an update that fails: ${FAILING_STAGES.join(', ')}.`,
};

interface Kind {
  readonly description: string;
  /** The members that it takes; true: required. A node that is required may be left out on a machine with one. */
  readonly members: Readonly<Partial<Record<PlaceMember, boolean>>>;
  /** Why it is impossible on that hardware, or undefined. */
  readonly impossible?: (spec: MachineSpec) => string | undefined;
}

const name = (spec: MachineSpec): string => hardwareOf(spec.sku).name;

const withoutHardware = (spec: MachineSpec): string | undefined =>
  hardwareOf(spec.sku).diskCount === 0
    ? `${name(spec)} is a virtual device without hardware of its own.`
    : undefined;

const withoutGpu = (spec: MachineSpec): string | undefined =>
  hardwareOf(spec.sku).gpu.type.startsWith('Nvidia') ? undefined : `${name(spec)} has no GPU.`;

const withoutSecondNode = ({ nodeCount }: MachineSpec): string | undefined =>
  nodeCount === 1 ? 'a device with one node has no witness.' : undefined;

const withoutKubernetes = (spec: MachineSpec): string | undefined =>
  hardwareOf(spec.sku).hasKubernetes ? undefined : `${name(spec)} has no Kubernetes.`;

const KINDS: Readonly<Record<FaultKind, Kind>> = {
  uplinkDown: {
    description:
      'The connection to Azure is cut. The device is Disconnected, Arc is Offline after 15 minutes, and work that needs Azure waits; the local network, Kubernetes too, goes on.',
    members: {},
  },
  uplinkSlow: {
    description:
      'The connection to Azure is slow: what is left of downloads and refreshes takes eight times as long.',
    members: {},
  },
  nodeDown: {
    description:
      'A node is down. A device with one node is Offline; of two nodes the other goes on, and takes over the master VM of Kubernetes within a few minutes.',
    members: { node: true },
  },
  diskFailing: {
    description: 'A data disk is about to fail: a warning.',
    members: { node: true, disk: true },
    impossible: withoutHardware,
  },
  diskFailed: {
    description:
      'A data disk has failed. The storage is degraded; a second one on a device with one node, or one on each of two nodes, takes the device Offline.',
    members: { node: true, disk: true },
    impossible: withoutHardware,
  },
  gpuLost: {
    description: 'The GPUs of a node are gone, for Kubernetes too.',
    members: { node: true },
    impossible: withoutGpu,
  },
  powerLost: {
    description:
      'The power is gone: of one supply, which the other one stands in for; of a node; or, without a node, of the whole device.',
    members: { node: false, supply: false },
    impossible: withoutHardware,
  },
  overTemperature: {
    description: 'A node is too hot, and its accelerators have shut down.',
    members: { node: true },
    impossible: withoutHardware,
  },
  certificateExpiring: {
    description: 'A certificate of the device expires 30 days after the fault begins.',
    members: {},
  },
  vaultDeleted: {
    description:
      'The key vault of the device is deleted, moved or out of reach: an activation fails, and what encrypts something, such as a user, a share or compute, is refused.',
    members: {},
  },
  vaultSecretDeleted: {
    description:
      'The channel integrity key in the key vault is deleted: what encrypts something is refused, as without the vault.',
    members: {},
  },
  witnessOffline: {
    description:
      'The witness of a device with two nodes is offline. While it is, the device survives the loss of a node only where the other one has the vote.',
    members: {},
    impossible: withoutSecondNode,
  },
  updateFails: {
    description:
      'The next updates fail at a stage. What was downloaded stays; the device keeps its release, and the update can be tried again.',
    members: { stage: true },
  },
  arcAgentOffline: {
    description: 'The Arc agents of the cluster have stopped: Arc is Offline after 15 minutes.',
    members: {},
    impossible: withoutKubernetes,
  },
  clockSkew: {
    description:
      'The clock of the device is wrong: Azure refuses the tokens of its Arc agents, and the time check fails.',
    members: {},
  },
  storageFull: {
    description:
      'The data volume is full: writes are throttled, and nothing more can be made on it.',
    members: {},
  },
};

export const FAULT_KINDS = Object.keys(KINDS) as FaultKind[];

/** Every kind with its members. */
export const describeFaultKinds = (): readonly FaultKindDescription[] =>
  FAULT_KINDS.map((kind) => ({
    kind,
    description: KINDS[kind].description,
    members: Object.entries(KINDS[kind].members).map(([member, isRequired]) => ({
      name: member as PlaceMember,
      isRequired,
      description: MEMBERS[member as PlaceMember],
    })),
  }));

/** The members that say where a fault of that kind is. */
export const membersOf = (kind: FaultKind): readonly string[] => Object.keys(KINDS[kind].members);

/** Whether a fault of that kind is about a node, always. */
export const needsNode = (kind: FaultKind): boolean => KINDS[kind].members.node === true;

/** What is wrong with a place on that machine: a member that the kind does not have, or lacks, or that is out of range. */
export function faultOfPlace(
  spec: MachineSpec,
  kind: FaultKind,
  place: FaultPlace,
): { readonly member: PlaceMember; readonly message: string } | undefined {
  const { members } = KINDS[kind];
  const { diskCount, supplyCount } = hardwareOf(spec.sku);
  for (const member of Object.keys(MEMBERS) as PlaceMember[]) {
    const given = place[member];
    if (given === undefined) {
      if (members[member] !== true || (member === 'node' && spec.nodeCount === 1)) continue;
      return { member, message: `A fault of kind ${kind} needs '${member}'. ${MEMBERS[member]}` };
    }
    if (members[member] === undefined) {
      return { member, message: `A fault of kind ${kind} has no '${member}'.` };
    }
    const most = { node: spec.nodeCount, disk: diskCount, supply: supplyCount, stage: 0 }[member];
    if (typeof given === 'number' && given > most) {
      return { member, message: `'${member}' must be at most ${most} on ${name(spec)}.` };
    }
  }
  return place.supply !== undefined && place.node === undefined && spec.nodeCount === 2
    ? { member: 'node', message: "'supply' needs 'node' on a device with two nodes." }
    : undefined;
}

/** Why a fault of that kind can't happen to that machine, or undefined. */
export const impossibleOn = (spec: MachineSpec, kind: FaultKind): string | undefined =>
  KINDS[kind].impossible?.(spec);
