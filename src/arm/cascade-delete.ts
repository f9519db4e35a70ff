/**
 * The cascade of a deletion: removes what belongs to a resource and is stored outside the table of resources. That is its
 * running operations, its locks, role assignments and diagnostic settings, and what its type names (an appliance, secrets).
 */
import { cutOffOperations } from '#operations/outcome.ts';
import { removeDiagnosticSettingsBelow } from '#store/diagnostic-settings.ts';
import { removeLocksBelow } from '#store/locks.ts';
import { listDescendants, type ResourceRow } from '#store/resources.ts';
import { removeAssignmentsBelow } from '#store/role-assignments.ts';
import type { Provider } from './provider.ts';
import { storedTypeOf, type Transaction } from './resource-type.ts';

/** `cascadeDelete`, for those who know no provider. */
export const forgetting =
  (provider: Provider) =>
  async (resource: ResourceRow, transaction: Transaction): Promise<void> => {
    await cascadeDelete(provider, resource, transaction);
  };

/** For `resource` and everything below it. Part of the transaction that removes them. */
export async function cascadeDelete(
  provider: Provider,
  resource: ResourceRow,
  transaction: Transaction,
): Promise<void> {
  await cutOffOperations(transaction, resource, provider.clock.now());
  await removeAssignmentsBelow(transaction, resource.key);
  await removeLocksBelow(transaction, resource.key);
  await removeDiagnosticSettingsBelow(transaction, resource.key);
  for (const row of [resource, ...(await listDescendants(transaction, resource.key))]) {
    const type = storedTypeOf(provider.registry, row.type);
    await type?.onDelete?.({ resource: row }, transaction);
  }
}
