/**
 * The generic lists of tracked resources, `/subscriptions/{s}/resources` and `…/resourceGroups/{g}/resources`, with
 * `$filter`, `$expand` and `$top` as az and Terraform send them (arm-protocol §6.4).
 */
import { errors } from '#arm/errors.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { storedTypeOf, type Summary } from '#arm/resource-type.ts';
import { targetOf } from '#arm/verbs/target.ts';
import { resourceGroupKey } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { formatInstant } from '#shared/instant.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import type { ResourceRow } from '#store/resources.ts';
import { listTracked } from '#store/tracked-resources.ts';
import { resourceFilter } from './resource-filter.ts';

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
  const { subscriptionId, query, parameters } = call;
  const scope = await scopeOf(database, { subscriptionId, group: parameters.resourceGroupName });
  const filter = resourceFilter(query.$filter);
  const { after, limit } = pageOf(query);
  const rows = await listTracked(database.reader, scope, {
    limit: limit + 1,
    ...(after === undefined ? {} : { after }),
    ...(filter === undefined ? {} : { filter }),
  });
  const { shown, next } = cutToPage(rows, { limit, url: call.url }, ({ key }) => key);
  const expands = typeof query.$expand === 'string' ? query.$expand.toLowerCase() : '';
  const value = shown.map((row) => entryOf(provider, row, expands));
  return { status: 200, body: { value, ...next } };
}

/** The key of what is listed; refuses a group that does not exist. */
async function scopeOf(
  database: Database,
  {
    subscriptionId,
    group,
  }: { readonly subscriptionId: string; readonly group?: string | undefined },
): Promise<string> {
  if (group === undefined) return `/subscriptions/${subscriptionId}`;
  const key = resourceGroupKey(subscriptionId, group);
  if ((await findResourceGroup(database, key)) === undefined) {
    throw errors.resourceGroupNotFound(group);
  }
  return key;
}

/** What a generic list shows of a resource: nothing that has to be asked of a machine. */
function entryOf(provider: Provider, row: ResourceRow, expands: string): JsonObject {
  const type = present(storedTypeOf(provider.registry, row.type), `the type ${row.type}`);
  const { kind, location, sku, identity, tags } =
    type.summary?.(targetOf(provider, row, row)) ?? defaultSummary(row);
  return {
    id: row.id,
    name: row.name,
    type: `${type.namespace}/${type.type}`,
    ...(kind === undefined ? {} : { kind }),
    ...(location === undefined ? {} : { location }),
    ...(sku === undefined ? {} : { sku }),
    ...(identity === undefined ? {} : { identity }),
    ...(tags === undefined ? {} : { tags }),
    ...(expands.includes('createdtime') ? { createdTime: formatInstant(row.createdAt) } : {}),
    ...(expands.includes('changedtime') ? { changedTime: formatInstant(row.changedAt) } : {}),
    // What is seen has been provisioned: a resource whose creation runs is hidden.
    ...(expands.includes('provisioningstate') ? { provisioningState: 'Succeeded' } : {}),
  };
}

const defaultSummary = ({ body }: ResourceRow): Summary => ({
  location: textIn(body, 'location'),
  tags: objectIn(body, 'tags'),
});
