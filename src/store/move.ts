/**
 * Gives a resource, and everything that names it, a new id: the rows below it, what it made, its machine, its locks
 * and operations, and the references inside bodies. The journal keeps the old ids: it says what was.
 */
import type { Writer } from './database.ts';
import { isBelow, isWithin } from './ranges.ts';
import { signalsOf } from './signals.ts';

export interface Relocation {
  /** As stored. */
  readonly from: string;
  readonly to: string;
  /** Key of the group that `to` is in. */
  readonly resourceGroup: string;
}

/** All of it within the caller's transaction. */
export async function relocate(writer: Writer, move: Relocation): Promise<void> {
  const fromKey = move.from.toLowerCase();
  const toKey = move.to.toLowerCase();
  const rows = await writer
    .selectFrom('resources')
    .select(['key', 'id', 'parent', 'body'])
    .where((eb) => isWithin(eb, 'key', fromKey))
    .execute();
  for (const row of rows) {
    await writer
      .updateTable('resources')
      .set({
        key: toKey + row.key.slice(fromKey.length),
        id: move.to + row.id.slice(move.from.length),
        parent: row.parent === null ? null : toKey + row.parent.slice(fromKey.length),
        resource_group: move.resourceGroup,
        body: renamed(row.body, move),
      })
      .where('key', '=', row.key)
      .execute();
  }
  await writer
    .updateTable('resource_tags')
    .set({ resource: toKey })
    .where('resource', '=', fromKey)
    .execute();
  await writer
    .updateTable('resources')
    .set({ origin: toKey })
    .where('origin', '=', fromKey)
    .execute();
  await writer
    .updateTable('appliances')
    .set({ resource_id: move.to })
    .where('resource_id', '=', move.from)
    .execute();
  await relocateOperations(writer, move);
  await relocateLocks(writer, move);
  // Rare, and it changes what stands under many keys.
  signalsOf(writer).touchEverything();
}

async function relocateOperations(writer: Writer, { from, to }: Relocation): Promise<void> {
  const fromKey = from.toLowerCase();
  const rows = await writer
    .selectFrom('operations')
    .select(['id', 'resource_key', 'resource_id'])
    .where((eb) => isWithin(eb, 'resource_key', fromKey))
    .execute();
  for (const row of rows) {
    await writer
      .updateTable('operations')
      .set({
        resource_key: to.toLowerCase() + row.resource_key.slice(from.length),
        resource_id: to + row.resource_id.slice(from.length),
      })
      .where('id', '=', row.id)
      .execute();
  }
}

async function relocateLocks(writer: Writer, { from, to }: Relocation): Promise<void> {
  const fromKey = from.toLowerCase();
  const rows = await writer
    .selectFrom('locks')
    .select(['key', 'id', 'scope'])
    .where((eb) => isBelow(eb, 'key', fromKey))
    .execute();
  for (const row of rows) {
    await writer
      .updateTable('locks')
      .set({
        key: to.toLowerCase() + row.key.slice(from.length),
        id: to + row.id.slice(from.length),
        scope: to.toLowerCase() + row.scope.slice(from.length),
      })
      .where('key', '=', row.key)
      .execute();
  }
}

/** References to the old id inside a body, whatever their case, to the new one. */
function renamed(body: string, { from, to }: Relocation): string {
  const pattern = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return body.replace(new RegExp(`${pattern}(?=["/])`, 'gi'), () => to);
}
