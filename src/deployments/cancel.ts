/** Cutting a running deployment short: what has been begun goes on to its end, nothing more is begun. */
import { cutOffOperations } from '#operations/engine.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { type DeploymentRow, listNested, markCanceled } from '#store/deployments.ts';
import { findOperation } from '#store/operations.ts';

/** False: it was not running. The deployments in its template are canceled with it. */
export async function cancelDeployment(
  writer: Writer,
  row: DeploymentRow,
  now: Instant,
): Promise<boolean> {
  const operation = await findOperation(writer, row.operationId);
  if (operation?.status !== 'Running') return false;
  await cutOffOperations(writer, { key: row.key, operationId: undefined }, now);
  await markCanceled(writer, row.key, now);
  for (const nested of await listNested(writer, row.key))
    await cancelDeployment(writer, nested, now);
  return true;
}
