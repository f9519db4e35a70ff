/**
 * What the device's own PowerShell does about its Kubernetes cluster, and the kubeconfigs that its local pages hand out. No HTTP
 * types: `clusters-http.ts` mounts it.
 * Sources: appliance.md §8.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ClusterElsewhereError,
  type Clusters,
  ClusterLostError,
  type LiveCluster,
} from '#fleet/clusters.ts';
import { waitForOther } from '#fleet/other-process.ts';
import {
  addNamespace,
  addUser,
  clusterUsers,
  grant,
  removeNamespace,
  removeUser,
  revoke,
  userNamespaces,
} from '#kubernetes/access/users.ts';
import { isServing } from '#kubernetes/foundation.ts';
import { StatusError } from '#kubernetes/status.ts';
import type { World } from '#kubernetes/world.ts';
import { RefusedError } from '#shared/failure.ts';
import { monotonicNow } from '#shared/instant.ts';
import type { ClusterAuthority } from '#vault/cluster-authority.ts';
import type { ControlledDevice } from './parts.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import { notFound } from './requests.ts';

/** The user of the cluster to whom everything is allowed. */
const ADMIN = 'kubernetes-admin';
const MASTERS = 'system:masters';

export interface ClusterControlParts {
  readonly clusters: Clusters;
  readonly authority: ClusterAuthority;
  /** PEM of the authority of the service's own certificate. */
  readonly serviceCertificate: () => Promise<string>;
  readonly findDevice: (resourceId: string) => Promise<ControlledDevice | undefined>;
  /** Puts a request to the process that has the cluster, and answers it with what that says. False: it does not have the cluster. */
  readonly handTo: (handing: ClusterHanding) => Promise<boolean>;
}

/** A request about a cluster that another process has. */
export interface ClusterHanding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly owner: ClusterElsewhereError;
  readonly body: Buffer;
}

/** Where a client reaches the service: `https://localhost:8480`. */
export interface Origin {
  readonly origin: string;
}

export class ClusterControl {
  readonly #parts: ClusterControlParts;

  constructor(parts: ClusterControlParts) {
    this.#parts = parts;
  }

  /** Whether the request was answered by the process that has the device's cluster. */
  async isHandedOn(resourceId: string, asked: Omit<ClusterHanding, 'owner'>): Promise<boolean> {
    const { clusters, findDevice, handTo } = this.#parts;
    const device = await findDevice(resourceId);
    if (device === undefined) return false;
    const { id } = device.machine;
    for (const beganAt = monotonicNow(); ; ) {
      try {
        await clusters.open(id);
        return false;
      } catch (error) {
        if (!(error instanceof ClusterElsewhereError)) return false;
        if (error.address !== undefined && (await handTo({ ...asked, owner: error }))) return true;
        clusters.notThere(id);
        if (!(await waitForOther(beganAt))) return false;
      }
    }
  }

  /** A kubeconfig with a new certificate for the user; for the cluster's administrator where none is named. */
  async kubeconfig(
    resourceId: string,
    { user = ADMIN, origin }: { readonly user?: string | undefined } & Origin,
  ): Promise<string> {
    const cluster = await this.#cluster(resourceId);
    if (user !== ADMIN) {
      const users = await cluster.run(({ world }) => clusterUsers(world));
      if (!users.includes(user)) throw notFound(`The user '${user}' of the cluster`);
    }
    return await this.#configOf(cluster, { user, origin });
  }

  /** `New-HcsKubernetesUser`: its kubeconfig. */
  async newUser(
    resourceId: string,
    { user, origin }: { readonly user: string } & Origin,
  ): Promise<string> {
    const cluster = await this.#change(resourceId, (world) => {
      addUser(world, user);
    });
    return await this.#configOf(cluster, { user, origin });
  }

  async removeUser(resourceId: string, user: string): Promise<void> {
    await this.#change(resourceId, (world) => {
      removeUser(world, user);
    });
  }

  async newNamespace(resourceId: string, namespace: string): Promise<void> {
    await this.#change(resourceId, (world) => {
      addNamespace(world, namespace);
    });
  }

  async removeNamespace(resourceId: string, namespace: string): Promise<void> {
    await this.#change(resourceId, (world) => {
      removeNamespace(world, namespace);
    });
  }

  async namespaces(resourceId: string): Promise<readonly string[]> {
    const cluster = await this.#cluster(resourceId);
    return await cluster.run(({ world }) => userNamespaces(world));
  }

  /** `Grant-HcsKubernetesNamespaceAccess`. */
  async grant(
    resourceId: string,
    of: { readonly namespace: string; readonly user: string },
  ): Promise<void> {
    await this.#change(resourceId, (world) => {
      grant(world, of);
    });
  }

  async revoke(
    resourceId: string,
    of: { readonly namespace: string; readonly user: string },
  ): Promise<void> {
    await this.#change(resourceId, (world) => {
      revoke(world, of);
    });
  }

  async #configOf(
    cluster: LiveCluster,
    { user, origin }: { readonly user: string } & Origin,
  ): Promise<string> {
    const { authority, serviceCertificate } = this.#parts;
    const groups = user === ADMIN ? [MASTERS] : [];
    const pair = await authority.issue(cluster, { user, groups });
    const { certificate } = await authority.trustOf(cluster);
    return kubeconfigOf({
      server: `${origin}/clusters/${cluster.id}`,
      authorities: (await serviceCertificate()) + certificate,
      user,
      pair,
    });
  }

  async #change(resourceId: string, work: (world: World) => void): Promise<LiveCluster> {
    const cluster = await this.#cluster(resourceId);
    try {
      await cluster.run(({ world }) => {
        work(world);
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { code, reason = 'Invalid' } = error.status;
      throw new RefusedError(code === 404 ? 404 : code === 409 ? 409 : 400, {
        code: reason,
        message: error.message,
      });
    }
    return cluster;
  }

  async #cluster(resourceId: string): Promise<LiveCluster> {
    const device = await this.#parts.findDevice(resourceId);
    if (device === undefined) throw notFound(`The device '${resourceId}'`);
    for (const beganAt = monotonicNow(); ; ) {
      try {
        const cluster = await this.#parts.clusters.open(device.machine.id);
        if (cluster === undefined) throw notFound(`A Kubernetes cluster of the device`);
        await cluster.refresh();
        if (isServing(cluster.plane.world.foundation)) return cluster;
        break;
      } catch (error) {
        if (error instanceof ClusterElsewhereError) break;
        // What was in memory was an earlier cluster of the device: the next look shows the one that it has now.
        if (!(error instanceof ClusterLostError)) throw error;
        if (!(await waitForOther(beganAt))) break;
      }
    }
    throw new RefusedError(409, {
      code: 'ClusterNotReady',
      message:
        'The Kubernetes cluster of the device does not answer: it is being created or removed, or its master node is down.',
    });
  }
}
