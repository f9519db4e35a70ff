/**
 * The desired state of every resource: one row each, keyed by the ARM id in lower case; id and name keep the casing of
 * their first writing [rec 7]. Written by `arm/verbs` (accepting a change) and `operations/engine` (finishing one).
 */
import type { SelectQueryBuilder } from 'kysely';
import { instant, type Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type Database,
  lookUp,
  lookUpList,
  type Reader,
  type Source,
  type Writer,
} from './database.ts';
import { isBelow, isWithin } from './ranges.ts';
import { signalsOf } from './signals.ts';
import { statement } from './statement.ts';
import type { ResourcesTable, Tables } from './tables.ts';

export interface ResourceRow {
  /** The id in lower case. */
  readonly key: string;
  readonly id: string;
  /** `microsoft.databoxedge/databoxedgedevices/shares`: namespace and types in lower case. */
  readonly type: string;
  readonly name: string;
  /** Key of the parent resource; undefined at the top. */
  readonly parent: string | undefined;
  readonly subscriptionId: string;
  /** Key of the resource group. */
  readonly resourceGroup: string;
  /** What was asked for: the request's members that are not read-only, secrets sealed. */
  readonly body: JsonObject;
  /** Key of the resource that made this one (a connected cluster's device), if another did. */
  readonly origin: string | undefined;
  /** A GUID of this life of the resource: a new one each time it is created. */
  readonly incarnation: string;
  /** Counts the writes of this life, from 1. */
  readonly revision: number;
  /** False while a 202 creation runs: such a resource answers 404 and is not listed (arm-protocol §4.1). */
  readonly isVisible: boolean;
  /** The operation that is under way, if any. */
  readonly operationId: string | undefined;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  /** Who made and who last changed it; undefined for what the service itself has made. */
  readonly systemData: JsonObject | undefined;
}

/** Under what a row is cached; `resource ${key}/` begins the keys of all below. */
const cacheKey = (key: string): string => `resource ${key}`;

const selectResource = statement((on, { key }: { key: string }) =>
  on.selectFrom('resources').selectAll().where('key', '=', key),
);

/** The resource of that key, hidden ones too. */
export async function findResource(source: Source, key: string): Promise<ResourceRow | undefined> {
  return await lookUp(source, cacheKey(key), async (reader) => readResource(reader, key));
}

async function readResource(reader: Reader, key: string): Promise<ResourceRow | undefined> {
  const { rows } = await selectResource(reader, { key });
  return rows[0] === undefined ? undefined : rowOf(rows[0]);
}

/** Where to list: below a parent, or at the top of a group or of a subscription, or what an origin has made. */
export interface ListScope {
  /** Lower case, with its namespace. */
  readonly type: string;
  readonly parent?: string;
  readonly resourceGroup?: string;
  readonly subscriptionId?: string;
  readonly origin?: string;
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

/** From after a key on, and how many at most. */
export interface KeyPage {
  readonly after?: string;
  readonly limit?: number;
}

/** Visible resources of one type in the order of their keys, from after `after`, at most `limit`. */
export async function listResources(
  reader: Reader,
  scope: ListScope,
  page: KeyPage = {},
): Promise<ResourceRow[]> {
  const query = scoped(reader.selectFrom('resources').selectAll(), scope, page);
  return (await query.execute()).map(rowOf);
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
 * As `listResources`, for the lists that requests ask for: only the keys are listed where the rows are cached, and rows that stay the
 * same are the same objects.
 */
export async function listPage(
  database: Database,
  scope: ListScope,
  page: KeyPage,
): Promise<readonly ResourceRow[]> {
  if (!database.hasCache) return await listResources(database.reader, scope, page);
  const query = scoped(database.reader.selectFrom('resources').select('key'), scope, page);
  const rows: ResourceRow[] = [];
  for (const { key } of await query.execute()) {
    // One that has gone since its key was read is in no list any more.
    const row = await findResource(database, key);
    if (row?.isVisible === true) rows.push(row);
  }
  return rows;
}

/** The top-level resources of a group, in the order of their keys: what ARM itself keeps track of. */
export async function listTracked(
  reader: Reader,
  of: { readonly resourceGroup?: string; readonly subscriptionId?: string },
): Promise<ResourceRow[]> {
  let query = reader.selectFrom('resources').selectAll().where('parent', 'is', null).orderBy('key');
  if (of.resourceGroup !== undefined) {
    query = query.where('resource_group', '=', of.resourceGroup);
  }
  if (of.subscriptionId !== undefined) {
    query = query.where('subscription_id', '=', of.subscriptionId);
  }
  return (await query.execute()).map(rowOf);
}

/** Everything below `key`, hidden ones included. */
export async function listDescendants(reader: Reader, key: string): Promise<ResourceRow[]> {
  const rows = await reader
    .selectFrom('resources')
    .selectAll()
    .where((eb) => isBelow(eb, 'key', key))
    .orderBy('key')
    .execute();
  return rows.map(rowOf);
}

export async function insertResource(writer: Writer, resource: ResourceRow): Promise<void> {
  await insertRow(writer, columnsOf(resource));
  signalsOf(writer).touch(cacheKey(resource.key));
}

const insertRow = statement((on, row: ResourcesTable) =>
  on.insertInto('resources').values({
    key: row.key,
    id: row.id,
    type: row.type,
    name: row.name,
    parent: row.parent,
    subscription_id: row.subscription_id,
    resource_group: row.resource_group,
    body: row.body,
    origin: row.origin,
    incarnation: row.incarnation,
    revision: row.revision,
    visible: row.visible,
    operation_id: row.operation_id,
    created_at: row.created_at,
    changed_at: row.changed_at,
    system_data: row.system_data,
  }),
);

/** What may change of a resource. */
export type ResourceChange = Partial<
  Pick<ResourceRow, 'body' | 'isVisible' | 'changedAt' | 'revision' | 'systemData'>
> & { readonly operationId?: string | null };

export async function changeResource(
  writer: Writer,
  key: string,
  change: ResourceChange,
): Promise<void> {
  await writer.updateTable('resources').set(columnsIn(change)).where('key', '=', key).execute();
  signalsOf(writer).touch(cacheKey(key));
}

/**
 * As `changeResource`, of a resource that is still as it was read and has no operation under way. False where it is not: nothing
 * is written then.
 */
export async function changeUnchanged(
  writer: Writer,
  { key, incarnation, revision }: Pick<ResourceRow, 'key' | 'incarnation' | 'revision'>,
  change: ResourceChange,
): Promise<boolean> {
  const { numUpdatedRows } = await writer
    .updateTable('resources')
    .set(columnsIn(change))
    .where('key', '=', key)
    .where('incarnation', '=', incarnation)
    .where('revision', '=', revision)
    .where('operation_id', 'is', null)
    .executeTakeFirst();
  signalsOf(writer).touch(cacheKey(key));
  return numUpdatedRows === 1n;
}

/** Removes the resource and everything below it. */
export async function removeResource(writer: Writer, key: string): Promise<void> {
  await writer
    .deleteFrom('resources')
    .where((eb) => isWithin(eb, 'key', key))
    .execute();
  signalsOf(writer).touch(cacheKey(key));
  signalsOf(writer).touchPrefix(cacheKey(`${key}/`));
}

const columnsIn = (change: ResourceChange) => ({
  ...(change.body === undefined ? {} : { body: JSON.stringify(change.body) }),
  ...(change.isVisible === undefined ? {} : { visible: change.isVisible ? 1 : 0 }),
  ...(change.changedAt === undefined ? {} : { changed_at: change.changedAt }),
  ...(change.revision === undefined ? {} : { revision: change.revision }),
  ...(change.operationId === undefined ? {} : { operation_id: change.operationId }),
  ...(change.systemData === undefined ? {} : { system_data: JSON.stringify(change.systemData) }),
});

function columnsOf(resource: ResourceRow): ResourcesTable {
  return {
    key: resource.key,
    id: resource.id,
    type: resource.type,
    name: resource.name,
    parent: resource.parent ?? null,
    subscription_id: resource.subscriptionId,
    resource_group: resource.resourceGroup,
    body: JSON.stringify(resource.body),
    origin: resource.origin ?? null,
    incarnation: resource.incarnation,
    revision: resource.revision,
    visible: resource.isVisible ? 1 : 0,
    operation_id: resource.operationId ?? null,
    created_at: resource.createdAt,
    changed_at: resource.changedAt,
    system_data: resource.systemData === undefined ? null : JSON.stringify(resource.systemData),
  };
}

function rowOf(row: ResourcesTable): ResourceRow {
  return {
    key: row.key,
    id: row.id,
    type: row.type,
    name: row.name,
    parent: row.parent ?? undefined,
    subscriptionId: row.subscription_id,
    resourceGroup: row.resource_group,
    body: JSON.parse(row.body) as JsonObject,
    origin: row.origin ?? undefined,
    incarnation: row.incarnation,
    revision: row.revision,
    isVisible: row.visible !== 0,
    operationId: row.operation_id ?? undefined,
    createdAt: instant(Number(row.created_at)),
    changedAt: instant(Number(row.changed_at)),
    systemData: row.system_data === null ? undefined : (JSON.parse(row.system_data) as JsonObject),
  };
}
