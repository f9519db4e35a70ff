/**
 * Live Kubernetes clusters and their objects. Written by `fleet/clusters.ts` alone.
 *
 * The owner's number is the fencing number of a cluster's writers: taking a cluster over raises it, and a save is a condition on
 * it, so that a process that was paused while another one took over writes nothing.
 */
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { statement } from './statement.ts';

export interface KubernetesClusterRow {
  readonly life: string;
  readonly revision: number;
  readonly playedTo: Instant;
  readonly ownerNumber: number;
}

export interface KubernetesObjectRow {
  /** `apps/deployments`; `/pods` of the core group. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** JSON. */
  readonly body: string;
  readonly simulation: string | null;
}

export type KubernetesObjectName = Pick<KubernetesObjectRow, 'resource' | 'namespace' | 'name'>;

/** How many rows one statement writes at most. */
const ROWS_AT_ONCE = 100;

const updateCluster = statement(
  (on, row: { id: string; revision: number; playedTo: number; ownerNumber: number }) =>
    on
      .updateTable('kubernetes_clusters')
      .set({ revision: row.revision, played_to: row.playedTo })
      .where('id', '=', row.id)
      .where('owner_number', '=', row.ownerNumber),
);

export async function findKubernetesCluster(
  reader: Reader,
  id: string,
): Promise<KubernetesClusterRow | undefined> {
  const row = await reader
    .selectFrom('kubernetes_clusters')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      life: row.life,
      revision: Number(row.revision),
      playedTo: instant(Number(row.played_to)),
      ownerNumber: row.owner_number,
    }
  );
}

/** Stores a cluster, or takes it over: whoever owned it before can save nothing from then on. */
export async function putKubernetesCluster(
  writer: Writer,
  id: string,
  row: KubernetesClusterRow,
): Promise<void> {
  const values = {
    life: row.life,
    revision: row.revision,
    played_to: row.playedTo,
    owner_number: row.ownerNumber,
  };
  await writer
    .insertInto('kubernetes_clusters')
    .values({ id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

export async function listKubernetesObjects(
  reader: Reader,
  cluster: string,
): Promise<readonly KubernetesObjectRow[]> {
  const rows = await reader
    .selectFrom('kubernetes_objects')
    .selectAll()
    .where('cluster', '=', cluster)
    .execute();
  return rows.map((row) => ({ ...row, revision: Number(row.revision) }));
}

export interface KubernetesSaving {
  readonly revision: number;
  readonly playedTo: Instant;
  readonly ownerNumber: number;
  readonly changed: readonly KubernetesObjectRow[];
  readonly removed: readonly KubernetesObjectName[];
}

/** Saves what has become of a cluster. False where another process has taken it over, or it is gone: nothing is written then. */
export async function saveKubernetesCluster(
  writer: Writer,
  id: string,
  saving: KubernetesSaving,
): Promise<boolean> {
  const { revision, playedTo, ownerNumber, changed, removed } = saving;
  const updated = await updateCluster(writer, { id, revision, playedTo, ownerNumber });
  if (updated.numAffectedRows !== 1n) return false;
  for (let at = 0; at < changed.length; at += ROWS_AT_ONCE) {
    await writer
      .insertInto('kubernetes_objects')
      .values(changed.slice(at, at + ROWS_AT_ONCE).map((row) => ({ cluster: id, ...row })))
      .onConflict((conflict) =>
        conflict.columns(['cluster', 'resource', 'namespace', 'name']).doUpdateSet((eb) => ({
          revision: eb.ref('excluded.revision'),
          body: eb.ref('excluded.body'),
          simulation: eb.ref('excluded.simulation'),
        })),
      )
      .execute();
  }
  for (const { resource, namespace, name } of removed) {
    await writer
      .deleteFrom('kubernetes_objects')
      .where('cluster', '=', id)
      .where('resource', '=', resource)
      .where('namespace', '=', namespace)
      .where('name', '=', name)
      .execute();
  }
  return true;
}

/** Removes a cluster with everything in it. */
export async function removeKubernetesCluster(writer: Writer, id: string): Promise<void> {
  await writer.deleteFrom('kubernetes_objects').where('cluster', '=', id).execute();
  await writer.deleteFrom('kubernetes_clusters').where('id', '=', id).execute();
}
