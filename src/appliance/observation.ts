/**
 * The observation of a machine: what can be seen of it at one moment, in its own terms and without its inner workings.
 * Resources read it through `fleet/`; nothing in it shows that the machine is simulated.
 */
import type { ClusterPart } from '#kubernetes/foundation.ts';
import type { Instant } from '#shared/instant.ts';
import type { DataPolicy, PlainRoleKind, ShareProtocol } from './commands.ts';
import type { Witness } from './local-settings.ts';
import type {
  ObservedAdapter,
  ObservedAlert,
  ObservedCapacity,
  ObservedSupport,
} from './inspection.ts';

/** The states of the device, spelled as ARM shows them (appliance.md §13). */
export type MachineStatus =
  | 'ReadyToSetup'
  | 'Online'
  | 'Offline'
  | 'NeedsAttention'
  | 'Disconnected'
  | 'PartiallyDisconnected'
  | 'Maintenance';

export type OrderState =
  | 'Untracked'
  | 'AwaitingFulfillment'
  | 'AwaitingPreparation'
  | 'AwaitingShipment'
  | 'Shipped'
  | 'Arriving'
  | 'Delivered'
  | 'Declined'
  | 'LostDevice'
  | 'ReplacementRequested'
  | 'AwaitingPickup'
  | 'PickupCompleted'
  | 'ReturnInitiated'
  | 'AwaitingReturnShipment'
  | 'ShippedBack'
  | 'CollectedAtMicrosoft';

export interface ObservedNode {
  readonly name: string;
  readonly serialNumber: string;
  readonly status: 'Unknown' | 'Up' | 'Down' | 'Rebooting' | 'ShuttingDown';
  readonly id: string;
  /** `Controller 1`. */
  readonly displayName: string;
}

/** What is known of an active machine's hardware and software. */
export interface ObservedHardware {
  readonly serialNumber: string;
  readonly friendlyName: string;
  /** The name that the portal shows, such as `Azure Stack Edge Pro - 1 GPU`. */
  readonly model: string;
  /** `3.2.2380.1632`. */
  readonly softwareVersion: string;
  /** `Azure Stack Edge 2309`. */
  readonly softwareVersionName: string;
  readonly localCapacityMb: number;
  readonly timeZone: string;
  readonly hcsVersion: string;
  readonly nodes: readonly ObservedNode[];
}

export interface ObservedOrder {
  /** The oldest state first, the current one last. */
  readonly history: readonly {
    readonly state: OrderState;
    readonly at: Instant;
    readonly comments: string;
  }[];
  readonly serialNumber?: string;
  /** Set from state Shipped on. */
  readonly delivery?: {
    readonly carrier: string;
    readonly trackingId: string;
    readonly trackingUrl: string;
  };
  /** Set from state ReturnInitiated on. */
  readonly returning?: {
    readonly carrier: string;
    readonly trackingId: string;
    readonly trackingUrl: string;
  };
}

/** The states of roles and addons, spelled as ARM shows them. */
export type ProvisioningState =
  | 'Invalid'
  | 'Creating'
  | 'Created'
  | 'Updating'
  | 'Reconfiguring'
  | 'Failed'
  | 'Deleting';

export interface ObservedClusterNode {
  readonly name: string;
  readonly type: 'Master' | 'Worker';
  readonly ipAddresses: readonly { readonly port: string; readonly ipAddress: string }[];
  /** Whether its VM runs: a worker's where its node does, the master's once it has moved from a node that is out. */
  readonly isUp: boolean;
  /** The GPUs that work in it; none in a master. */
  readonly gpuCount: number;
}

export interface ObservedCluster {
  readonly role: string;
  readonly state: ProvisioningState;
  /** The version that the machine installs, whichever version the role asks for: `v1.25.5`. */
  readonly version: string;
  readonly etcdVersion: string;
  readonly nodes: readonly ObservedClusterNode[];
  /** When its creation began. */
  readonly createdAt: Instant;
  /** What stands of it: all parts once it is created. */
  readonly parts: readonly ClusterPart[];
  /** GPUs of one worker VM. */
  readonly gpuCount: number;
  /** The size of one worker VM. */
  readonly worker: { readonly processorCount: number; readonly memoryBytes: number };
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
  /** The shares that are mounted into the cluster. */
  readonly mounts: readonly ObservedMount[];
}

export interface ObservedMount {
  readonly share: string;
  readonly mountPoint: string;
  readonly type: 'Volume' | 'HostPath';
}

/** A role that is not a Kubernetes cluster. */
export interface ObservedRole {
  readonly kind: PlainRoleKind;
  readonly mounts: readonly ObservedMount[];
}

/** The IoT Edge runtime on the cluster. */
export interface ObservedIotEdge {
  readonly addon: string;
  readonly state: ProvisioningState;
  readonly version: string;
}

export interface ObservedArc {
  readonly addon: string;
  readonly state: ProvisioningState;
  readonly agentVersion: string;
  readonly connectivity: 'Connecting' | 'Connected' | 'Offline' | 'Expired';
  /** Absent until the first heartbeat. */
  readonly lastHeartbeatAt?: Instant;
  readonly certificateExpiresAt?: Instant;
  /** The number of nodes of the cluster, masters included. */
  readonly nodeCount: number;
  /** The number of vCPUs of those nodes, by which Arc charges. */
  readonly coreCount: number;
  readonly kubernetesVersion: string;
  /** How many agent deployments in `azure-arc` are ready, of `agentsTotal`. */
  readonly agentsReady: number;
  readonly agentsTotal: number;
}

/** The states of shares, storage accounts and containers, spelled as ARM shows them. */
export type StorageStatus = 'Offline' | 'Unknown' | 'OK' | 'Updating' | 'NeedsAttention';

/** The refreshes of a share or a container from the cloud. */
export interface ObservedRefresh {
  /** Name of the running refresh job. */
  readonly refreshJob?: string;
  readonly lastRefreshJob?: string;
  readonly lastRefreshAt?: Instant;
}

export interface ObservedShare extends ObservedRefresh {
  readonly protocol: ShareProtocol;
  readonly dataPolicy: DataPolicy;
  readonly status: StorageStatus;
}

export interface ObservedStorageAccount {
  readonly dataPolicy: DataPolicy;
  readonly status: StorageStatus;
  readonly blobEndpoint: string;
  /** The containers of the account, by name. */
  readonly containers: Readonly<Record<string, ObservedContainer>>;
}

export interface ObservedContainer extends ObservedRefresh {
  readonly status: StorageStatus;
  readonly createdAt: Instant;
}

export type JobKind =
  | 'ScanForUpdates'
  | 'DownloadUpdates'
  | 'InstallUpdates'
  | 'RefreshShare'
  | 'RefreshContainer'
  | 'TriggerSupportPackage';

/** `UpdateOperationStage`, as far as a machine has them. */
export type JobStage =
  | 'Initial'
  | 'ScanStarted'
  | 'DownloadStarted'
  | 'InstallStarted'
  | 'RebootInitiated'
  | 'RescanStarted'
  | 'Success'
  | 'Failure';

export interface ContainerName {
  readonly account: string;
  readonly container: string;
}

/** A job. The members are those of ARM's Job (databoxedge-contract §8). */
export interface ObservedJob {
  readonly kind: JobKind;
  readonly status: 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly percentComplete: number;
  /** Other jobs than those of updates have no stage. */
  readonly stage?: JobStage;
  readonly download?: {
    readonly phase: 'Unknown' | 'Initializing' | 'Downloading' | 'Verifying';
    readonly percentComplete: number;
    readonly totalBytes: number;
    readonly doneBytes: number;
    readonly totalUpdates: number;
    readonly doneUpdates: number;
  };
  readonly install?: {
    readonly percentComplete: number;
    readonly totalUpdates: number;
    readonly doneUpdates: number;
  };
  readonly error?: { readonly code: string; readonly message: string };
  /** What is refreshed: a share, or a container of a storage account. */
  readonly share?: string;
  readonly container?: ContainerName;
  readonly refreshErrors?: number;
}

export interface ObservedUpdate {
  readonly title: string;
  readonly sizeBytes: number;
  readonly type: 'Software' | 'Kubernetes' | 'Firmware';
  readonly targetVersion: string;
  readonly friendlyVersion: string;
  readonly installMinutes: number;
  readonly reboot: 'NeverReboots' | 'RequiresReboot' | 'RequestReboot';
  readonly impact: 'None' | 'DeviceRebooted' | 'KubernetesWorkloadsDown';
  readonly status:
    | 'DownloadPending'
    | 'DownloadStarted'
    | 'DownloadCompleted'
    | 'InstallStarted'
    | 'InstallCompleted';
}

export interface ObservedUpdates {
  readonly ongoing: 'None' | 'Scan' | 'Download' | 'Install';
  /** The updates that are offered and not installed. */
  readonly available: readonly ObservedUpdate[];
  /** The newest run of each update command. */
  readonly scan?: ObservedUpdateRun;
  readonly download?: ObservedUpdateRun;
  readonly install?: ObservedUpdateRun;
  /** When it last scanned, by itself or since it was asked to, successfully or not. */
  readonly lastScanAt?: Instant;
  /** When the newest successful run ended; of scans, those of the machine's own count too. */
  readonly lastSuccessfulScanAt?: Instant;
  readonly lastSuccessfulInstallAt?: Instant;
}

export interface ObservedUpdateRun {
  readonly job: string;
  readonly startedAt: Instant;
  /** Absent while the run goes on. */
  readonly endedAt?: Instant;
  readonly status: 'Running' | 'Succeeded' | 'Failed';
}

/**
 * The part of an observation that follows from causes alone, such as works and faults: it stays the same from one end of a stage to the
 * next, whereas the rest moves with the clock (progress, heartbeats). Devices in lists and clusters need nothing else, so a busy
 * machine costs them no more than an idle one.
 */
export interface Overview {
  readonly status: MachineStatus;
  /** True from activation to reset, also while the machine is offline. */
  readonly isActive: boolean;
  readonly hardware?: ObservedHardware;
  readonly cluster?: ObservedCluster;
  readonly iotEdge?: Pick<ObservedIotEdge, 'version'>;
  readonly arc?: Pick<ObservedArc, 'agentVersion'>;
  /** The roles that are not Kubernetes clusters, by name. */
  readonly roles: Readonly<Record<string, ObservedRole>>;
}

export interface Observation extends Overview {
  /** The moment of the observation. It is the only difference between observations of a machine that doesn't change. */
  readonly at: Instant;
  /** When it was activated; absent before, and of a machine that an earlier release activated. */
  readonly activatedAt?: Instant;
  readonly hasKubernetes: boolean;
  /** The key vault of the device is gone, or the secret in it: nothing can be encrypted. Absent where it is there. */
  readonly isVaultGone?: true;
  /** The cluster witness of a machine with two nodes. */
  readonly witness?: Witness;
  readonly order?: ObservedOrder;
  readonly arc?: ObservedArc;
  readonly iotEdge?: ObservedIotEdge;
  readonly shares: Readonly<Record<string, ObservedShare>>;
  readonly users: Readonly<Record<string, { readonly userType: string }>>;
  readonly bandwidthSchedules: readonly string[];
  readonly credentials: readonly string[];
  readonly storageAccounts: Readonly<Record<string, ObservedStorageAccount>>;
  readonly triggers: readonly string[];
  readonly support: ObservedSupport;
  /** All active alerts, the newest first. */
  readonly alerts: readonly ObservedAlert[];
  /** All network adapters; empty before activation. */
  readonly adapters: readonly ObservedAdapter[];
  /** What is used and what is free; undefined before activation. */
  readonly capacity: ObservedCapacity | undefined;
  readonly updates: ObservedUpdates;
  /**
   * The jobs that run and the newest ended job of each update command, by name. Other ended jobs are only in the change
   * that ended them.
   */
  readonly jobs: Readonly<Record<string, ObservedJob>>;
}
