/**
 * What can be seen of a machine at one moment: plain facts in the machine's own terms, nothing of its inner workings.
 * Made by `appliance.ts` (`observationOf`); read by the resources through `fleet/`, which is why nobody above the
 * fleet can tell that the machine is simulated.
 */
import type { Instant } from '#shared/instant.ts';
import type { DataPolicy, PlainRoleKind, ShareProtocol } from './commands.ts';
import type {
  ObservedAdapter,
  ObservedAlert,
  ObservedCapacity,
  ObservedSupport,
} from './inspection.ts';

/** The device's own states; spelled as ARM shows them (appliance.md §13). */
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
  | 'ReturnInitiated';

export interface ObservedNode {
  readonly name: string;
  readonly serialNumber: string;
  readonly status: 'Unknown' | 'Up' | 'Down' | 'Rebooting' | 'ShuttingDown';
  readonly id: string;
  /** `Controller 1`. */
  readonly displayName: string;
}

/** Set once the machine is active. */
export interface ObservedHardware {
  readonly serialNumber: string;
  readonly friendlyName: string;
  /** As the portal names it, such as `Azure Stack Edge Pro - 1 GPU`. */
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
  /** Oldest first; the last one is the current state. */
  readonly history: readonly {
    readonly state: OrderState;
    readonly at: Instant;
    readonly comments: string;
  }[];
  readonly serialNumber?: string;
  /** Filled from Shipped on. */
  readonly delivery?: {
    readonly carrier: string;
    readonly trackingId: string;
    readonly trackingUrl: string;
  };
  /** Filled from ReturnInitiated on. */
  readonly returning?: {
    readonly carrier: string;
    readonly trackingId: string;
    readonly trackingUrl: string;
  };
}

/** Role and addon states; spelled as ARM shows them. */
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
}

export interface ObservedCluster {
  readonly role: string;
  readonly state: ProvisioningState;
  /** What the machine installs, whatever was wished for; `v1.25.5`. */
  readonly version: string;
  readonly etcdVersion: string;
  readonly nodes: readonly ObservedClusterNode[];
  /** Of one worker VM. */
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
  /** The shares mounted for the cluster. */
  readonly mounts: readonly ObservedMount[];
}

export interface ObservedMount {
  readonly share: string;
  readonly mountPoint: string;
  readonly type: 'Volume' | 'HostPath';
}

/** A role that is no cluster. */
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
  /** Absent before the first heartbeat. */
  readonly lastHeartbeatAt?: Instant;
  readonly certificateExpiresAt?: Instant;
  /** All nodes of the cluster, masters included. */
  readonly nodeCount: number;
  /** All vCPUs of those nodes: what Arc charges for. */
  readonly coreCount: number;
  readonly kubernetesVersion: string;
  /** Ready agent deployments of all in `azure-arc`. */
  readonly agentsReady: number;
  readonly agentsTotal: number;
}

/** Of a share, a storage account, a container; spelled as ARM shows them. */
export type StorageStatus = 'Offline' | 'Unknown' | 'OK' | 'Updating' | 'NeedsAttention';

/** How what is tiered was refreshed from the cloud. */
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
  /** By name. */
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

export interface ContainerName {
  readonly account: string;
  readonly container: string;
}

/** A job as the machine reports it; the members are those of ARM's Job (databoxedge-contract §8). */
export interface ObservedJob {
  readonly kind: JobKind;
  readonly status: 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly percentComplete: number;
  /** `UpdateOperationStage`; absent for refreshes. */
  readonly stage?: string;
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
  /** What is refreshed: a share, or a container of an account. */
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
  /** Offered and not yet installed. */
  readonly available: readonly ObservedUpdate[];
  /** Newest run of each kind: job name, and what became of it. */
  readonly scan?: ObservedUpdateRun;
  readonly download?: ObservedUpdateRun;
  readonly install?: ObservedUpdateRun;
  /** End of the newest run that succeeded. */
  readonly lastSuccessfulScanAt?: Instant;
  readonly lastSuccessfulInstallAt?: Instant;
}

export interface ObservedUpdateRun {
  readonly job: string;
  readonly startedAt: Instant;
  /** Absent while it runs. */
  readonly endedAt?: Instant;
  readonly status: 'Running' | 'Succeeded' | 'Failed';
}

export interface Observation {
  /** When this was so; it still is, where nothing has changed since. */
  readonly at: Instant;
  readonly status: MachineStatus;
  /** Activated: the machine knows its resource (it may be offline all the same). */
  readonly isActive: boolean;
  readonly hasKubernetes: boolean;
  readonly hardware?: ObservedHardware;
  readonly order?: ObservedOrder;
  readonly cluster?: ObservedCluster;
  readonly arc?: ObservedArc;
  readonly iotEdge?: ObservedIotEdge;
  readonly shares: Readonly<Record<string, ObservedShare>>;
  readonly users: Readonly<Record<string, { readonly userType: string }>>;
  readonly bandwidthSchedules: readonly string[];
  readonly credentials: readonly string[];
  readonly storageAccounts: Readonly<Record<string, ObservedStorageAccount>>;
  readonly triggers: readonly string[];
  /** The roles that are no cluster. */
  readonly roles: Readonly<Record<string, ObservedRole>>;
  readonly support: ObservedSupport;
  /** The newest first. */
  readonly alerts: readonly ObservedAlert[];
  /** Empty before activation. */
  readonly adapters: readonly ObservedAdapter[];
  /** Set once the machine is active. */
  readonly capacity: ObservedCapacity | undefined;
  readonly updates: ObservedUpdates;
  /** Those that run, and the newest ended one of each update job; of other ended ones the machine knows nothing any more. */
  readonly jobs: Readonly<Record<string, ObservedJob>>;
}
