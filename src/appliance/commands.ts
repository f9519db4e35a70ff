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
  readonly bornAt: Instant;
}

export type ShareProtocol = 'SMB' | 'NFS';
export type DataPolicy = 'Cloud' | 'Local';

export type Command =
  /** The technician enters the activation key: five minutes to an active machine (act). */
  | { readonly kind: 'activate' }
  /** `orders/default` was placed: the machine is prepared, shipped, delivered (shipping.ts). */
  | { readonly kind: 'placeOrder' }
  /** The order is withdrawn; refused once preparation has begun. */
  | { readonly kind: 'cancelOrder' }
  /** The customer starts the return; refused before delivery. */
  | { readonly kind: 'returnMachine' }
  | { readonly kind: 'createCluster'; readonly role: string }
  /** Changes of a role that is there already (status, wishes): no new cluster. */
  | { readonly kind: 'configureCluster'; readonly role: string }
  | { readonly kind: 'deleteCluster'; readonly role: string }
  | {
      readonly kind: 'connectArc';
      readonly addon: string;
      readonly role: string;
      /** ARM id of the connected cluster, for the facts. */
      readonly connectedClusterId: string;
    }
  | { readonly kind: 'disconnectArc'; readonly addon: string }
  | {
      readonly kind: 'putShare';
      readonly share: string;
      readonly protocol: ShareProtocol;
      readonly dataPolicy: DataPolicy;
    }
  | { readonly kind: 'deleteShare'; readonly share: string }
  | {
      readonly kind: 'refreshShare';
      readonly share: string;
      /** The job's name as clients see it. */
      readonly job: string;
    }
  | { readonly kind: 'putUser'; readonly user: string; readonly userType: string }
  | { readonly kind: 'deleteUser'; readonly user: string }
  | { readonly kind: 'putBandwidthSchedule'; readonly schedule: string }
  | { readonly kind: 'deleteBandwidthSchedule'; readonly schedule: string }
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
