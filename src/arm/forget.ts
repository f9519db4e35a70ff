/** Removes what hangs on resources outside their table (an appliance, secrets), as each type says, when they go. */
import { listDescendants, type ResourceRow } from '#store/resources.ts';
import type { Provider } from './provider.ts';
import type { Transaction } from './resource-type.ts';

/** For `resource` and everything below it. Part of the transaction that removes them. */
export async function forgetTree<Ports>(
  provider: Provider<Ports>,
  resource: ResourceRow,
  transaction: Transaction,
): Promise<void> {
  for (const row of [resource, ...(await listDescendants(transaction, resource.key))]) {
    await provider.registry.get(row.type)?.forget?.(provider.ports, row, transaction);
  }
}
