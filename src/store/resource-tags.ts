/**
 * Tags as filters look for them: one row each, by the key of the resource or resource group that has it, in lower case. The bodies of
 * resources and the rows of groups hold the tags as they were written; this table follows them in the same transaction. Written
 * by `resources.ts`, `resource-groups.ts` and `move.ts`.
 */
import { isJsonObject, type Json } from '#shared/json.ts';
import type { ExpressionBuilder } from 'kysely';
import type { Reader, Writer } from './database.ts';
import { contains, inParts, isBelow, isWithin } from './ranges.ts';
import { send } from './sending.ts';
import { command } from './statement.ts';
import type { Tables } from './tables.ts';

/** A condition on a tag: each text that is given must fit, in lower case. */
export interface TagCondition {
  readonly name?: TextCondition;
  readonly value?: TextCondition;
}

export interface TextCondition {
  readonly comparison: 'equals' | 'contains';
  readonly text: string;
}

const deleteTags = command((on, { resource }: { resource: string }) =>
  on.deleteFrom('resource_tags').where('resource', '=', resource),
);

/** Replaces the tags of `key` by what `tags` holds, if it is an object of texts. Of names that differ by case only the first counts. */
export async function replaceTags(
  writer: Writer,
  key: string,
  tags: Json | undefined,
): Promise<void> {
  await deleteTags(writer, { resource: key });
  await addTags(writer, key, tags);
}

/** As `replaceTags`, of a key that has none. */
export async function addTags(writer: Writer, key: string, tags: Json | undefined): Promise<void> {
  const rows = rowsOf(key, tags);
  if (rows.length === 0) return;
  const query = writer
    .insertInto('resource_tags')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['resource', 'name']).doNothing());
  await send(writer, query.compile());
}

/** Removes the tags of `key` and of everything below it. */
export async function removeTagsWithin(writer: Writer, key: string): Promise<void> {
  const query = writer.deleteFrom('resource_tags').where((eb) => isWithin(eb, 'resource', key));
  await send(writer, query.compile());
}

/** For queries that have the table of tags in them. */
export function tagFits(
  eb: ExpressionBuilder<Tables, 'resource_tags'>,
  { name, value }: TagCondition,
) {
  const fits = (column: 'name' | 'value', { comparison, text }: TextCondition) =>
    comparison === 'equals'
      ? eb(`resource_tags.${column}`, '=', text)
      : contains(eb, eb.ref(`resource_tags.${column}`), text);
  return eb.and([
    ...(name === undefined ? [] : [fits('name', name)]),
    ...(value === undefined ? [] : [fits('value', value)]),
  ]);
}

function rowsOf(resource: string, tags: Json | undefined) {
  if (!isJsonObject(tags)) return [];
  return Object.entries(tags).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [{ resource, name: name.toLowerCase(), value: value.toLowerCase() }]
      : [],
  );
}

/** The names of tags below `scope`, in their order. */
export async function listTagNames(
  reader: Reader,
  scope: string,
  { after, limit }: { readonly after?: string; readonly limit?: number },
): Promise<string[]> {
  let query = reader
    .selectFrom('resource_tags')
    .select('name')
    .distinct()
    .where((eb) => isBelow(eb, 'resource', scope))
    .orderBy('name');
  if (after !== undefined) query = query.where('name', '>', after);
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(({ name }) => name);
}

export interface TagCount {
  readonly name: string;
  readonly value: string;
  readonly count: number;
}

/** How often each value of these names is used below `scope`. */
export async function countTagValues(
  reader: Reader,
  scope: string,
  names: readonly string[],
): Promise<TagCount[]> {
  const counts: TagCount[] = [];
  for (const part of inParts(names)) {
    const rows = await reader
      .selectFrom('resource_tags')
      .select((eb) => ['name', 'value', eb.fn.countAll().as('count')])
      .where((eb) => isBelow(eb, 'resource', scope))
      .where('name', 'in', part)
      .groupBy(['name', 'value'])
      .orderBy('name')
      .orderBy('value')
      .execute();
    counts.push(...rows.map(({ name, value, count }) => ({ name, value, count: Number(count) })));
  }
  return counts;
}
