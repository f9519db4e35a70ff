/** The parts of the service that serve Kubernetes clusters, put together. Called by `app.ts`. */
import { ClusterControl } from '#control/clusters.ts';
import type { ControlParts } from '#control/parts.ts';
import { Clusters } from '#fleet/clusters.ts';
import type { Fleet } from '#fleet/fleet.ts';
import { KubeApi } from '#kube-api/serve.ts';
import { StreamLimits } from '#kube-api/streams.ts';
import type { Clock } from '#schedule/clock.ts';
import { wallNow } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import type { CertificateAuthority } from '#vault/certificate-authority.ts';
import { ClusterAuthority } from '#vault/cluster-authority.ts';
import type { Vault } from '#vault/vault.ts';

export interface ClusterServices {
  readonly clusters: Clusters;
  readonly control: ClusterControl;
  readonly api: KubeApi;
  readonly limits: StreamLimits;
}

export interface ClusterServicesParts extends Pick<ControlParts, 'findDevice'> {
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly vault: Vault;
  readonly authority: CertificateAuthority;
  readonly log: Logger;
}

export function clusterServicesOf(parts: ClusterServicesParts): ClusterServices {
  const { database, clock, fleet, vault, log, findDevice } = parts;
  const authority = new ClusterAuthority(vault, wallNow);
  const clusters = new Clusters({
    database,
    clock,
    fleet,
    rootCertificates: async (cluster) => (await authority.trustOf(cluster)).certificate,
  });
  const limits = new StreamLimits();
  return {
    clusters,
    control: new ClusterControl({
      clusters,
      authority,
      serviceCertificate: async () => parts.authority.certificate(),
      findDevice,
    }),
    api: new KubeApi({ clusters, authority, log }, limits),
    limits,
  };
}
