/**
 * What the platform's routes take, for the documents of all routes: the members with an example, so that a client that is made from
 * them can call them. The routes read their bodies themselves. Data alone.
 */
import type { PlatformRoute } from '#arm/platform-route.ts';
import { namespaceOfType } from '#shared/arm-id.ts';
import type { JsonObject } from '#shared/json.ts';
import { responsesOf, schemaOfExample } from '#shared/route-document.ts';

const TEMPLATE = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  resources: [],
};
const DEPLOYMENT = schemaOfExample({
  properties: { mode: 'Incremental', template: TEMPLATE, parameters: {} },
});
const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** By the end of the path, without its parameters, and the method. */
const BODIES: readonly (readonly [end: RegExp, method: string, body: JsonObject])[] = [
  [
    /\/resourceGroups\/:\w+$/i,
    'PUT',
    schemaOfExample({ location: 'eastus', tags: { team: 'edge' } }),
  ],
  [/\/resourceGroups\/:\w+$/i, 'PATCH', schemaOfExample({ tags: { team: 'edge' } })],
  [/\/resourceGroups\/:\w+\/exportTemplate$/i, 'POST', schemaOfExample({ resources: ['*'] })],
  [
    /\/moveResources$|\/validateMoveResources$/i,
    'POST',
    schemaOfExample({ resources: [], targetResourceGroup: `${SUBSCRIPTION}/resourceGroups/other` }),
  ],
  [
    /\/locks\/:\w+$/i,
    'PUT',
    schemaOfExample({ properties: { level: 'CanNotDelete', notes: 'Keep.' } }),
  ],
  [
    /\/diagnosticSettings\/:\w+$/i,
    'PUT',
    schemaOfExample({
      properties: {
        workspaceId: `${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/logs`,
        metrics: [{ category: 'AllMetrics', enabled: true }],
      },
    }),
  ],
  [/\/tags\/default$/i, 'PUT', schemaOfExample({ properties: { tags: { team: 'edge' } } })],
  [
    /\/tags\/default$/i,
    'PATCH',
    schemaOfExample({ operation: 'Merge', properties: { tags: { team: 'edge' } } }),
  ],
  [
    /\/Microsoft\.ResourceGraph\/resources$/i,
    'POST',
    schemaOfExample({
      query: 'Resources | project id, name, type | order by name asc',
      options: { $top: 100, resultFormat: 'objectArray' },
    }),
  ],
  [/^\/subscriptions\/:\w+$/i, 'PUT', schemaOfExample({ state: 'Registered' })],
  [/\/deployments\/:\w+$/i, 'PUT', DEPLOYMENT],
  [/\/deployments\/:\w+\/(validate|whatIf)$/i, 'POST', DEPLOYMENT],
  [
    /\/roleAssignments\/:\w+$/i,
    'PUT',
    schemaOfExample({
      properties: {
        roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
        principalId: '22222222-2222-4222-8222-222222222222',
      },
    }),
  ],
  [
    /\/roleDefinitions\/:\w+$/i,
    'PUT',
    schemaOfExample({
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
    tags: [namespaceOfType(route.type)],
    summary: route.summary,
    querystring: {
      type: 'object',
      required: ['api-version'],
      properties: { 'api-version': { type: 'string', example: '2021-04-01' } },
    },
    ...(found === undefined ? {} : { body: found[2] }),
    response: responsesOf('2xx'),
  };
}
