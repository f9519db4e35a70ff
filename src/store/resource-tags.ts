/**
 * Tags as filters look for them: one row each, by the key of the resource or resource group that has it, in lower case. The bodies of
 * resources and the rows of groups hold the tags as they were written; this table follows them in the same transaction. Written
 * by `resources.ts`, `resource-groups.ts` and `move.ts`.
 */
import { isJsonObject, type Json } from '#shared/json.ts';
import type { ExpressionBuilder } from 'kysely';
import type { Writer } from './database.ts';
import { contains, isWithin } from './ranges.ts';
import { statement } from './statement.ts';
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

const deleteTags = statement((on, { resource }: { resource: string }) =>
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
  await writer
    .insertInto('resource_tags')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['resource', 'name']).doNothing())
    .execute();
}

/** Removes the tags of `key` and of everything below it. */
export async function removeTagsWithin(writer: Writer, key: string): Promise<void> {
  await writer
    .deleteFrom('resource_tags')
    .where((eb) => isWithin(eb, 'resource', key))
    .execute();
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
