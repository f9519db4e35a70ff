/**
 * Removes what hangs on a scope that goes, in pieces: a transaction of bounded size each, however much there is. What is gone is no
 * longer found, so that a piece that was interrupted is simply begun again. Used by the deletions of resource groups and
 * subscriptions.
 */
import { cutOffOperations } from '#operations/outcome.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { deploymentKeysWithin, removeDeployment } from '#store/deployments.ts';
import { removeLocksBelow } from '#store/locks.ts';
import { removeAssignmentsBelow } from '#store/role-assignments.ts';

/** So many resources, deployments or groups, which each have things of their own, are removed in one transaction `[ours]`. */
export const PIECE = 20;
/** As `PIECE`, of what is one row each. */
const ROWS = 500;

/** Stops and removes deployments at the scope and below it, at most `limit`; how many there were. */
export async function removeDeployments(
  writer: Writer,
  { scope, limit, now }: { readonly scope: string; readonly limit: number; readonly now: Instant },
): Promise<number> {
  const keys = await deploymentKeysWithin(writer, scope, limit);
  for (const key of keys) {
    await cutOffOperations(writer, { key, operationId: undefined }, now);
    await removeDeployment(writer, key);
  }
  return keys.length;
}

/** Removes role assignments and locks at the scope and below it; whether none are left. */
export async function removeAccessAndLocks(writer: Writer, scope: string): Promise<boolean> {
  const assignments = await removeAssignmentsBelow(writer, scope, ROWS);
  const locks = await removeLocksBelow(writer, scope, ROWS);
  return assignments < ROWS && locks < ROWS;
}
