/** GET of a collection: of a subscription, a resource group or a parent resource, in pages. */
import { assert, present } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { listPage, type ListScope } from '#store/resource-lists.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';
import { builtInRows } from '../built-in.ts';
import { type Published, typeKey } from '../declaration.ts';
import { errors } from '../errors.ts';
import { nextLinkOf, pageOf } from '../paging.ts';
import type { Answer } from '../polling.ts';
import { type ArmRequest, isStoredRequest, type Provider } from '../provider.ts';
import { nameOf, resourceGroupKey, resourceIdOf, rootKeyOf } from '#shared/arm-id.ts';
import type {
  Existing,
  ObservedTarget,
  ObservedType,
  StoredType,
  SubscriptionType,
} from '../resource-type.ts';
import { isWithin } from '../versions.ts';
import { isKindIn, project, projectFor, renderPage, viewsOf } from './present.ts';
import { checkNamePatterns, loadTarget, missingAncestor, targetOf } from './target.ts';

/** What is listed: everything below one of the two, or of the subscription. */
export interface Collection {
  readonly resourceGroup?: string;
  /** Id of the parent resource. */
  readonly parentId?: string;
}

/** 200 `{value, nextLink?}`. */
export async function listOf(
  provider: Provider,
  request: ArmRequest,
  collection: Collection,
): Promise<Answer> {
  if (isStoredRequest(request)) return await listStored(provider, request, collection);
  const { type } = request;
  const root = await rootOf(provider, request, collection);
  assert(type.category === 'observed', `resources of type ${type.type} have no parent`);
  const above = aboveObserved(provider, present(root, 'the device of a list'), collection);
  const found = await type.findAll?.(above);
  if (found === undefined) throw errors.parentNotFound(above.name);
  return observedPage({ ...request, type }, found);
}

function observedPage(
  request: ArmRequest<ObservedType | SubscriptionType>,
  found: readonly JsonObject[],
): Answer {
  const value = found.map((view) => project(request.type, view, request.version));
  return { status: 200, body: { value: value.filter(filterOf(request) ?? (() => true)) } };
}

async function listStored(
  provider: Provider,
  request: ArmRequest<StoredType>,
  collection: Collection,
): Promise<Answer> {
  const { type } = request;
  const page = pageOf(request.query);
  const root = await rootOf(provider, request, collection);
  const scope = scopeOf(request, collection);
  const stored = await listPage(provider.database, scope, {
    ...(page.after === undefined ? {} : { after: page.after }),
    limit: page.limit + 1,
  });
  const rows = withBuiltIns(stored, await builtInRows(provider, type, root), page.after);
  const shownRows = rows.slice(0, page.limit);
  const targets = shownRows
    .filter((row) => isKindIn(type, row.body, request.version))
    .map((row) => targetOf(provider, row, root));
  const value = await textsOf(request, targets);
  const last = shownRows.at(-1);
  const hasMore = rows.length > shownRows.length && last !== undefined;
  const next = hasMore ? `,"nextLink":${JSON.stringify(nextLinkOf(request.url, last.key))}` : '';
  return { status: 200, text: `{"value":[${value.join(',')}]${next}}` };
}

/** The entries of a page. A filter may empty one: an empty page with a nextLink is legal, and clients go on (arm-protocol §3.1). */
async function textsOf(
  request: ArmRequest<StoredType>,
  targets: readonly Existing[],
): Promise<string[]> {
  const isAsked = filterOf(request);
  if (isAsked === undefined) return await renderPage(request, targets);
  const views = await viewsOf(request.type, targets);
  return targets.flatMap(({ resource }, index) => {
    const { view } = present(views[index], 'the view of a target');
    const shown = projectFor(request, resource, view);
    return isAsked(shown) ? [JSON.stringify(shown)] : [];
  });
}

/** What a list of observed resources is below: the device, or something that is observed on it. */
function aboveObserved(
  provider: Provider,
  root: ResourceRow,
  { parentId }: Collection,
): ObservedTarget {
  const parsed = resourceIdOf(present(parentId, 'the parent id of a list'));
  checkNamePatterns(provider, parsed);
  const target = { ...targetOf(provider, root, root), device: root };
  if (parsed.key === root.key) return target;
  return {
    ...target,
    id: root.id + parsed.id.slice(root.id.length),
    key: parsed.key,
    name: nameOf(parsed),
  };
}

/** Built-in resources among the stored ones, in the order of keys, from after `after`; a stored one hides its namesake. */
function withBuiltIns(
  stored: readonly ResourceRow[],
  builtIns: readonly ResourceRow[],
  after = '',
): readonly ResourceRow[] {
  const others = builtIns.filter(
    (row) => row.key > after && !stored.some((one) => one.key === row.key),
  );
  if (others.length === 0) return stored;
  return [...stored, ...others].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** 200 `{value}` of a type that lives in the subscription. */
export async function listInSubscription(request: ArmRequest<SubscriptionType>): Promise<Answer> {
  const { type, subscriptionId } = request;
  return observedPage(request, await type.findInSubscription({ subscriptionId }));
}

/** What `$filter` asks of an entry; undefined where it asks nothing (arm-protocol §6.4). */
function filterOf(request: ArmRequest): ((view: JsonObject) => boolean) | undefined {
  const { list } = request.type.operations;
  const parameter = filterParameter(list?.published?.query ?? {}, request.version);
  const text = request.query[parameter];
  if (list?.filter === undefined || typeof text !== 'string' || text.trim() === '') {
    return undefined;
  }
  const asked = list.filter(text);
  if (asked === undefined) {
    throw errors.invalidQuery(parameter, `The filter '${text}' cannot be read.`);
  }
  return asked;
}

/** `$filter`, except where a version publishes it under another name (users in 2020-09-01). */
function filterParameter(query: NonNullable<Published['query']>, version: string): string {
  const published = Object.entries(query).filter(([, span]) => isWithin(span, version));
  return published[0]?.[0] ?? '$filter';
}

function scopeOf(request: ArmRequest, collection: Collection): ListScope {
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
async function rootOf(
  provider: Provider,
  request: ArmRequest,
  collection: Collection,
): Promise<ResourceRow | undefined> {
  if (collection.parentId !== undefined) {
    const parentId = resourceIdOf(collection.parentId);
    const child = resourceIdOf(`${parentId.id}/x/y`);
    const error = await missingAncestor(provider, child);
    if (error !== undefined) throw error;
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
