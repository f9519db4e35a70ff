/** Cancels running deployments: operations that have been started go on, and no others are started. */
import { cutOffOperations } from '#operations/outcome.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { type DeploymentRow, listNested, markCanceled } from '#store/deployments.ts';
import { findOperation } from '#store/operations.ts';

/** Cancels a deployment and its nested ones; false where it is not running. */
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
