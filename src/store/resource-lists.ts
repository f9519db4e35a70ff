/**
 * Lists of resources of one type, in pages. A page is read from after a key on in the order of keys, so it costs the same wherever it
 * is and however much there is. Those of all types together: `tracked-resources.ts`.
 */
import type { SelectQueryBuilder } from 'kysely';
import type { Database, Reader, Source } from './database.ts';
import { lookUpList } from './look-up.ts';
import { findResourcesByKey, type ResourceRow, rowOf } from './resources.ts';
import type { Tables } from './tables.ts';

/** Where to list: below a parent, or at the top of a group or of a subscription, or what an origin has made. */
export interface ListScope {
  /** Lower case, with its namespace. */
  readonly type: string;
  readonly parent?: string;
  readonly resourceGroup?: string;
  readonly subscriptionId?: string;
  readonly origin?: string;
}

/** From after a key on, and how many at most. */
export interface KeyPage {
  readonly after?: string;
  readonly limit?: number;
}

/** Visible resources of one type in the order of their keys. */
export async function listResources(
  reader: Reader,
  scope: ListScope,
  page: KeyPage = {},
): Promise<ResourceRow[]> {
  const query = scoped(reader.selectFrom('resources').selectAll(), scope, page);
  return (await query.execute()).map(rowOf);
}

/** As `listResources`, all of them: what a request that may write has read so is confirmed when it writes. */
export async function findResources(
  source: Source,
  scope: ListScope,
): Promise<readonly ResourceRow[]> {
  return await lookUpList(source, `resources ${JSON.stringify(scope)}`, async (reader) =>
    listResources(reader, scope),
  );
}

/** The ids of these alone, as written. */
export async function listResourceIds(
  reader: Reader,
  scope: ListScope,
  page: KeyPage = {},
): Promise<string[]> {
  const query = scoped(reader.selectFrom('resources').select('id'), scope, page);
  return (await query.execute()).map(({ id }) => id);
}

function scoped<Row>(
  selected: SelectQueryBuilder<Tables, 'resources', Row>,
  scope: ListScope,
  page: KeyPage,
): SelectQueryBuilder<Tables, 'resources', Row> {
  let query = selected.where('type', '=', scope.type).where('visible', '=', 1).orderBy('key');
  if (scope.parent !== undefined) query = query.where('parent', '=', scope.parent);
  // What belongs to a group or a subscription directly has no parent: the indexes hold nothing else.
  if (scope.resourceGroup !== undefined) {
    query = query.where('parent', 'is', null).where('resource_group', '=', scope.resourceGroup);
  }
  if (scope.subscriptionId !== undefined) {
    query = query.where('parent', 'is', null).where('subscription_id', '=', scope.subscriptionId);
  }
  if (scope.origin !== undefined) query = query.where('origin', '=', scope.origin);
  if (page.after !== undefined) query = query.where('key', '>', page.after);
  if (page.limit !== undefined) query = query.limit(page.limit);
  return query;
}

/**
 * As `listResources`, for the lists that requests ask for: only the keys are listed where rows are cached, and rows that stay the
 * same are the same objects.
 */
export async function listPage(
  database: Database,
  scope: ListScope,
  page: KeyPage,
): Promise<readonly ResourceRow[]> {
  if (!database.hasCache) return await listResources(database.reader, scope, page);
  const query = scoped(database.reader.selectFrom('resources').select('key'), scope, page);
  const keys = (await query.execute()).map(({ key }) => key);
  const rows = await findResourcesByKey(database, keys);
  // One that has gone since its key was read is in no list any more.
  return keys.flatMap((key) => rows.get(key) ?? []).filter(({ isVisible }) => isVisible);
}
