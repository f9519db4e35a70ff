/**
 * The state of one machine: plain JSON, stored by `fleet/` and changed only by this room. What follows from the clock is
 * not part of it: progress, heartbeats, the states of nodes. It never holds a secret.
 */
import type { VmSize } from '#kubernetes/nodes.ts';
import type { Duration, Instant } from '#shared/instant.ts';
import type { Schedule } from '#shared/stages.ts';
import type {
  BandwidthLimit,
  Command,
  DataPolicy,
  FailingStage,
  FaultKind,
  FaultPlace,
  MachineSpec,
  Need,
  NodeNumber,
  PlainRoleKind,
  ShareProtocol,
  SupportSessionRequest,
} from './commands.ts';
import type { DiagnosticResult } from './diagnostic-result.ts';
import type { ClusterAddresses, LocalConfig } from './local-settings.ts';
import type { ContainerName, JobKind, ObservedUpdate, OrderState } from './observation.ts';

/** The shipping of an order. It takes days and continues after the task of the command has ended. */
export interface Journey {
  readonly kind: 'journey';
  /** To the customer by a carrier when absent. */
  readonly way?: 'pickup' | 'return';
}

/** The master VM of the cluster starts on the other node, since its own is out (failover.ts). */
export interface Failover {
  readonly kind: 'failover';
  /** The number of the node on which it starts. */
  readonly to: NodeNumber;
}

/** What the machine does of its own accord: nobody asked for it, and it has no task. */
export type OwnWork = Journey | Failover;

/** Everything that a machine may be doing. */
export type Work = Command | OwnWork;

/** A running activity: a stage table whose stages have begun. */
export interface Activity<C extends Work = Work> {
  /** The id of the request; for a journey, its kind. */
  readonly id: string;
  readonly command: C;
  /** The names of the stages, in order. */
  readonly stages: readonly string[];
  readonly schedule: Schedule;
  /** How many stages have ended with their changes applied to the state. */
  readonly played: number;
  /** Since when a condition holds it up: none of its time passes from then on (holds.ts). Absent while it goes on. */
  readonly heldSince?: Instant;
  /** True while the machine has not heard of the command, since its connection to Azure was down when it was given. */
  readonly isUndelivered?: true;
  /** How many times as long as usual its stages take that need the connection to Azure; 1 when absent. */
  readonly slowedBy?: number;
  /** How many times as long as usual its transfers take, where bandwidth schedules slow them more than that (pace.ts). */
  readonly throttledBy?: number;
  /** What brought about work of the machine's own; a command is its own cause. */
  readonly cause?: string;
}

/** A fault of the machine: one that has begun, or one that is to come. It goes from the state when it ends. */
export interface FaultRecord extends FaultPlace {
  readonly id: string;
  readonly kind: FaultKind;
  readonly beginsAt: Instant;
  /** Absent: it lasts until somebody heals it. */
  readonly endsAt?: Instant;
  readonly hasBegun: boolean;
}

/** Faults that come by chance (campaigns.ts). */
export interface CampaignRecord {
  readonly id: string;
  readonly seed: string;
  readonly kinds: readonly FaultKind[];
  /** The mean time between faults. */
  readonly every: Duration;
  readonly endsAt: Instant;
  /** When the next fault comes, and how many came before it. */
  readonly nextAt: Instant;
  readonly count: number;
}

export interface OrderRecord {
  readonly history: readonly {
    readonly state: OrderState;
    readonly at: Instant;
    readonly comments: string;
  }[];
}

export interface ClusterRecord {
  readonly role: string;
  readonly kubernetesVersion: string;
  /** When its creation began; absent in states of releases before 0.2. */
  readonly createdAt?: Instant;
  /** Names of the mounted shares; none when absent. */
  readonly mounts?: readonly string[];
  /** The number of the node that has the master VM: the first one when absent. */
  readonly masterOn?: NodeNumber;
  /** The addresses of a cluster for which pools were set over the local web interface. */
  readonly addresses?: ClusterAddresses;
  /** The size of the worker VMs where it is not the usual one. */
  readonly worker?: VmSize;
  /** When their size changed last. */
  readonly resizedAt?: Instant;
}

/** Subnets inside the cluster, `10.96.0.0/16`. */
export type ClusterSubnets = {
  readonly podSubnet: string;
  readonly serviceSubnet: string;
};

/** A role that is not a Kubernetes cluster. */
export interface RoleRecord {
  readonly name: string;
  readonly kind: PlainRoleKind;
  readonly mounts: readonly string[];
}

/** The IoT Edge runtime on the cluster. */
export interface IotEdgeRecord {
  readonly addon: string;
  readonly version: string;
}

export interface ArcRecord {
  readonly addon: string;
  readonly connectedClusterId: string;
  readonly agentVersion: string;
  /** When the first heartbeat arrived: the cluster is connected from then on. */
  readonly connectedAt?: Instant;
  /** The moment from which heartbeats count: the start of the connection, or the machine's latest return. */
  readonly beatsFrom?: Instant;
  /** Since when no heartbeat arrives; absent while they do. */
  readonly silentSince?: Instant;
  /** What silenced it. */
  readonly silencedBy?: string;
  /** The connectivity that was told last as a fact during the silence. */
  readonly told?: 'Offline' | 'Expired';
}

/** The newest refresh that has ended. */
interface RefreshRecord {
  readonly lastRefreshJob?: string;
  readonly lastRefreshAt?: Instant;
}

/** The newest refresh of a share that has been deleted: a share that takes its name shows it [rec]. */
export interface FormerShareRecord extends RefreshRecord {
  readonly name: string;
}

export interface ShareRecord extends RefreshRecord {
  readonly name: string;
  readonly protocol: ShareProtocol;
  readonly dataPolicy: DataPolicy;
  readonly needs: readonly Need[];
}

export interface StorageAccountRecord {
  readonly name: string;
  readonly dataPolicy: DataPolicy;
  readonly needs: readonly Need[];
  readonly containers: readonly ContainerRecord[];
}

export interface ContainerRecord extends RefreshRecord {
  readonly name: string;
  readonly createdAt: Instant;
}

export interface TriggerRecord {
  readonly name: string;
  readonly needs: readonly Need[];
}

export interface UserRecord {
  readonly name: string;
  readonly userType: string;
}

export interface BandwidthScheduleRecord {
  readonly name: string;
  /** Absent where an earlier format kept the name alone: it limits nothing until it is put again. */
  readonly limit?: BandwidthLimit;
}

/** A remote support session that was enabled; it remains after it has ended. */
export interface SupportSession extends SupportSessionRequest {
  readonly enabledAt: Instant;
}

export interface SupportRecord {
  readonly collectsLogs: boolean;
  /** All sessions of the latest setting, those that have ended included. */
  readonly sessions: readonly SupportSession[];
}

/** What was done over the local web interface. */
export interface LocalRecord {
  readonly config: LocalConfig;
  /** The latest package: its declarations, and whether it is done. */
  readonly run?: { readonly names: readonly string[]; readonly isOver: boolean };
  /** The latest run of the diagnostic tests. */
  readonly diagnostics?: { readonly at: Instant; readonly results: readonly DiagnosticResult[] };
}

/** How often the administrator's password was changed, and when last. */
export interface PasswordRecord {
  readonly count: number;
  readonly changedAt: Instant;
}

/** The update that a scan found. */
export interface OfferRecord {
  readonly release: string;
  /** The release that the machine ran when the update was found. */
  readonly from: string;
  readonly foundAt: Instant;
  readonly parts: readonly {
    readonly type: 'Software' | 'Kubernetes';
    readonly status: ObservedUpdate['status'];
  }[];
}

export interface UpdatesRecord {
  readonly offer?: OfferRecord;
  /** The name of the newest job of each update command. */
  readonly scanJob?: string;
  readonly downloadJob?: string;
  readonly installJob?: string;
  readonly lastSuccessfulScanAt?: Instant;
  readonly lastSuccessfulInstallAt?: Instant;
  /** The part of an update that failed last, until it succeeds. */
  readonly failure?: {
    readonly stage: FailingStage;
    readonly at: Instant;
    /** When it failed last, and how often: where that was more than once. */
    readonly lastAt?: Instant;
    readonly count?: number;
  };
  /**
   * The activation, or the latest daily scan that was an event: all daily scans since then have succeeded and found nothing new
   * (scan-times.ts). Absent while the machine is not active.
   */
  readonly scansFrom?: Instant;
}

/** A job that clients can look up. While it runs, the activity with the id `activityId` has its progress. */
export interface JobRecord {
  readonly name: string;
  readonly kind: JobKind;
  readonly activityId: string;
  readonly startedAt: Instant;
  /** The share or the container of a refresh. */
  readonly share?: string;
  readonly container?: ContainerName;
  /** The packages of an update job. */
  readonly updates?: { readonly count: number; readonly bytes: number };
  readonly end?: {
    readonly at: Instant;
    readonly status: 'Succeeded' | 'Failed' | 'Canceled';
    readonly percentComplete: number;
    /** Why it failed. */
    readonly error?: { readonly code: string; readonly message: string };
  };
}

export interface ApplianceState {
  readonly spec: MachineSpec;
  /** The moment up to which everything due has been played. */
  readonly at: Instant;
  /** True from activation to reset. The status follows from this and from the conditions (status.ts). */
  readonly isActive: boolean;
  /** When it was activated; absent before, and in states of format 4 and earlier. */
  readonly activatedAt?: Instant;
  /** The software release that the machine runs. */
  readonly release: string;
  readonly order?: OrderRecord;
  readonly cluster?: ClusterRecord;
  readonly arc?: ArcRecord;
  readonly iotEdge?: IotEdgeRecord;
  readonly shares: readonly ShareRecord[];
  /** Deleted shares that had been refreshed, the latest last; absent where there is none. */
  readonly formerShares?: readonly FormerShareRecord[];
  readonly users: readonly UserRecord[];
  readonly bandwidthSchedules: readonly BandwidthScheduleRecord[];
  readonly credentials: readonly string[];
  readonly storageAccounts: readonly StorageAccountRecord[];
  readonly triggers: readonly TriggerRecord[];
  readonly roles: readonly RoleRecord[];
  /** Names of the roles whose metrics are collected. */
  readonly monitoredRoles: readonly string[];
  readonly support: SupportRecord;
  /** Absent until the password is changed. */
  readonly password?: PasswordRecord;
  readonly updates: UpdatesRecord;
  /** The jobs that run and the newest of each update command, the oldest first. */
  readonly jobs: readonly JobRecord[];
  /** The running activities, in the order in which they began. */
  readonly activities: readonly Activity[];
  /** The faults that have begun and those to come, in the order in which they were injected. */
  readonly faults: readonly FaultRecord[];
  /** What was set over the local web interface; absent where nothing was. */
  readonly local?: LocalRecord;
  /** The subnets inside the cluster, where others were set than the usual ones. */
  readonly clusterSubnets?: ClusterSubnets;
  /** Absent where there is none. */
  readonly campaigns?: readonly CampaignRecord[];
}

/** `state` without one of its optional members. */
export function without(
  state: ApplianceState,
  part: 'order' | 'cluster' | 'arc' | 'iotEdge' | 'password',
): ApplianceState {
  const copy: { -readonly [Part in keyof ApplianceState]: ApplianceState[Part] } = { ...state };
  delete copy[part];
  return copy;
}

/** `state` without the monitoring of that role, which is being deleted. */
export const withoutMonitoringOf = (state: ApplianceState, role: string): ApplianceState => ({
  ...state,
  monitoredRoles: state.monitoredRoles.filter((name) => name !== role),
});

/** Whether nobody asked for that work. */
export const isOwnWork = ({ kind }: Work): boolean => kind === 'journey' || kind === 'failover';

/** The running activities of one kind. */
export function activitiesOf<K extends Work['kind']>(
  state: ApplianceState,
  kind: K,
): readonly Activity<Extract<Work, { kind: K }>>[] {
  return state.activities.filter(
    (activity): activity is Activity<Extract<Work, { kind: K }>> => activity.command.kind === kind,
  );
}

/** Whether an activity of one of these kinds is running. */
export function isRunning(state: ApplianceState, ...kinds: readonly Work['kind'][]): boolean {
  return state.activities.some((activity) => kinds.includes(activity.command.kind));
}

/** `list` with `entry` in place of the entry with the same name, or appended. */
export function withNamed<T extends { readonly name: string }>(
  list: readonly T[],
  entry: T,
): readonly T[] {
  return list.some((other) => other.name === entry.name)
    ? list.map((other) => (other.name === entry.name ? entry : other))
    : [...list, entry];
}

/** An object with these members and no prototype, since a share may be called `constructor`. */
export function recordOf<T>(
  entries: readonly (readonly [name: string, value: T])[],
): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}

/** `list` without the entry of that name. */
export const withoutNamed = <T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): readonly T[] => list.filter((entry) => entry.name !== name);

/** The entry of that name, or undefined. */
export const named = <T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): T | undefined => list.find((entry) => entry.name === name);
