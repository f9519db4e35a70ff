/** GET of a collection: of a subscription, a resource group or a parent resource, in pages. */
import { present } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import { findResourceGroup, resourceGroupKey } from '#store/resource-groups.ts';
import { findResource, listResources, type ListScope, type ResourceRow } from '#store/resources.ts';
import { errors } from '../errors.ts';
import { nextLinkOf, pageOf } from '../paging.ts';
import type { Answer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { parseResourceId, rootKeyOf } from '../resource-id.ts';
import { typeKey } from '../resource-type.ts';
import { presented, viewed } from './present.ts';
import { loadTarget, surroundings, targetOf } from './target.ts';

/** What is listed: everything below one of the two, or of the subscription. */
export interface Collection {
  readonly resourceGroup?: string;
  /** Id of the parent resource. */
  readonly parentId?: string;
}

/** 200 `{value, nextLink?}`. */
export async function listOf<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  collection: Collection,
): Promise<Answer> {
  const { type } = request;
  const page = pageOf(request.query);
  const root = await rootOf(provider, request, collection);
  if (type.findAll !== undefined) {
    const found = await type.findAll(
      targetOf(provider, present(root, 'the device of a list'), root),
    );
    const value = found.map((view) => presented(type, view, request.version));
    return { status: 200, body: { value: value.filter(filterOf(request)) } };
  }
  const scope = scopeOf(request, collection);
  const rows = await listResources(provider.database.reader, scope, {
    ...(page.after === undefined ? {} : { after: page.after }),
    limit: page.limit + 1,
  });
  const shownRows = rows.slice(0, page.limit);
  const value: JsonObject[] = [];
  for (const row of shownRows) {
    value.push(await viewed(request, targetOf(provider, row, root)));
  }
  const last = shownRows.at(-1);
  const hasMore = rows.length > shownRows.length && last !== undefined;
  // A filter may empty a page: an empty one with a nextLink is legal, and clients go on (arm-protocol §3.1).
  const kept = value.filter(filterOf(request));
  return {
    status: 200,
    body: hasMore ? { value: kept, nextLink: nextLinkOf(request.url, last.key) } : { value: kept },
  };
}

/** 200 `{value}` of a type that lives in the subscription. */
export async function listInSubscription<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
): Promise<Answer> {
  const { type, subscriptionId } = request;
  const { ports } = provider;
  const found = (await type.findInSubscription?.({ subscriptionId, ports })) ?? [];
  const value = found.map((view) => presented(type, view, request.version));
  return { status: 200, body: { value: value.filter(filterOf(request)) } };
}

/** What `$filter` asks of an entry; an empty one asks nothing (arm-protocol §6.4). */
function filterOf<Ports>(request: ArmRequest<Ports>): (view: JsonObject) => boolean {
  const text = request.query.$filter;
  const filter = request.type.operations.list?.filter;
  if (filter === undefined || typeof text !== 'string' || text.trim() === '') return () => true;
  const asked = filter(text);
  if (asked === undefined) {
    throw errors.invalidQuery('$filter', `The filter '${text}' cannot be read.`);
  }
  return asked;
}

function scopeOf<Ports>(request: ArmRequest<Ports>, collection: Collection): ListScope {
  const type = typeKey(request.type);
  if (collection.parentId !== undefined) {
    return { type, parent: collection.parentId.toLowerCase() };
  }
  if (collection.resourceGroup !== undefined) {
    const resourceGroup = resourceGroupKey(request.subscriptionId, collection.resourceGroup);
    return { type, resourceGroup };
  }
  return { type, subscriptionId: request.subscriptionId };
}

/** The device above the listed children; refuses where it, or the group, is missing. */
async function rootOf<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  collection: Collection,
): Promise<ResourceRow | undefined> {
  if (collection.parentId !== undefined) {
    const parentId = present(parseResourceId(collection.parentId), 'the parent id of a list');
    const child = present(parseResourceId(`${parentId.id}/x/y`), 'an id below a parent');
    const trouble = await surroundings(provider, child);
    if (trouble !== undefined) throw trouble;
    const parent = await loadTarget(provider, parentId);
    return parent.root ?? (await findResource(provider.database, rootKeyOf(parentId)));
  }
  if (collection.resourceGroup !== undefined) {
    const key = resourceGroupKey(request.subscriptionId, collection.resourceGroup);
    if ((await findResourceGroup(provider.database, key)) === undefined) {
      throw errors.resourceGroupNotFound(collection.resourceGroup);
    }
  }
  return undefined;
}
