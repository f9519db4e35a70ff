/** Resource groups, keyed by their id in lower case. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Source, Writer } from './database.ts';
import { lookUp } from './look-up.ts';
import type { KeyPage } from './resource-lists.ts';
import { removeTagsWithin, replaceTags, type TagCondition, tagFits } from './resource-tags.ts';
import { signalsOf } from './signals.ts';
import { statement } from './statement.ts';
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

const cacheKey = (key: string): string => `group ${key}`;

const selectGroup = statement((on, { key }: { key: string }) =>
  on.selectFrom('resource_groups').selectAll().where('key', '=', key),
);

/** The group of that key. */
export async function findResourceGroup(
  source: Source,
  key: string,
): Promise<ResourceGroupRow | undefined> {
  return await lookUp(source, cacheKey(key), async (reader) => {
    const { rows } = await selectGroup(reader, { key });
    return rows[0] === undefined ? undefined : rowOf(rows[0]);
  });
}

/** The groups of a subscription in the order of their keys, of them those with all of `tags`. */
export async function listResourceGroups(
  reader: Reader,
  subscriptionId: string,
  { after, limit, tags = [] }: KeyPage & { readonly tags?: readonly TagCondition[] } = {},
): Promise<ResourceGroupRow[]> {
  let query = reader
    .selectFrom('resource_groups')
    .selectAll()
    .where('subscription_id', '=', subscriptionId.toLowerCase())
    .orderBy('key');
  if (after !== undefined) query = query.where('key', '>', after);
  if (limit !== undefined) query = query.limit(limit);
  for (const tag of tags) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('resource_tags')
          .select('resource')
          .whereRef('resource', '=', 'resource_groups.key')
          .where((inner) => tagFits(inner, tag)),
      ),
    );
  }
  return (await query.execute()).map(rowOf);
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
  await replaceTags(writer, group.key, group.tags);
  signalsOf(writer).touch(cacheKey(group.key));
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
  signalsOf(writer).touch(cacheKey(key));
}

export async function removeResourceGroup(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('resource_groups').where('key', '=', key).execute();
  await removeTagsWithin(writer, key);
  signalsOf(writer).touch(cacheKey(key));
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
