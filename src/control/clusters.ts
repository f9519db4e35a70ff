/**
 * What the device's own PowerShell does about its Kubernetes cluster, and the kubeconfigs that its local pages hand out. No HTTP
 * types: `clusters-http.ts` mounts it.
 * Sources: appliance.md §8.
 */
import { type Clusters, ClusterLostError, type LiveCluster } from '#fleet/clusters.ts';
import { RefusedError } from '#shared/failure.ts';
import type { ClusterAuthority } from '#vault/cluster-authority.ts';
import type { ControlledDevice } from './control.ts';
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
}

export class ClusterControl {
  readonly #parts: ClusterControlParts;

  constructor(parts: ClusterControlParts) {
    this.#parts = parts;
  }

  /** A kubeconfig with a new certificate for the user; for the cluster's administrator where none is named. */
  async kubeconfig(
    resourceId: string,
    { user = ADMIN, origin }: { readonly user?: string | undefined; readonly origin: string },
  ): Promise<string> {
    const cluster = await this.#cluster(resourceId);
    const { authority, serviceCertificate } = this.#parts;
    if (user !== ADMIN) await this.#checkUser(cluster, user);
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

  async #checkUser(_cluster: LiveCluster, user: string): Promise<void> {
    await Promise.reject(notFound(`The user '${user}' of the cluster`));
  }

  async #cluster(resourceId: string): Promise<LiveCluster> {
    const device = await this.#parts.findDevice(resourceId);
    if (device === undefined) throw notFound(`The device '${resourceId}'`);
    try {
      const cluster = await this.#parts.clusters.open(device.machine.id);
      if (cluster === undefined) throw notFound(`A Kubernetes cluster of the device`);
      await cluster.refresh();
      if (cluster.plane.world.foundation.parts.includes('controlPlane')) return cluster;
    } catch (error) {
      if (!(error instanceof ClusterLostError)) throw error;
    }
    throw new RefusedError(409, {
      code: 'ClusterNotReady',
      message: 'The Kubernetes cluster of the device is being created or removed.',
    });
  }
}
