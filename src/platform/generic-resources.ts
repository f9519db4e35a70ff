/**
 * The generic lists of tracked resources, `/subscriptions/{s}/resources` and `…/resourceGroups/{g}/resources`, with
 * `$filter`, `$expand` and `$top` as az and Terraform send them (arm-protocol §6.4).
 */
import { errors } from '#arm/errors.ts';
import { normalisedLocation } from '#arm/names.ts';
import { nextLinkOf, pageOf } from '#arm/paging.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { storedTypeOf } from '#arm/resource-type.ts';
import { targetOf } from '#arm/verbs/target.ts';
import { lastSegmentOf, resourceGroupKey } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { formatInstant } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { listTracked, type ResourceRow } from '#store/resources.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';

const TYPE = 'Microsoft.Resources/subscriptions/resources';

/** Both lists. */
export function genericResourceRoutes(provider: Provider): PlatformRoute[] {
  const carryOut = async (call: PlatformCall): Promise<Answer> => await list(provider, call);
  const read = { type: TYPE, method: 'GET', permission: 'read', carryOut } as const;
  return [
    {
      ...read,
      path: '/subscriptions/:subscriptionId/resources',
      summary: 'Lists the resources of a subscription.',
    },
    {
      ...read,
      path: '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName/resources',
      summary: 'Lists the resources of a resource group.',
    },
  ];
}

async function list(provider: Provider, call: PlatformCall): Promise<Answer> {
  const { database } = provider;
  const { resourceGroupName: group } = call.parameters;
  const key = group === undefined ? undefined : resourceGroupKey(call.subscriptionId, group);
  if (key !== undefined && (await findResourceGroup(database, key)) === undefined) {
    throw errors.resourceGroupNotFound(group ?? '');
  }
  const matches = filterOf(call.query.$filter);
  const page = pageOf(call.query);
  const expands = text(call.query.$expand).toLowerCase();
  const rows = await listTracked(database.reader, {
    ...(key === undefined ? { subscriptionId: call.subscriptionId } : { resourceGroup: key }),
  });
  const value: JsonObject[] = [];
  for (const row of rows) {
    if (!row.isVisible || (page.after !== undefined && row.key <= page.after)) continue;
    const entry = await entryOf(provider, row, expands);
    if (!matches(entry, row)) continue;
    if (value.length === page.limit) {
      const last = text(value.at(-1)?.id).toLowerCase();
      return { status: 200, body: { value, nextLink: nextLinkOf(call.url, last) } };
    }
    value.push(entry);
  }
  return { status: 200, body: { value } };
}

/** The entry of a resource: the members of its own view that generic lists have. */
async function entryOf(provider: Provider, row: ResourceRow, expands: string): Promise<JsonObject> {
  const type = present(storedTypeOf(provider.registry, row.type), `the type ${row.type}`);
  const view = await type.view(targetOf(provider, row, row));
  const entry: JsonObject = {
    id: row.id,
    name: row.name,
    type: `${type.namespace}/${type.type}`,
  };
  for (const member of ['kind', 'location', 'sku', 'identity', 'tags']) {
    const value = view[member];
    if (value !== undefined) entry[member] = value;
  }
  if (expands.includes('createdtime')) entry.createdTime = formatInstant(row.createdAt);
  if (expands.includes('changedtime')) entry.changedTime = formatInstant(row.changedAt);
  if (expands.includes('provisioningstate')) {
    const properties = view.properties;
    const state = isJsonObject(properties) ? properties.provisioningState : undefined;
    entry.provisioningState = state ?? 'Succeeded';
  }
  return entry;
}

type Filter = (entry: JsonObject, row: ResourceRow) => boolean;

const CLAUSE =
  /^\s*(?:(\w+)\s+(eq|ne)\s+'((?:[^']|'')*)'|substringof\(\s*'((?:[^']|'')*)'\s*,\s*(\w+)\s*\))\s*$/i;

/** Clauses joined by `and`; an empty filter matches everything. */
function filterOf(text: unknown): Filter {
  if (typeof text !== 'string' || text.trim() === '') return () => true;
  const clauses = text.split(/\s+and\s+/i).map((clause) => clauseOf(clause, text));
  return (entry, row) => clauses.every((matches) => matches(entry, row));
}

function clauseOf(clause: string, whole: string): Filter {
  const match = CLAUSE.exec(clause.replace(/^\((.*)\)$/, '$1'));
  const field = (match?.[1] ?? match?.[5] ?? '').toLowerCase();
  const expected = (match?.[3] ?? match?.[4] ?? '').replaceAll("''", "'").toLowerCase();
  const read = FIELDS[field];
  if (match === null || read === undefined) {
    throw errors.invalidQuery('$filter', `The filter '${whole}' cannot be read at '${clause}'.`);
  }
  const isNegated = match[2]?.toLowerCase() === 'ne';
  const isSubstring = match[5] !== undefined;
  return (entry, row) => {
    const values = read(entry, row).map((value) => value.toLowerCase());
    const holds = values.some((value) =>
      isSubstring ? value.includes(expected) : value === expected,
    );
    return holds !== isNegated;
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const tagsOf = (entry: JsonObject): [string, string][] =>
  isJsonObject(entry.tags) ? Object.entries(entry.tags as Record<string, string>) : [];

/** The values of an entry that a clause compares, by the field's name in lower case. */
const FIELDS: Readonly<Record<string, (entry: JsonObject, row: ResourceRow) => string[]>> = {
  resourcetype: (entry) => [text(entry.type)],
  resourcegroup: (_entry, row) => [lastSegmentOf(row.resourceGroup)],
  name: (entry) => [text(entry.name)],
  location: (entry) => [normalisedLocation(text(entry.location))],
  tagname: (entry) => tagsOf(entry).map(([name]) => name),
  tagvalue: (entry) => tagsOf(entry).map(([, value]) => value),
};
