/**
 * Live Kubernetes clusters and their objects. Written by `fleet/clusters.ts` alone.
 *
 * The owner's number is the fencing number of a cluster's writers: taking a cluster over raises it, and a save is a condition on
 * it, so that a process that was paused while another one took over writes nothing.
 */
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { statement, type Statement } from './statement.ts';

export interface KubernetesClusterRow {
  readonly life: string;
  readonly revision: number;
  readonly playedTo: Instant;
  readonly ownerNumber: number;
  /** The process that has it in memory: the name of its lease. */
  readonly owner: string | null;
  /** Where that process takes requests to it; null: it takes none. */
  readonly ownerAddress: string | null;
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

const removeObject = statement((on, row: KubernetesObjectName & { readonly cluster: string }) =>
  on
    .deleteFrom('kubernetes_objects')
    .where('cluster', '=', row.cluster)
    .where('resource', '=', row.resource)
    .where('namespace', '=', row.namespace)
    .where('name', '=', row.name),
);

/** Sizes of the statements that write rows, so that there are few of them to compile. */
const SIZES = [ROWS_AT_ONCE, 32, 16, 12, 9, 7, 6, 5, 4, 3, 2, 1];
const rowsOfStatement = (left: number): number => SIZES.find((size) => size <= left) ?? 1;

/** The values of rows, one row after another. */
type RowValues = readonly (string | number | null)[];
const COLUMNS = 7;

/** Writes of so many rows each, compiled once. */
const putStatements = new Map<number, Statement<RowValues, unknown>>();

const putStatement = (count: number): Statement<RowValues, unknown> =>
  statement((on, values: RowValues) =>
    on
      .insertInto('kubernetes_objects')
      .values(
        Array.from({ length: count }, (_, index) => {
          const at = index * COLUMNS;
          return {
            cluster: values[at] as string,
            resource: values[at + 1] as string,
            namespace: values[at + 2] as string,
            name: values[at + 3] as string,
            revision: values[at + 4] as number,
            body: values[at + 5] as string,
            simulation: values[at + 6] as string | null,
          };
        }),
      )
      .onConflict((conflict) =>
        conflict.columns(['cluster', 'resource', 'namespace', 'name']).doUpdateSet((eb) => ({
          revision: eb.ref('excluded.revision'),
          body: eb.ref('excluded.body'),
          simulation: eb.ref('excluded.simulation'),
        })),
      ),
  );

async function putObjects(
  writer: Writer,
  cluster: string,
  rows: readonly KubernetesObjectRow[],
): Promise<void> {
  const run = putStatements.get(rows.length) ?? putStatement(rows.length);
  putStatements.set(rows.length, run);
  const values: (string | number | null)[] = [];
  for (const { resource, namespace, name, revision, body, simulation } of rows) {
    values.push(cluster, resource, namespace, name, revision, body, simulation);
  }
  await run(writer, values);
}

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
      owner: row.owner,
      ownerAddress: row.owner_address,
    }
  );
}

/** The owner's numbers of those clusters that there are. */
export async function ownerNumbersOf(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .selectFrom('kubernetes_clusters')
    .select(['id', 'owner_number'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row.owner_number]));
}

/** Says that nobody has the cluster in memory, if it is still that owner's. */
export async function giveKubernetesClusterBack(
  writer: Writer,
  id: string,
  ownerNumber: number,
): Promise<void> {
  await writer
    .updateTable('kubernetes_clusters')
    .set({ owner: null, owner_address: null })
    .where('id', '=', id)
    .where('owner_number', '=', ownerNumber)
    .execute();
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
    owner: row.owner,
    owner_address: row.ownerAddress,
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
  for (let at = 0; at < changed.length; ) {
    const count = rowsOfStatement(changed.length - at);
    await putObjects(writer, id, changed.slice(at, at + count));
    at += count;
  }
  for (const name of removed) await removeObject(writer, { cluster: id, ...name });
  return true;
}

/** Removes a cluster with everything in it. */
export async function removeKubernetesCluster(writer: Writer, id: string): Promise<void> {
  await writer.deleteFrom('kubernetes_objects').where('cluster', '=', id).execute();
  await writer.deleteFrom('kubernetes_clusters').where('id', '=', id).execute();
}
