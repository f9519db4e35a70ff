/** The tables of Resource Graph that are here, `Resources` and `ResourceContainers`: their columns, and their rows as the caller may read them. */
import type { Provider } from '#arm/provider.ts';
import { storedTypeOf, type StoredType } from '#arm/resource-type.ts';
import { tenantOf } from '#arm/tenant.ts';
import { project, viewsOf } from '#arm/verbs/present.ts';
import { targetOf } from '#arm/verbs/target.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { isJsonObject, type Json, type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { listResourceGroups, type ResourceGroupRow } from '#store/resource-groups.ts';
import type { ResourceRow } from '#store/resources.ts';
import { listTracked, type TrackedFilter } from '#store/tracked-resources.ts';
import type { Reach } from './reach.ts';
import type { Cells, Column } from './query/bind.ts';
import type { Narrowing } from './query/narrow.ts';
import type { Stage } from './query/stages.ts';

/** The columns of both tables, in the order in which Resource Graph shows them [mem]. */
export const COLUMNS: readonly Column[] = [
  ...(['id', 'name', 'type', 'tenantId', 'kind', 'location'] as const),
  ...(['resourceGroup', 'subscriptionId', 'managedBy'] as const),
]
  .map((name): Column => ({ name, type: 'string' }))
  .concat(
    (['sku', 'plan', 'properties', 'tags', 'identity', 'zones', 'extendedLocation'] as const).map(
      (name): Column => ({ name, type: 'dynamic' }),
    ),
  );

/** Rows that are read together, between which other requests have their turn. */
const PAGE = 500;

/** Lets other requests have their turn: what the database answers from memory gives none. */
const othersFirst = async (): Promise<void> =>
  await new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What a query reads. */
export interface Reading {
  readonly provider: Provider;
  readonly reach: Reach;
  readonly narrowing: Narrowing;
  /** Whether the query looks into properties; else they are made for the rows alone that are shown (`filled`). */
  readonly needsProperties: boolean;
}

export type Table = (reading: Reading, into: Stage) => Promise<void>;

/** By name in lower case: Resource Graph compares them without case [doc]. */
export const TABLES: Readonly<Record<string, Table>> = {
  resources: readResources,
  resourcecontainers: readContainers,
};

/** Stands in a cell for properties that have not been made yet. */
const unmade = new WeakMap<object, ResourceRow>();

/** Rows in which the properties are made that have not been yet. */
export async function filled(provider: Provider, rows: readonly Cells[]): Promise<Cells[]> {
  const resources = rows.flat().flatMap((cell) => {
    const resource = isJsonObject(cell) ? unmade.get(cell) : undefined;
    return resource === undefined ? [] : [resource];
  });
  const properties = await propertiesOf(provider, resources);
  const fill = (cell: Json): Json => {
    const resource = isJsonObject(cell) ? unmade.get(cell) : undefined;
    return resource === undefined ? cell : (properties.get(resource) ?? null);
  };
  return rows.map((cells) => cells.map(fill));
}

async function readResources(reading: Reading, into: Stage): Promise<void> {
  const { provider, reach } = reading;
  const filter = filterOf(reading.narrowing);
  for (const subscriptionId of reach.subscriptions) {
    for (let after: string | undefined, isMore = true; isMore; ) {
      const page = await listTracked(provider.database.reader, `/subscriptions/${subscriptionId}`, {
        ...{ limit: PAGE, filter },
        ...(after === undefined ? {} : { after }),
      });
      if (!(await pushResources(reading, page, into))) return;
      after = page.at(-1)?.key;
      isMore = page.length === PAGE;
      if (isMore) await othersFirst();
    }
  }
}

async function pushResources(
  { provider, reach, needsProperties }: Reading,
  page: readonly ResourceRow[],
  into: Stage,
): Promise<boolean> {
  const readable: ResourceRow[] = [];
  for (const row of page) if (await reach.mayRead(row.type, row)) readable.push(row);
  const properties = needsProperties ? await propertiesOf(provider, readable) : undefined;
  for (const row of readable) {
    const cells = cellsOfResource(provider, row, properties?.get(row));
    if (!into.push({ cells, identity: row.key, sort: [] })) return false;
  }
  return true;
}

/** Types, groups and locations are in lower case in Resource Graph, names and ids as they were written [mem]. */
function cellsOfResource(
  provider: Provider,
  row: ResourceRow,
  properties: JsonObject | undefined,
): Cells {
  const type = typeOf(provider, row);
  const { body } = row;
  const summary = type.summary?.(targetOf(provider, row, row)) ?? {
    location: textIn(body, 'location'),
    tags: objectIn(body, 'tags'),
  };
  const later: JsonObject = {};
  if (properties === undefined) unmade.set(later, row);
  return cellsOf({
    id: row.id,
    name: row.name,
    type: row.type,
    tenantId: tenantOf(provider.seed),
    kind: summary.kind ?? '',
    location: summary.location?.toLowerCase() ?? '',
    resourceGroup: lastSegmentOf(row.resourceGroup),
    subscriptionId: row.subscriptionId,
    managedBy: '',
    sku: summary.sku ?? null,
    properties: properties ?? later,
    tags: summary.tags ?? null,
    identity: summary.identity ?? null,
  });
}

const cellsOf = (values: Readonly<Record<string, Json>>): Cells =>
  COLUMNS.map(({ name }) => values[name] ?? null);

const typeOf = ({ registry }: Provider, row: ResourceRow): StoredType =>
  present(storedTypeOf(registry, row.type), `the type ${row.type}`);

/** What a GET of each shows as its properties in the newest stable version of its type. */
async function propertiesOf(
  provider: Provider,
  rows: readonly ResourceRow[],
): Promise<ReadonlyMap<ResourceRow, JsonObject>> {
  const found = new Map<ResourceRow, JsonObject>();
  for (const type of new Set(rows.map((row) => typeOf(provider, row)))) {
    const { versions } = type.versions;
    const version = versions.find((one) => !one.includes('preview')) ?? versions[0] ?? '';
    const ofType = rows.filter((row) => typeOf(provider, row) === type);
    const views = await viewsOf(
      type,
      ofType.map((row) => targetOf(provider, row, row)),
    );
    for (const [index, row] of ofType.entries()) {
      const { view } = present(views[index], 'the view of a resource');
      found.set(row, objectIn(project(type, view, version), 'properties'));
    }
  }
  return found;
}

function filterOf({ members, tags }: Narrowing): TrackedFilter {
  const { type, resourceGroup, name, location } = members;
  const given = { type, group: resourceGroup, name, location };
  return {
    members: Object.entries(given).flatMap(([member, text]) =>
      text === undefined
        ? []
        : [{ member: member as keyof typeof given, comparison: 'equals' as const, text }],
    ),
    tags: tags.map(({ name: tag, value }) => ({
      name: { comparison: 'equals', text: tag },
      value: { comparison: 'equals', text: value },
    })),
    withoutTags: [],
  };
}

const GROUP = 'Microsoft.Resources/subscriptions/resourceGroups';
const SUBSCRIPTION = 'Microsoft.Resources/subscriptions';

async function readContainers({ provider, reach }: Reading, into: Stage): Promise<void> {
  for (const id of reach.subscriptions) {
    const key = `/subscriptions/${id}`;
    const cells = cellsOfSubscription(provider, id);
    if (!into.push({ cells, identity: key, sort: [] })) return;
    for (let after: string | undefined, isMore = true; isMore; ) {
      const page = await listResourceGroups(provider.database.reader, id, {
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const group of page) {
        if (!(await reach.mayRead(GROUP, { key: group.key, resourceGroup: group.key }))) continue;
        const row = { cells: cellsOfGroup(provider, group), identity: group.key, sort: [] };
        if (!into.push(row)) return;
      }
      after = page.at(-1)?.key;
      isMore = page.length === PAGE;
      if (isMore) await othersFirst();
    }
  }
}

const cellsOfSubscription = ({ seed }: Provider, id: string): Cells =>
  cellsOf({
    ...{ id: `/subscriptions/${id}`, name: `Edgetwin ${id.slice(0, 8)}` },
    ...{ type: SUBSCRIPTION.toLowerCase(), tenantId: tenantOf(seed), subscriptionId: id },
    ...{ kind: '', location: '', resourceGroup: '', managedBy: '', tags: {} },
    properties: { state: 'Enabled', managedByTenants: [] },
  });

const cellsOfGroup = ({ seed }: Provider, group: ResourceGroupRow): Cells =>
  cellsOf({
    id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
    ...{ name: group.name, type: GROUP.toLowerCase(), tenantId: tenantOf(seed), kind: '' },
    ...{ location: group.location, resourceGroup: group.name.toLowerCase() },
    ...{ subscriptionId: group.subscriptionId, managedBy: group.managedBy ?? '' },
    properties: { provisioningState: group.operationId === undefined ? 'Succeeded' : 'Deleting' },
    tags: { ...group.tags },
  });
