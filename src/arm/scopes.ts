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

/**
 * The scopes at which what holds at `scope` may be set: everything (empty), its subscription, its group, the resources above it, and
 * itself, which is the last. In the casing of `scope`.
 */
export function scopesAbove(scope: string): string[] {
  const segments = scope.split('/');
  // `/subscriptions/{s}`, `/resourceGroups/{g}`, then `/providers/{namespace}/{type}/{name}` and pairs of type and name.
  const isEnd = (end: number): boolean => end === 3 || end === 5 || (end >= 9 && end % 2 === 1);
  const above = segments.flatMap((_, end) => (isEnd(end) ? segments.slice(0, end).join('/') : []));
  return scope === '' ? [''] : ['', ...above, scope];
}
