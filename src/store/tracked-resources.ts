/**
 * The resources at the top, of all types together, as the generic lists show them: in pages, by conditions that the database
 * evaluates. Indexes lead to the resources of a type, name, location, SKU or tag; what differs from a text, or contains it, is looked
 * for in the order of the keys until the page is full.
 */
import type { ExpressionBuilder, SelectQueryBuilder } from 'kysely';
import { resourceGroupKey, subscriptionIdOf } from '#shared/arm-id.ts';
import type { Reader } from './database.ts';
import { contains, isBelow, type Text } from './ranges.ts';
import type { KeyPage } from './resource-lists.ts';
import { type TagCondition, tagFits } from './resource-tags.ts';
import { type ResourceRow, rowOf } from './resources.ts';
import type { Tables } from './tables.ts';

/** A condition on a member of a resource: all texts in lower case, as they compare. */
export interface MemberCondition {
  /** `type` has its namespace; `group` is the group's name; a location is without spaces. */
  readonly member: 'type' | 'group' | 'name' | 'location' | 'sku';
  readonly comparison: 'equals' | 'differs' | 'contains';
  readonly text: string;
}

export interface TrackedFilter {
  readonly members: readonly MemberCondition[];
  /** Of each there is a tag that meets it. */
  readonly tags: readonly TagCondition[];
  /** There is no tag that meets any of these. */
  readonly withoutTags: readonly TagCondition[];
}

export interface TrackedPage extends KeyPage {
  readonly filter?: TrackedFilter;
  /** Also those that are being created and that nobody sees yet. */
  readonly isWithHidden?: boolean;
}

/**
 * The resources at the top below `scope`, the key of a subscription (`/subscriptions/{guid}`) or of a resource group, in the order of
 * their keys.
 */
export async function listTracked(
  reader: Reader,
  scope: string,
  { after, limit, filter, isWithHidden = false }: TrackedPage = {},
): Promise<ResourceRow[]> {
  const tags = filter?.tags ?? [];
  // A tag leads to the resources where its name is known: in the order of the same keys.
  const leading = tags.find(({ name }) => name?.comparison === 'equals');
  let query =
    leading === undefined
      ? startingAtResources(reader, scope, after)
      : startingAtTags(reader, scope, { leading, after });
  for (const tag of tags) {
    if (tag !== leading) query = query.where((eb) => hasTag(eb, tag));
  }
  query = query.where('resources.parent', 'is', null);
  if (!isWithHidden) query = query.where('resources.visible', '=', 1);
  for (const condition of filter?.members ?? []) {
    query = query.where((eb) => memberFits(eb, scope, condition));
  }
  for (const condition of filter?.withoutTags ?? []) {
    query = query.where((eb) => eb.not(hasTag(eb, condition)));
  }
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(rowOf);
}

/** As `listTracked`, all of them, a page at a time: what is read while they are worked on may have changed before the last ones. */
export async function* eachTracked(
  reader: Reader,
  scope: string,
  page: Omit<TrackedPage, 'after' | 'limit'> = {},
): AsyncGenerator<ResourceRow> {
  let after: string | undefined;
  for (;;) {
    const rows = await listTracked(reader, scope, {
      ...page,
      limit: PAGE_OF_ALL,
      ...(after === undefined ? {} : { after }),
    });
    yield* rows;
    if (rows.length < PAGE_OF_ALL) return;
    after = rows.at(-1)?.key;
  }
}

const PAGE_OF_ALL = 500;

type TrackedQuery = SelectQueryBuilder<Tables, 'resources', Tables['resources']>;
type Builder = ExpressionBuilder<Tables, 'resources'>;
const TEXTS: Readonly<Record<'type' | 'name' | 'location' | 'sku', (eb: Builder) => Text>> = {
  type: (eb) => eb.ref('resources.type'),
  name: (eb) => eb.fn<string>('lower', ['resources.name']),
  location: (eb) => eb.ref('resources.location'),
  sku: (eb) => eb.ref('resources.sku'),
};

function startingAtResources(
  reader: Reader,
  scope: string,
  after: string | undefined,
): TrackedQuery {
  const query = reader
    .selectFrom('resources')
    .selectAll('resources')
    .where((eb) => isBelow(eb, 'resources.key', scope))
    .orderBy('resources.key');
  return after === undefined ? query : query.where('resources.key', '>', after);
}

function startingAtTags(
  reader: Reader,
  scope: string,
  { leading, after }: { readonly leading: TagCondition; readonly after: string | undefined },
): TrackedQuery {
  const query = reader
    .selectFrom('resource_tags')
    .innerJoin('resources', 'resources.key', 'resource_tags.resource')
    .selectAll('resources')
    .where((eb) => isBelow(eb, 'resource_tags.resource', scope))
    .where((eb) => tagFits(eb, leading))
    .orderBy('resource_tags.resource');
  const page = after === undefined ? query : query.where('resource_tags.resource', '>', after);
  return page;
}

function memberFits(eb: Builder, scope: string, condition: MemberCondition) {
  const { member, comparison, text } = condition;
  if (member === 'group') return groupFits(eb, scope, condition);
  const column = TEXTS[member](eb);
  switch (comparison) {
    case 'equals':
      return eb(column, '=', text);
    case 'differs':
      return eb.or([eb(column, '!=', text), eb(column, 'is', null)]);
    case 'contains':
      return contains(eb, column, text);
  }
}

/** The group's name is what follows the subscription's part of its key. */
function groupFits(eb: Builder, scope: string, { comparison, text }: MemberCondition) {
  const prefix = resourceGroupKey(subscriptionIdOf(scope), '');
  const key = 'resources.resource_group';
  switch (comparison) {
    case 'equals':
      return eb(key, '=', prefix + text);
    case 'differs':
      return eb(key, '!=', prefix + text);
    case 'contains':
      return contains(eb, eb.fn<string>('replace', [key, eb.val(prefix), eb.val('')]), text);
  }
}

function hasTag(eb: Builder, tag: TagCondition) {
  return eb.exists(
    eb
      .selectFrom('resource_tags')
      .select('resource_tags.resource')
      .whereRef('resource_tags.resource', '=', 'resources.key')
      .where((inner) => tagFits(inner, tag)),
  );
}
