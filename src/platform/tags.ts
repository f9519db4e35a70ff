/**
 * The tags API: `{scope}/providers/Microsoft.Resources/tags/default`, with which az changes nothing but tags
 * (arm-protocol §6.4). For resources and resource groups; tags of subscriptions are not supported.
 */
import { errors } from '#arm/errors.ts';
import { tagFaults } from '#arm/names.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import type { Actor } from '#arm/system-data.ts';
import { patchResource } from '#arm/verbs/patch.ts';
import { present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, objectIn } from '#shared/json.ts';
import {
  findResourceGroup,
  putResourceGroup,
  type ResourceGroupRow,
} from '#store/resource-groups.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';
import { requestFor } from '#arm/internal-request.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { checkScope, kindOfScope, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import { writeConsistently } from '#store/read-set.ts';

const NAMESPACE = 'Microsoft.Resources';
const TYPE = 'Microsoft.Resources/tags';

type Tags = Readonly<Record<string, string>>;
/** Gives the new tags, from the present ones. */
type Change = (present: Tags) => Tags;

/** GET, PUT, PATCH and DELETE of the tags of a scope. */
export function tagRoutes(provider: Provider): PlatformRoute[] {
  const change =
    (make: (call: PlatformCall) => Change): PlatformRoute['carryOut'] =>
    async (call) =>
      await changeTags(provider, call, make(call));
  return SCOPE_PATHS.flatMap((scope): PlatformRoute[] => {
    const one = {
      type: TYPE,
      path: `${scope}/providers/Microsoft.Resources/tags/default`,
    } as const;
    return [
      {
        ...one,
        method: 'GET',
        permission: 'read',
        summary: 'Shows the tags of a scope.',
        carryOut: async (call) => await changeTags(provider, call, undefined),
      },
      {
        ...one,
        method: 'PUT',
        permission: 'write',
        summary: 'Replaces the tags of a scope.',
        carryOut: change(
          ({ body }) =>
            () =>
              tagsIn(body),
        ),
      },
      {
        ...one,
        method: 'PATCH',
        permission: 'write',
        summary: 'Merges, replaces or deletes tags of a scope: {operation, properties}.',
        carryOut: change(({ body }) => patchOf(body)),
      },
      {
        ...one,
        method: 'DELETE',
        permission: 'delete',
        summary: 'Deletes all tags of a scope.',
        carryOut: async (call) => {
          await changeTags(provider, call, () => ({}));
          return { status: 200 };
        },
      },
    ];
  });
}

async function changeTags(
  provider: Provider,
  call: PlatformCall,
  change: Change | undefined,
): Promise<Answer> {
  const { database } = provider;
  const scope = scopeIn(call.path, NAMESPACE);
  await checkScope(database, scope);
  const key = scope.toLowerCase();
  switch (kindOfScope(scope)) {
    case 'subscription':
      throw errors.refused({
        code: 'TagsNotSupported',
        message: 'Tags of subscriptions are not supported here; tag resource groups and resources.',
      });
    case 'group': {
      const group = present(await findResourceGroup(database, key), 'a checked group');
      const tags = change?.(group.tags) ?? group.tags;
      if (change !== undefined) await tagGroup(provider, group, tags);
      return answer(scope, tags);
    }
    case 'resource': {
      const resource = present(await findResource(database, key), 'a checked resource');
      const tags = change?.(tagsOf(resource)) ?? tagsOf(resource);
      if (change !== undefined) {
        const { correlationId, actor } = call;
        const body = { tags };
        await patchTracked(provider, resource, { correlationId, actor, body });
      }
      return answer(scope, tags);
    }
  }
}

const tagsOf = (resource: ResourceRow): Tags => objectIn(resource.body, 'tags') as Tags;

async function tagGroup(
  { database }: Provider,
  group: ResourceGroupRow,
  tags: Tags,
): Promise<void> {
  const faults = tagFaults(tags);
  if (faults.length > 0) throw errors.invalidContent(faults);
  await writeConsistently(database, async (writer) => putResourceGroup(writer, { ...group, tags }));
}

async function patchTracked(
  provider: Provider,
  resource: ResourceRow,
  more: { readonly correlationId: string; readonly body: Json; readonly actor: Actor },
): Promise<void> {
  const request = requestFor(provider, resource, more);
  if (request.type.operations.patch === undefined) {
    throw errors.refused({
      code: 'TagsNotSupported',
      message: `Resources of type '${request.type.namespace}/${request.type.type}' have no tags.`,
    });
  }
  await patchResource(provider, request);
}

function answer(scope: string, tags: Tags): Answer {
  return {
    status: 200,
    body: {
      id: `${scope}/providers/Microsoft.Resources/tags/default`,
      name: 'default',
      type: TYPE,
      properties: { tags: { ...tags } },
    },
  };
}

/** Reads `{properties:{tags}}`. */
function tagsIn(body: Json | undefined): Tags {
  const tags = isJsonObject(body) && isJsonObject(body.properties) ? body.properties.tags : {};
  const given = isJsonObject(tags) ? tags : {};
  const faults: Fault[] = Object.entries(given)
    .filter(([, value]) => typeof value !== 'string')
    .map(([name]) => ({
      target: `properties.tags.${name}`,
      message: `The value of 'properties.tags.${name}' must be a string.`,
    }));
  if (faults.length > 0) throw errors.invalidContent(faults);
  return given as Tags;
}

const OPERATIONS = ['Merge', 'Replace', 'Delete'] as const;

function patchOf(body: Json | undefined): Change {
  const given = isJsonObject(body) ? body.operation : undefined;
  const operation = OPERATIONS.find((name) => name === given);
  if (operation === undefined) {
    const message = `The value of 'operation' must be one of: ${OPERATIONS.join(', ')}.`;
    throw errors.invalidContent([{ target: 'operation', message }]);
  }
  const tags = tagsIn(body);
  switch (operation) {
    case 'Merge':
      return (present) => ({ ...present, ...tags });
    case 'Replace':
      return () => tags;
    case 'Delete':
      return (present) =>
        Object.fromEntries(Object.entries(present).filter(([name, value]) => tags[name] !== value));
  }
}
