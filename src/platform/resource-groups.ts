/**
 * Resource groups: create, change, show, list (arm-protocol §6.4). Their deletion is long-running: group-deletion.ts.
 */
import { errors } from '#arm/errors.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import { groupNameFault, normalisedLocation, tagFaults } from '#arm/names.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { resourceGroupKey } from '#shared/arm-id.ts';
import type { Fault } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import {
  findResourceGroup,
  listResourceGroups,
  putResourceGroup,
  type ResourceGroupRow,
} from '#store/resource-groups.ts';
import { beginGroupDeletion } from './group-deletion.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { writeConsistently } from '#store/read-set.ts';
import { tagFilter } from './resource-filter.ts';

class ResourceGroups {
  readonly #database: Database;
  readonly #now: () => Instant;

  constructor(database: Database, now: () => Instant) {
    this.#database = database;
    this.#now = now;
  }

  /** 201 for a new group, 200 for a replaced one; a change of the location is refused. */
  async put(subscriptionId: string, name: string, body: Json | undefined): Promise<Answer> {
    const fault = groupNameFault(name);
    if (fault !== undefined) throw errors.invalidName(name, fault);
    const content = readGroup(body);
    const key = resourceGroupKey(subscriptionId, name);
    const old = await findResourceGroup(this.#database, key);
    if (old?.operationId !== undefined) throw errors.groupBeingDeleted(old.name);
    if (content.location === undefined) throw errors.locationRequired();
    const location = normalisedLocation(content.location);
    if (old !== undefined && old.location !== location) {
      throw errors.groupLocationChanged(old.location, location);
    }
    const group: ResourceGroupRow = {
      key,
      subscriptionId,
      name: old?.name ?? name,
      location,
      tags: content.tags ?? {},
      managedBy: content.managedBy ?? old?.managedBy,
      operationId: undefined,
      createdAt: old?.createdAt ?? this.#now(),
    };
    await writeConsistently(this.#database, async (writer) => putResourceGroup(writer, group));
    return { status: old === undefined ? 201 : 200, body: viewOf(group) };
  }

  async patch(subscriptionId: string, name: string, body: Json | undefined): Promise<Answer> {
    const old = await this.#existing(subscriptionId, name);
    const content = readGroup(body);
    const group = {
      ...old,
      tags: content.tags ?? old.tags,
      managedBy: content.managedBy ?? old.managedBy,
    };
    await writeConsistently(this.#database, async (writer) => putResourceGroup(writer, group));
    return { status: 200, body: viewOf(group) };
  }

  async get(subscriptionId: string, name: string): Promise<Answer> {
    return { status: 200, body: viewOf(await this.#existing(subscriptionId, name)) };
  }

  /** 204 or 404, without a body. */
  async head(subscriptionId: string, name: string): Promise<Answer> {
    const key = resourceGroupKey(subscriptionId, name);
    const group = await findResourceGroup(this.#database, key);
    return { status: group === undefined ? 404 : 204 };
  }

  /** A page of the groups of a subscription, of those with the tags of `$filter`. */
  async list({ subscriptionId, query, url }: PlatformCall): Promise<Answer> {
    const { limit, ...from } = pageOf(query);
    const groups = await listResourceGroups(this.#database.reader, subscriptionId, {
      ...from,
      limit: limit + 1,
      tags: tagFilter(query.$filter),
    });
    const { shown, next } = cutToPage(groups, { limit, url }, ({ key }) => key);
    return { status: 200, body: { value: shown.map(viewOf), ...next } };
  }

  async #existing(subscriptionId: string, name: string): Promise<ResourceGroupRow> {
    const group = await findResourceGroup(this.#database, resourceGroupKey(subscriptionId, name));
    if (group === undefined) throw errors.resourceGroupNotFound(name);
    return group;
  }
}

interface GroupContent {
  readonly location?: string;
  readonly tags?: Record<string, string>;
  readonly managedBy?: string;
}

function readGroup(body: Json | undefined): GroupContent {
  if (!isJsonObject(body)) {
    throw errors.malformedContent('The request body must be a JSON object.');
  }
  const { location, tags, managedBy } = body;
  const faults: Fault[] = [];
  const mustBeString = (target: string): Fault => ({
    target,
    message: `The value of '${target}' must be a string.`,
  });
  if (location !== undefined && location !== null && typeof location !== 'string') {
    faults.push(mustBeString('location'));
  }
  if (managedBy !== undefined && managedBy !== null && typeof managedBy !== 'string') {
    faults.push(mustBeString('managedBy'));
  }
  if (tags !== undefined && tags !== null && !isJsonObject(tags)) {
    faults.push({ target: 'tags', message: "The value of 'tags' must be an object." });
  }
  const given = isJsonObject(tags) ? tags : {};
  for (const [tag, value] of Object.entries(given)) {
    if (typeof value !== 'string') faults.push(mustBeString(`tags.${tag}`));
  }
  if (faults.length === 0) faults.push(...tagFaults(given as Record<string, string>));
  if (faults.length > 0) throw errors.invalidContent(faults);
  return {
    ...(typeof location === 'string' && location.trim() !== '' ? { location } : {}),
    ...(isJsonObject(tags) ? { tags: tags as Record<string, string> } : {}),
    ...(typeof managedBy === 'string' ? { managedBy } : {}),
  };
}

function viewOf(group: ResourceGroupRow): JsonObject {
  return {
    id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
    name: group.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group.location,
    tags: { ...group.tags },
    ...(group.managedBy === undefined ? {} : { managedBy: group.managedBy }),
    properties: {
      provisioningState: group.operationId === undefined ? 'Succeeded' : 'Deleting',
    },
  };
}

const GROUPS = '/subscriptions/:subscriptionId/resourceGroups';
const TYPE = 'Microsoft.Resources/subscriptions/resourceGroups';
const ONE = { type: TYPE, path: `${GROUPS}/:resourceGroupName` } as const;
const nameIn = ({ parameters }: PlatformCall): string => parameters.resourceGroupName ?? '';

/** The routes of resource groups. */
export function resourceGroupRoutes(provider: Provider): PlatformRoute[] {
  const groups = new ResourceGroups(provider.database, () => provider.clock.now());
  return [
    ...deletionRoutes(provider),
    {
      type: TYPE,
      path: GROUPS,
      method: 'GET',
      permission: 'read',
      summary: 'Lists the resource groups of a subscription.',
      carryOut: async (call) => await groups.list(call),
    },
    {
      ...ONE,
      method: 'PUT',
      permission: 'write',
      summary: 'Creates or replaces a resource group.',
      carryOut: async (call) => await groups.put(call.subscriptionId, nameIn(call), call.body),
    },
    {
      ...ONE,
      method: 'PATCH',
      permission: 'write',
      summary: 'Changes a resource group.',
      carryOut: async (call) => await groups.patch(call.subscriptionId, nameIn(call), call.body),
    },
    {
      ...ONE,
      method: 'GET',
      permission: 'read',
      summary: 'Shows a resource group.',
      carryOut: async (call) => await groups.get(call.subscriptionId, nameIn(call)),
    },
    {
      ...ONE,
      method: 'HEAD',
      permission: 'read',
      summary: 'Checks whether a resource group exists.',
      carryOut: async (call) => await groups.head(call.subscriptionId, nameIn(call)),
    },
  ];
}

function deletionRoutes(provider: Provider): PlatformRoute[] {
  return [
    {
      ...ONE,
      method: 'DELETE',
      permission: 'delete',
      summary: 'Deletes a resource group with its resources.',
      carryOut: async (call) => await beginGroupDeletion(provider, { ...call, name: nameIn(call) }),
    },
  ];
}
