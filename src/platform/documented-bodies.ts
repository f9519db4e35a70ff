/**
 * What the platform's routes take, for the documents of all routes: the members with an example, so that a client that is made from
 * them can call them. The routes read their bodies themselves. Data alone.
 */
import type { PlatformRoute } from '#arm/platform-route.ts';
import type { JsonObject } from '#shared/json.ts';

/** An object whose members are those of `example`. */
const documented = (example: JsonObject): JsonObject => ({
  type: 'object',
  additionalProperties: true,
  example,
});

const TEMPLATE = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  resources: [],
};
const DEPLOYMENT = documented({
  properties: { mode: 'Incremental', template: TEMPLATE, parameters: {} },
});
const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** By the end of the path, without its parameters, and the method. */
const BODIES: readonly (readonly [end: RegExp, method: string, body: JsonObject])[] = [
  [/\/resourceGroups\/:\w+$/i, 'PUT', documented({ location: 'eastus', tags: { team: 'edge' } })],
  [/\/resourceGroups\/:\w+$/i, 'PATCH', documented({ tags: { team: 'edge' } })],
  [/\/exportTemplate$/i, 'POST', documented({ resources: ['*'] })],
  [
    /\/moveResources$|\/validateMoveResources$/i,
    'POST',
    documented({ resources: [], targetResourceGroup: `${SUBSCRIPTION}/resourceGroups/other` }),
  ],
  [/\/locks\/:\w+$/i, 'PUT', documented({ properties: { level: 'CanNotDelete', notes: 'Keep.' } })],
  [/\/tags\/default$/i, 'PUT', documented({ properties: { tags: { team: 'edge' } } })],
  [
    /\/tags\/default$/i,
    'PATCH',
    documented({ operation: 'Merge', properties: { tags: { team: 'edge' } } }),
  ],
  [/\/deployments\/:\w+$/i, 'PUT', DEPLOYMENT],
  [/\/deployments\/:\w+\/(validate|whatIf)$/i, 'POST', DEPLOYMENT],
  [
    /\/roleAssignments\/:\w+$/i,
    'PUT',
    documented({
      properties: {
        roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
        principalId: '22222222-2222-4222-8222-222222222222',
      },
    }),
  ],
  [
    /\/roleDefinitions\/:\w+$/i,
    'PUT',
    documented({
      properties: {
        roleName: 'Edge operator',
        permissions: [{ actions: ['Microsoft.DataBoxEdge/*'], notActions: [] }],
        assignableScopes: [SUBSCRIPTION],
      },
    }),
  ],
];

/** The schema of a route for the documents: its body where it has one, and the api-version that every route needs. */
export function documentOf(route: PlatformRoute): object {
  const found = BODIES.find(([end, method]) => method === route.method && end.test(route.path));
  return {
    tags: [route.type.split('/')[0] ?? ''],
    summary: route.summary,
    querystring: {
      type: 'object',
      required: ['api-version'],
      properties: { 'api-version': { type: 'string', example: '2021-04-01' } },
    },
    ...(found === undefined ? {} : { body: found[2] }),
  };
}
