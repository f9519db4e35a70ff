/** Resource groups, keyed by their id in lower case. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Database, Reader, Writer } from './database.ts';
import type { Tables } from './tables.ts';

export interface ResourceGroupRow {
  readonly key: string;
  readonly subscriptionId: string;
  /** As first written. */
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly managedBy: string | undefined;
  /** The deletion that is under way, if any. */
  readonly operationId: string | undefined;
  readonly createdAt: Instant;
}

/** `/subscriptions/{s}/resourcegroups/{name}`, lower case. */
export function resourceGroupKey(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${name}`.toLowerCase();
}

export async function findResourceGroup(
  database: Database,
  key: string,
): Promise<ResourceGroupRow | undefined> {
  return await database.remembered(`group ${key}`, async () => {
    const row = await database.row('select * from resource_groups where key = ?', key);
    return row === undefined ? undefined : rowOf(row as Tables['resource_groups']);
  });
}

/** As `findResourceGroup`, inside a transaction. */
export async function readResourceGroup(
  reader: Reader,
  key: string,
): Promise<ResourceGroupRow | undefined> {
  const row = await reader
    .selectFrom('resource_groups')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

export async function listResourceGroups(
  reader: Reader,
  subscriptionId: string,
): Promise<ResourceGroupRow[]> {
  const rows = await reader
    .selectFrom('resource_groups')
    .selectAll()
    .where('subscription_id', '=', subscriptionId.toLowerCase())
    .orderBy('key')
    .execute();
  return rows.map(rowOf);
}

/** Makes or replaces the group; the name of the first writing stays. */
export async function putResourceGroup(writer: Writer, group: ResourceGroupRow): Promise<void> {
  const changing = {
    location: group.location,
    tags: JSON.stringify(group.tags),
    managed_by: group.managedBy ?? null,
    operation_id: group.operationId ?? null,
  };
  await writer
    .insertInto('resource_groups')
    .values({
      key: group.key,
      subscription_id: group.subscriptionId.toLowerCase(),
      name: group.name,
      created_at: group.createdAt,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(changing))
    .execute();
}

/** Marks a deletion as begun (an operation's id) or as given up (null). */
export async function markResourceGroup(
  writer: Writer,
  key: string,
  operationId: string | null,
): Promise<void> {
  await writer
    .updateTable('resource_groups')
    .set({ operation_id: operationId })
    .where('key', '=', key)
    .execute();
}

export async function removeResourceGroup(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('resource_groups').where('key', '=', key).execute();
}

function rowOf(row: Tables['resource_groups']): ResourceGroupRow {
  return {
    key: row.key,
    subscriptionId: row.subscription_id,
    name: row.name,
    location: row.location,
    tags: JSON.parse(row.tags) as Record<string, string>,
    managedBy: row.managed_by ?? undefined,
    operationId: row.operation_id ?? undefined,
    createdAt: instant(Number(row.created_at)),
  };
}
