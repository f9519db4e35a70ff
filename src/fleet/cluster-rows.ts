/** What a change of a machine means for the rows of its cluster, in the transaction of that change. */
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { findKubernetesCluster, removeKubernetesCluster } from '#store/kubernetes.ts';
import { clearTimer, setTimer } from '#store/timers.ts';

/** The kind of the clusters' timers; their target is the appliance's id. */
export const CLUSTER_TIMER = 'kubernetes';

/** A machine has changed that has, or had, a cluster: the cluster goes with the role, or looks at what it is given now. */
export async function clusterChanged(
  writer: Writer,
  { id, isGone, now }: { readonly id: string; readonly isGone: boolean; readonly now: Instant },
): Promise<void> {
  if (isGone) await removeCluster(writer, id);
  else if ((await findKubernetesCluster(writer, id)) !== undefined) {
    await setTimer(writer, { kind: CLUSTER_TIMER, target: id, dueAt: now });
  }
}

export async function removeCluster(writer: Writer, id: string): Promise<void> {
  await removeKubernetesCluster(writer, id);
  await clearTimer(writer, CLUSTER_TIMER, id);
}
