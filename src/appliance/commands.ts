/**
 * Commands: what a machine can be asked to do. Every command carries an id that its caller chooses. The machine does each
 * id once, so a caller that crashed may ask again.
 */
import type { Failure } from '#shared/failure.ts';
import type { Duration, Instant } from '#shared/instant.ts';
import type { VmSize } from '#kubernetes/nodes.ts';
import type { LocalConfig } from './local-settings.ts';

/** What a machine is when it leaves the factory. Everything else about it follows from this and from its commands. */
export interface MachineSpec {
  /** The SKU it was ordered as: `EdgeP_Base`, `EdgeMR_Mini`, … (appliance.md §1.3). */
  readonly sku: string;
  readonly nodeCount: 1 | 2;
  /** The software release it ships with, such as `2309` (appliance.md §5). */
  readonly release: string;
  /** Seeds everything that is drawn for this machine: serial number, stage lengths. */
  readonly seed: string;
  readonly createdAt: Instant;
}

export type ShareProtocol = 'SMB' | 'NFS';
export type DataPolicy = 'Cloud' | 'Local';

/** Something that another thing on the machine needs, by kind and name. It can't be deleted while it is needed. */
export type Need = `${'credential' | 'user' | 'share' | 'role'}/${string}`;

/** Kinds of roles other than Kubernetes. */
export type PlainRoleKind = 'IOT' | 'MEC' | 'CloudEdgeManagement';

/** A remote support session: which tool may be used, with which rights, until when. */
export interface SupportSessionRequest {
  readonly application: 'Powershell' | 'WAC' | 'LocalUI' | 'AllApplications';
  readonly access: 'ReadOnly' | 'ReadWrite' | 'FullAccess';
  readonly expiresAt: Instant;
}

/** The rate of the transfers between a machine and the cloud, weekly on some days between two times of the day in UTC. */
export interface BandwidthLimit {
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Seconds since midnight. */
  readonly startSecond: number;
  readonly stopSecond: number;
  /** 0: no limit. */
  readonly rateInMbps: number;
}

/** The number of a node, as in `Controller 1`. */
export type NodeNumber = 1 | 2;

/** What may break on a machine (fault-kinds.ts). */
export type FaultKind =
  | 'uplinkDown'
  | 'uplinkSlow'
  | 'nodeDown'
  | 'diskFailing'
  | 'diskFailed'
  | 'gpuLost'
  | 'powerLost'
  | 'overTemperature'
  | 'certificateExpiring'
  | 'vaultDeleted'
  | 'vaultSecretDeleted'
  | 'witnessOffline'
  | 'updateFails'
  | 'arcAgentOffline'
  | 'clockSkew'
  | 'storageFull';

/** The parts of an update at which it can fail. */
export type FailingStage = 'scan' | 'download' | 'installSoftware' | 'installKubernetes';

/** Where on the machine a fault is; which members a kind has is said by `fault-kinds.ts`. */
export interface FaultPlace {
  readonly node?: NodeNumber;
  /** Counts from 1 on each node. */
  readonly disk?: number;
  /** Counts from 1 on each node. */
  readonly supply?: number;
  readonly stage?: FailingStage;
}

export type Command =
  /** Something breaks: now, or after a while; for a while, or until it is healed. */
  | ({
      readonly kind: 'injectFault';
      /** Its id, chosen by the caller. */
      readonly fault: string;
      readonly faultKind: FaultKind;
      readonly after?: Duration;
      readonly for?: Duration;
    } & FaultPlace)
  /** Faults of these kinds, all that are possible where the list is empty, begin to come by chance. */
  | {
      readonly kind: 'beginCampaign';
      readonly campaign: string;
      /** Everything about it is drawn from this. */
      readonly seed: string;
      readonly kinds: readonly FaultKind[];
      /** The mean time between them. */
      readonly every: Duration;
      readonly for: Duration;
    }
  | { readonly kind: 'endCampaign'; readonly campaign: string }
  /** A package of the local web interface: which declarations it has, and what they set. */
  | {
      readonly kind: 'configureLocally';
      readonly declarations: readonly string[];
      readonly config: LocalConfig;
    }
  | { readonly kind: 'runDiagnostics' }
  /** The subnets of pods and services of a cluster that is yet to be made, as `10.96.0.0/16`. */
  | {
      readonly kind: 'setClusterNetwork';
      readonly podSubnet: string;
      readonly serviceSubnet: string;
    }
  /** A fault is mended, or one to come is called off. */
  | { readonly kind: 'healFault'; readonly fault: string }
  /** The technician enters the activation key; five minutes later the machine is active (act). */
  | {
      readonly kind: 'activate';
      /** Somebody does so over the local web interface, and no technician has set up the network for compute. */
      readonly isByHand?: true;
    }
  /** `orders/default` was created: the machine is prepared, shipped and delivered (shipping.ts). */
  | {
      readonly kind: 'placeOrder';
      /** True where the customer fetches the machine himself. */
      readonly isPickup?: boolean;
    }
  /** The order is canceled; refused once preparation has begun. */
  | { readonly kind: 'cancelOrder' }
  /** What becomes of an order otherwise: Microsoft declines it, the carrier loses the machine, the customer wants another one. */
  | {
      readonly kind: 'changeOrder';
      readonly to: 'Declined' | 'LostDevice' | 'ReplacementRequested';
    }
  /** The customer starts the return; refused before delivery. */
  | { readonly kind: 'returnMachine' }
  | {
      readonly kind: 'createCluster';
      readonly role: string;
      /** The size of the worker VMs; the usual one when absent. */
      readonly worker?: VmSize;
      /** Names of the shares to mount; none when absent. */
      readonly mounts?: readonly string[];
    }
  /** Changes an existing Kubernetes role (status, desired settings, mounted shares) without a new cluster. */
  | {
      readonly kind: 'configureCluster';
      readonly role: string;
      readonly worker?: VmSize;
      readonly mounts?: readonly string[];
    }
  | { readonly kind: 'deleteCluster'; readonly role: string }
  | {
      readonly kind: 'connectArc';
      readonly addon: string;
      readonly role: string;
      /** ARM id of the connected cluster, which the facts report. */
      readonly connectedClusterId: string;
    }
  | { readonly kind: 'disconnectArc'; readonly addon: string }
  /** Installs the IoT Edge runtime on the cluster. */
  | { readonly kind: 'installIotEdge'; readonly addon: string; readonly role: string }
  | { readonly kind: 'removeIotEdge'; readonly addon: string }
  | {
      readonly kind: 'putRole';
      readonly role: string;
      readonly roleKind: PlainRoleKind;
      /** Names of the shares to mount; none when absent. */
      readonly mounts?: readonly string[];
    }
  | { readonly kind: 'deleteRole'; readonly role: string }
  /** Collects metrics of a role. Which ones and for whom is known to the resource only. */
  | { readonly kind: 'putMonitoring'; readonly role: string }
  | { readonly kind: 'deleteMonitoring'; readonly role: string }
  | {
      readonly kind: 'putShare';
      readonly share: string;
      readonly protocol: ShareProtocol;
      readonly dataPolicy: DataPolicy;
      /** What the share needs; nothing when absent. */
      readonly needs?: readonly Need[];
    }
  | { readonly kind: 'deleteShare'; readonly share: string }
  | {
      readonly kind: 'refreshShare';
      readonly share: string;
      /** The job's name as clients see it. */
      readonly job: string;
    }
  | { readonly kind: 'putCredential'; readonly credential: string }
  | { readonly kind: 'deleteCredential'; readonly credential: string }
  | {
      readonly kind: 'putStorageAccount';
      readonly account: string;
      readonly dataPolicy: DataPolicy;
      readonly needs?: readonly Need[];
    }
  /** Deletes the account with all its containers. */
  | { readonly kind: 'deleteStorageAccount'; readonly account: string }
  | { readonly kind: 'putContainer'; readonly account: string; readonly container: string }
  | { readonly kind: 'deleteContainer'; readonly account: string; readonly container: string }
  | {
      readonly kind: 'refreshContainer';
      readonly account: string;
      readonly container: string;
      readonly job: string;
    }
  | { readonly kind: 'putTrigger'; readonly trigger: string; readonly needs: readonly Need[] }
  | { readonly kind: 'deleteTrigger'; readonly trigger: string }
  | { readonly kind: 'putUser'; readonly user: string; readonly userType: string }
  | { readonly kind: 'deleteUser'; readonly user: string }
  | {
      readonly kind: 'putBandwidthSchedule';
      readonly schedule: string;
      /** Absent in commands that earlier releases began. */
      readonly limit?: BandwidthLimit;
    }
  | { readonly kind: 'deleteBandwidthSchedule'; readonly schedule: string }
  /** The password of the local administrator was changed; the command doesn't carry it. */
  | { readonly kind: 'changePassword' }
  /** Switches proactive log collection on or off. */
  | { readonly kind: 'setLogCollection'; readonly isEnabled: boolean }
  /** Replaces all remote support sessions. */
  | { readonly kind: 'setRemoteSupport'; readonly sessions: readonly SupportSessionRequest[] }
  | { readonly kind: 'triggerSupportPackage'; readonly job: string }
  /** Computes which VMs could be placed on the machine. */
  | { readonly kind: 'checkCapacity' }
  | { readonly kind: 'scanForUpdates'; readonly job: string }
  | { readonly kind: 'downloadUpdates'; readonly job: string }
  | { readonly kind: 'installUpdates'; readonly job: string }
  /** The device resource is deleted: everything on the machine is wiped. */
  | { readonly kind: 'reset' };

/** A command with its id: unique per machine, chosen by the caller, at most 200 characters. */
export interface Request {
  readonly id: string;
  readonly command: Command;
}

/** The state of a command that was accepted. */
export type Task =
  | {
      readonly state: 'running';
      readonly startedAt: Instant;
      readonly percentComplete: number;
      /** When the task ends, as known now. */
      readonly endsAt: Instant;
    }
  | { readonly state: 'succeeded'; readonly endedAt: Instant }
  | { readonly state: 'failed'; readonly endedAt: Instant; readonly failure: Failure };
