/** Scopes: what extension resources (locks, tags, role assignments) belong to, and the paths that name them. */
import {
  enclosingOf,
  lastSegmentOf,
  nameOf,
  parseResourceId,
  resourceIdOf,
} from '#shared/arm-id.ts';
import { errors } from './errors.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { findResource } from '#store/resources.ts';
import type { Database } from '#store/database.ts';

const GROUP = '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName';

/** Paths of every kind of scope, from a subscription to a resource three types deep. */
export const SCOPE_PATHS: readonly string[] = [
  '/subscriptions/:subscriptionId',
  GROUP,
  `${GROUP}/providers/:namespace/:type1/:name1`,
  `${GROUP}/providers/:namespace/:type1/:name1/:type2/:name2`,
  `${GROUP}/providers/:namespace/:type1/:name1/:type2/:name2/:type3/:name3`,
];

/** The scope in a path such as `{scope}/providers/Microsoft.Authorization/locks/x`, as written. */
export function scopeIn(path: string, namespace: string): string {
  const index = path.toLowerCase().lastIndexOf(`/providers/${namespace.toLowerCase()}/`);
  return index === -1 ? path : path.slice(0, index);
}

/** `group`, `resource` or `subscription`. */
export function kindOfScope(scope: string): 'subscription' | 'group' | 'resource' {
  if (parseResourceId(scope) !== undefined) return 'resource';
  return enclosingOf(scope).resourceGroup === undefined ? 'subscription' : 'group';
}

/** Refuses a scope that is not there. */
export async function checkScope(database: Database, scope: string): Promise<void> {
  const key = scope.toLowerCase();
  switch (kindOfScope(scope)) {
    case 'subscription':
      return;
    case 'group':
      if ((await findResourceGroup(database, key)) === undefined) {
        throw errors.resourceGroupNotFound(lastSegmentOf(scope));
      }
      return;
    case 'resource':
      if ((await findResource(database, key))?.isVisible !== true) {
        const id = resourceIdOf(scope);
        const type = `${id.namespace}/${id.types.join('/')}`;
        throw errors.resourceNotFound(type, nameOf(id), id.resourceGroup);
      }
  }
}
