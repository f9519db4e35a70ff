/**
 * Removes what hangs on resources outside their table when they go: what runs on them, who has roles there, and what each
 * type says (an appliance, secrets).
 */
import { cutOffOperations } from '#operations/engine.ts';
import { listDescendants, type ResourceRow } from '#store/resources.ts';
import { removeAssignmentsBelow } from '#store/role-assignments.ts';
import type { Provider } from './provider.ts';
import { storedTypeOf, type Transaction } from './resource-type.ts';

/** For `resource` and everything below it. Part of the transaction that removes them. */
export async function forgetTree(
  provider: Provider,
  resource: ResourceRow,
  transaction: Transaction,
): Promise<void> {
  await cutOffOperations(transaction, resource, provider.clock.now());
  await removeAssignmentsBelow(transaction, resource.key);
  for (const row of [resource, ...(await listDescendants(transaction, resource.key))]) {
    const type = storedTypeOf(provider.registry, row.type);
    await type?.onDelete?.({ resource: row }, transaction);
  }
}
