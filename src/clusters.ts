/** The parts of the service that serve Kubernetes clusters, put together. Called by `app.ts`. */
import type { Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ClusterControl } from '#control/clusters.ts';
import type { ControlParts } from '#control/parts.ts';
import { Clusters } from '#fleet/clusters.ts';
import type { Fleet } from '#fleet/fleet.ts';
import { NotThereError, Peers } from '#kube-api/peers.ts';
import { KubeApi } from '#kube-api/serve.ts';
import { StreamLimits } from '#kube-api/streams.ts';
import type { Clock } from '#schedule/clock.ts';
import { wallNow } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import type { CertificateAuthority } from '#vault/certificate-authority.ts';
import { ClusterAuthority } from '#vault/cluster-authority.ts';
import type { Vault } from '#vault/vault.ts';
import type { Config } from './config.ts';

export interface ClusterServices {
  readonly clusters: Clusters;
  readonly control: ClusterControl;
  readonly api: KubeApi;
  readonly limits: StreamLimits;
  /** Gives back what this process has in memory. */
  readonly close: () => Promise<void>;
}

export interface ClusterServicesParts extends Pick<ControlParts, 'findDevice'> {
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly vault: Vault;
  readonly authority: CertificateAuthority;
  readonly log: Logger;
}

/** `server` is where other processes reach this one, unless it is a worker. */
export function clusterServicesOf(
  parts: ClusterServicesParts,
  server: Pick<Server, 'address'>,
  config: Pick<Config, 'role' | 'databaseUrl'>,
): ClusterServices {
  const { database, clock, fleet, vault, log, findDevice } = parts;
  const serves = config.role !== 'worker';
  const authority = new ClusterAuthority(vault, wallNow);
  const serviceCertificate = async (): Promise<string> => parts.authority.certificate();
  const peers = new Peers({
    vault,
    authority: serviceCertificate,
    isAlive: async (owner) => clusters.isAlive(owner),
  });
  const clusters: Clusters = new Clusters({
    ...{ database, clock, fleet, log },
    rootCertificates: async (cluster) => (await authority.trustOf(cluster)).certificate,
    address: () => (serves ? peerAddressOf(server, config) : undefined),
    playAt: async (owner, id) => peers.play(owner, id),
    keeps: serves,
  });
  const limits = new StreamLimits();
  return {
    clusters,
    control: new ClusterControl({
      clusters,
      authority,
      serviceCertificate,
      findDevice,
      handTo: async (handing) => {
        try {
          await peers.hand(handing);
          return true;
        } catch (error) {
          if (error instanceof NotThereError) return false;
          throw error;
        }
      },
    }),
    api: new KubeApi({ clusters, authority, peers, log }, limits),
    limits,
    close: async () => {
      await clusters.close();
      await peers.close();
    },
  };
}

/**
 * Where other processes reach a server; undefined: nowhere. One that listens at every address is reached at the loopback by
 * processes of this machine, the only ones that share a SQLite folder, and else at the first address that it has.
 */
function peerAddressOf(
  server: Pick<Server, 'address'>,
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
): string | undefined {
  const listening = server.address();
  if (listening === null || typeof listening === 'string') return undefined;
  const { address, port } = listening;
  const isEvery = address === '0.0.0.0' || address === '::';
  const own = databaseUrl === undefined ? undefined : ownAddress();
  const host = isEvery ? (own ?? '127.0.0.1') : address;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
