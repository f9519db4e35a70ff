/**
 * The state of one machine: plain JSON, and the few moves that all its parts make. Kept and saved by `fleet/`, changed by
 * the files of this room alone. What can be computed from the clock is not in it: progress, heartbeats, node states.
 * Never holds a secret, and nothing that isn't JSON.
 */
import type { Instant } from '#shared/instant.ts';
import type { Schedule } from '#shared/stages.ts';
import type {
  Command,
  DataPolicy,
  MachineSpec,
  Need,
  PlainRoleKind,
  ShareProtocol,
  SupportSessionWish,
} from './commands.ts';
import type {
  ContainerName,
  JobKind,
  MachineStatus,
  ObservedUpdate,
  OrderState,
} from './observation.ts';

/** The order's journey takes days and belongs to no command's task: it goes on in the background. */
export interface Journey {
  readonly kind: 'journey';
}

/** Something that takes time: a stage table in play. */
export interface Activity<C extends Command | Journey = Command | Journey> {
  /** The request's id, or the kind of a background activity. */
  readonly id: string;
  readonly command: C;
  /** Names of the table's stages, in order. */
  readonly stages: readonly string[];
  readonly schedule: Schedule;
  /** How many stages have been played: their changes are in the state. */
  readonly played: number;
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
  /** Names of the mounted shares; absent: none. */
  readonly mounts?: readonly string[];
}

/** A role that is no cluster. */
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
  /** When the first heartbeat came: from then on the connection is up. */
  readonly connectedAt?: Instant;
  /** Heartbeats are counted from here: the connection's start, or the machine's latest return. */
  readonly beatsFrom?: Instant;
  /** Since when the machine can't send any. */
  readonly silentSince?: Instant;
}

/** The newest refresh that ended. */
interface RefreshRecord {
  readonly lastRefreshJob?: string;
  readonly lastRefreshAt?: Instant;
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

/** A session of support, from when it was enabled to its end. */
export interface SupportSession extends SupportSessionWish {
  readonly enabledAt: Instant;
}

export interface SupportRecord {
  readonly collectsLogs: boolean;
  /** With those that have ended since they were set. */
  readonly sessions: readonly SupportSession[];
}

/** The changes of the administrator's password. */
export interface PasswordRecord {
  readonly count: number;
  readonly changedAt: Instant;
}

/** What a scan found. */
export interface OfferRecord {
  readonly release: string;
  /** The release that the machine ran when it was found. */
  readonly from: string;
  readonly foundAt: Instant;
  readonly parts: readonly {
    readonly type: 'Software' | 'Kubernetes';
    readonly status: ObservedUpdate['status'];
  }[];
}

export interface UpdatesRecord {
  readonly offer?: OfferRecord;
  /** The newest job of each kind, by name. */
  readonly scanJob?: string;
  readonly downloadJob?: string;
  readonly installJob?: string;
  readonly lastSuccessfulScanAt?: Instant;
  readonly lastSuccessfulInstallAt?: Instant;
}

/** A job that clients can look up; while it runs, its activity (`activityId`) says how far it is. */
export interface JobRecord {
  readonly name: string;
  readonly kind: JobKind;
  readonly activityId: string;
  readonly startedAt: Instant;
  /** What a refresh is about. */
  readonly share?: string;
  readonly container?: ContainerName;
  /** What an update job is about. */
  readonly updates?: { readonly count: number; readonly bytes: number };
  readonly end?: {
    readonly at: Instant;
    readonly status: 'Succeeded' | 'Failed' | 'Canceled';
    readonly percentComplete: number;
  };
}

export interface ApplianceState {
  readonly spec: MachineSpec;
  /** The moment up to which everything due has been played. */
  readonly at: Instant;
  readonly status: MachineStatus;
  readonly isActive: boolean;
  /** The software release that it runs. */
  readonly release: string;
  readonly order?: OrderRecord;
  readonly cluster?: ClusterRecord;
  readonly arc?: ArcRecord;
  readonly iotEdge?: IotEdgeRecord;
  readonly shares: readonly ShareRecord[];
  readonly users: readonly UserRecord[];
  readonly bandwidthSchedules: readonly string[];
  readonly credentials: readonly string[];
  readonly storageAccounts: readonly StorageAccountRecord[];
  readonly triggers: readonly TriggerRecord[];
  readonly roles: readonly RoleRecord[];
  /** Names of the roles whose metrics are collected. */
  readonly monitoredRoles: readonly string[];
  readonly support: SupportRecord;
  /** Absent until it is changed. */
  readonly password?: PasswordRecord;
  readonly updates: UpdatesRecord;
  /** Oldest first. */
  readonly jobs: readonly JobRecord[];
  /** What goes on, in the order in which it began. */
  readonly activities: readonly Activity[];
}

/** `state` without one of its optional parts. */
export function without(
  state: ApplianceState,
  part: 'order' | 'cluster' | 'arc' | 'iotEdge' | 'password',
): ApplianceState {
  const copy: { -readonly [Part in keyof ApplianceState]: ApplianceState[Part] } = { ...state };
  delete copy[part];
  return copy;
}

/** The running activities of one kind. */
export function activitiesOf<K extends (Command | Journey)['kind']>(
  state: ApplianceState,
  kind: K,
): readonly Activity<Extract<Command | Journey, { kind: K }>>[] {
  return state.activities.filter(
    (activity): activity is Activity<Extract<Command | Journey, { kind: K }>> =>
      activity.command.kind === kind,
  );
}

/** Whether an activity of one of these kinds is on. */
export function isRunning(
  state: ApplianceState,
  ...kinds: readonly (Command | Journey)['kind'][]
): boolean {
  return state.activities.some((activity) => kinds.includes(activity.command.kind));
}

/** `list` with `entry` in place of the one of the same name, or at its end. */
export function withNamed<T extends { readonly name: string }>(
  list: readonly T[],
  entry: T,
): readonly T[] {
  return list.some((other) => other.name === entry.name)
    ? list.map((other) => (other.name === entry.name ? entry : other))
    : [...list, entry];
}

/** By name, with nothing inherited: a share may be called `constructor`. */
export function recordOf<T>(
  entries: readonly (readonly [name: string, value: T])[],
): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}

export const withoutNamed = <T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): readonly T[] => list.filter((entry) => entry.name !== name);

export const named = <T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): T | undefined => list.find((entry) => entry.name === name);
