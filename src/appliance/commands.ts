/**
 * What can be asked of a machine. Every command carries an id of its caller's making: the machine does each id once,
 * so a caller that crashed may ask again. Called by `fleet/`; the answers are in `observation.ts`.
 */
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';

/** What a machine is when it leaves the factory. Everything else about it follows from this and its commands. */
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

/** Something on the machine that something else needs, by kind and name; it doesn't go while it is needed. */
export type Need = `${'credential' | 'user' | 'share' | 'role'}/${string}`;

/** The roles that are no cluster. */
export type PlainRoleKind = 'IOT' | 'MEC' | 'CloudEdgeManagement';

/** A way in for support, with its end. */
export interface SupportSessionWish {
  readonly application: 'Powershell' | 'WAC' | 'LocalUI' | 'AllApplications';
  readonly access: 'ReadOnly' | 'ReadWrite' | 'FullAccess';
  readonly expiresAt: Instant;
}

export type Command =
  /** The technician enters the activation key: five minutes to an active machine (act). */
  | { readonly kind: 'activate' }
  /** `orders/default` was placed: the machine is prepared, shipped, delivered (shipping.ts). */
  | { readonly kind: 'placeOrder' }
  /** The order is withdrawn; refused once preparation has begun. */
  | { readonly kind: 'cancelOrder' }
  /** The customer starts the return; refused before delivery. */
  | { readonly kind: 'returnMachine' }
  | {
      readonly kind: 'createCluster';
      readonly role: string;
      /** Names of the shares to mount; absent: none. */
      readonly mounts?: readonly string[];
    }
  /** Changes of a role that is there already (status, wishes, mounted shares): no new cluster. */
  | {
      readonly kind: 'configureCluster';
      readonly role: string;
      readonly mounts?: readonly string[];
    }
  | { readonly kind: 'deleteCluster'; readonly role: string }
  | {
      readonly kind: 'connectArc';
      readonly addon: string;
      readonly role: string;
      /** ARM id of the connected cluster, for the facts. */
      readonly connectedClusterId: string;
    }
  | { readonly kind: 'disconnectArc'; readonly addon: string }
  /** The IoT Edge runtime on the cluster. */
  | { readonly kind: 'installIotEdge'; readonly addon: string; readonly role: string }
  | { readonly kind: 'removeIotEdge'; readonly addon: string }
  | {
      readonly kind: 'putRole';
      readonly role: string;
      readonly roleKind: PlainRoleKind;
      /** As of a cluster. */
      readonly mounts?: readonly string[];
    }
  | { readonly kind: 'deleteRole'; readonly role: string }
  /** Metrics of a role are collected as its resource says. */
  | { readonly kind: 'putMonitoring'; readonly role: string }
  | { readonly kind: 'deleteMonitoring'; readonly role: string }
  | {
      readonly kind: 'putShare';
      readonly share: string;
      readonly protocol: ShareProtocol;
      readonly dataPolicy: DataPolicy;
      /** Absent: nothing. */
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
  /** With all its containers. */
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
  | { readonly kind: 'putBandwidthSchedule'; readonly schedule: string }
  | { readonly kind: 'deleteBandwidthSchedule'; readonly schedule: string }
  /** The password of the local administrator was set anew; the machine is not told which. */
  | { readonly kind: 'changePassword' }
  /** Logs are sent by themselves when something is wrong, or not. */
  | { readonly kind: 'setLogCollection'; readonly isEnabled: boolean }
  /** Who of support may come in until when, in place of whoever might before. */
  | { readonly kind: 'setRemoteSupport'; readonly sessions: readonly SupportSessionWish[] }
  | { readonly kind: 'triggerSupportPackage'; readonly job: string }
  /** Asks what room there is for VMs. */
  | { readonly kind: 'checkCapacity' }
  | { readonly kind: 'scanForUpdates'; readonly job: string }
  | { readonly kind: 'downloadUpdates'; readonly job: string }
  | { readonly kind: 'installUpdates'; readonly job: string }
  /** The resource goes: everything on the machine is wiped. */
  | { readonly kind: 'reset' };

/** A command with its id: unique per machine, the caller's, at most 200 characters. */
export interface Request {
  readonly id: string;
  readonly command: Command;
}

/** How a command came out so far. */
export type Task =
  | {
      readonly state: 'running';
      readonly startedAt: Instant;
      readonly percentComplete: number;
      /** When it is worth looking again: the end of the whole task as known now. */
      readonly endsAt: Instant;
    }
  | { readonly state: 'succeeded'; readonly endedAt: Instant }
  | { readonly state: 'failed'; readonly endedAt: Instant; readonly failure: Failure };
