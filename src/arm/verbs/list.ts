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
    return { status: 200, body: { value } };
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
  return {
    status: 200,
    body: hasMore ? { value, nextLink: nextLinkOf(request.url, last.key) } : { value },
  };
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
