/**
 * The desired state of every resource: one row each, keyed by the ARM id in lower case; id and name keep the casing of
 * their first writing [rec 7]. Written by `arm/verbs` (accepting a change) and `operations/engine` (finishing one).
 */
import { parseResourceId } from '#shared/arm-id.ts';
import { instant, type Instant } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { Reader, Source, Writer } from './database.ts';
import { lookUp, lookUpMany } from './look-up.ts';
import { inParts, isBelow, isWithin } from './ranges.ts';
import { addTags, removeTagsWithin, replaceTags } from './resource-tags.ts';
import { send } from './sending.ts';
import { signalsOf } from './signals.ts';
import { command, statement } from './statement.ts';
import type { ResourcesTable } from './tables.ts';

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
const cacheKey = (key: string): string => CACHE_PREFIX + key;
const keyOfCached = (key: string): string => key.slice(CACHE_PREFIX.length);
const CACHE_PREFIX = 'resource ';

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

/** As `findResource`, of several, by key: one query reads those that are not cached. */
export async function findResourcesByKey(
  source: Source,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ResourceRow>> {
  const found = await lookUpMany(source, keys.map(cacheKey), async (reader, missing) => {
    const rows = new Map<string, ResourceRow>();
    for (const part of inParts(missing.map(keyOfCached))) {
      const query = reader.selectFrom('resources').selectAll().where('key', 'in', part);
      for (const row of await query.execute()) rows.set(cacheKey(row.key), rowOf(row));
    }
    return rows;
  });
  return new Map([...found.values()].map((row) => [row.key, row]));
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
  if (resource.parent === undefined) await addTags(writer, resource.key, resource.body.tags);
  signalsOf(writer).touch(cacheKey(resource.key));
}

const insertRow = command((on, row: ResourcesTable) =>
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
    location: row.location,
    sku: row.sku,
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
  const query = writer.updateTable('resources').set(columnsIn(change)).where('key', '=', key);
  await send(writer, query.compile());
  await changeTags(writer, key, change);
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
  if (numUpdatedRows === 1n) await changeTags(writer, key, change);
  signalsOf(writer).touch(cacheKey(key));
  return numUpdatedRows === 1n;
}

/** Removes the resource and everything below it. */
export async function removeResource(writer: Writer, key: string): Promise<void> {
  await writer
    .deleteFrom('resources')
    .where((eb) => isWithin(eb, 'key', key))
    .execute();
  await removeTagsWithin(writer, key);
  signalsOf(writer).touch(cacheKey(key));
  signalsOf(writer).touchPrefix(cacheKey(`${key}/`));
}

const columnsIn = (change: ResourceChange) => ({
  ...(change.body === undefined
    ? {}
    : { body: JSON.stringify(change.body), ...listColumnsOf(change.body) }),
  ...(change.isVisible === undefined ? {} : { visible: change.isVisible ? 1 : 0 }),
  ...(change.changedAt === undefined ? {} : { changed_at: change.changedAt }),
  ...(change.revision === undefined ? {} : { revision: change.revision }),
  ...(change.operationId === undefined ? {} : { operation_id: change.operationId }),
  ...(change.systemData === undefined ? {} : { system_data: JSON.stringify(change.systemData) }),
});

async function changeTags(writer: Writer, key: string, { body }: ResourceChange): Promise<void> {
  // Only resources at the top have tags.
  const isChild = (parseResourceId(key)?.types.length ?? 1) > 1;
  if (body === undefined || isChild) return;
  await replaceTags(writer, key, body.tags);
}

/** What lists can be filtered by besides tags: as columns of its own, since a body is only text to the database. */
export function listColumnsOf({ location, sku }: JsonObject): {
  location: string | null;
  sku: string | null;
} {
  const name = isJsonObject(sku) ? sku.name : undefined;
  return {
    location: typeof location === 'string' ? location.toLowerCase().replaceAll(' ', '') : null,
    sku: typeof name === 'string' ? name.toLowerCase() : null,
  };
}

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
    ...listColumnsOf(resource.body),
  };
}

export function rowOf(row: ResourcesTable): ResourceRow {
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
