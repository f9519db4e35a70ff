/**
 * Cluster roles that are put together from others by their labels: `view`, `edit`, `admin`, and those of users.
 * Source: controller/clusterroleaggregation/clusterroleaggregation_controller.go.
 */
import type { ClusterRole, PolicyRule } from 'kubernetes-types/rbac/v1.d.ts';
import { CLUSTER_ROLES } from '../kinds/rbac.ts';
import { deepEqual } from '../objects/equal.ts';
import { isBeingDeleted, labelsOf, nameOf } from '../objects/object.ts';
import { selects } from '../objects/selectors.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';

const selectorsOf = ({ aggregationRule }: ClusterRole) =>
  aggregationRule?.clusterRoleSelectors ?? [];

/** The rules of all roles that the selectors name, each rule once, in the order of the roles' names. */
function rulesFor({ store }: World, role: ClusterRole): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of selectorsOf(role)) {
    for (const { object } of store.list(CLUSTER_ROLES)) {
      if (nameOf(object) === nameOf(role) || !selects(selector, labelsOf(object))) continue;
      for (const rule of (object as ClusterRole).rules ?? []) {
        if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}

export const CLUSTER_ROLE_AGGREGATION: Controller = {
  name: 'cluster-roles',
  kinds: [CLUSTER_ROLES],
  keysOf: ({ store }, { entry }) =>
    entry.kind === CLUSTER_ROLES
      ? store
          .list(CLUSTER_ROLES)
          .filter(({ object }) => selectorsOf(object as ClusterRole).length > 0)
          .map(({ name }) => name)
      : [],
  reconcile: (world, name) => {
    const entry = world.store.get(CLUSTER_ROLES, '', name);
    if (entry === undefined || isBeingDeleted(entry.object)) return;
    const role = entry.object as ClusterRole;
    if (selectorsOf(role).length === 0) return;
    const rules = rulesFor(world, role);
    if (!deepEqual(rules, role.rules ?? [])) world.store.put(CLUSTER_ROLES, { ...role, rules });
  },
};
