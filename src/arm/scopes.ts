/** Scopes: what extension resources (locks, tags, role assignments) hang on, and the paths that name them. */
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
  const { length } = scope.split('/');
  if (length <= 3) return 'subscription';
  return length <= 5 ? 'group' : 'resource';
}

/** Refuses a scope that is not there. */
export async function checkScope(database: Database, scope: string): Promise<void> {
  const key = scope.toLowerCase();
  const segments = scope.split('/');
  switch (kindOfScope(scope)) {
    case 'subscription':
      return;
    case 'group':
      if ((await findResourceGroup(database, key)) === undefined) {
        throw errors.resourceGroupNotFound(segments[4] ?? '');
      }
      return;
    case 'resource':
      if ((await findResource(database, key))?.isVisible !== true) {
        const type = segments.slice(6, -1).filter((_, index) => index % 2 === 1);
        const name = `${segments[6] ?? ''}/${type.join('/')}`;
        throw errors.resourceNotFound(name, segments.at(-1) ?? '', segments[4] ?? '');
      }
  }
}

/** True when `path` is `scope` or lies below it; both in lower case. */
export function isAtOrBelow(path: string, scope: string): boolean {
  return path === scope || path.startsWith(`${scope}/`);
}
