/** Nobody gives to others what he may not do himself. Source: registry/rbac/{role,clusterrole,rolebinding}/policybased (kubernetes-facts.md 3.5). */
import type { ClusterRole, Role, RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import type { Caller } from '../api/caller.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  RBAC_GROUP,
  ROLE_BINDINGS,
  ROLES,
} from '../kinds/rbac.ts';
import type { Kind } from '../kinds/kind.ts';
import { type KubeObject, nameOf } from '../objects/object.ts';
import { notFound, qualified } from '../status.ts';
import type { World } from '../world.ts';
import { allowedBy, refuseEscalation } from './rbac.ts';

interface RoleWrite {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly caller: Caller;
  readonly namespace: string;
}

/** Throws a 403 for a role or a binding that gives more than its author has. */
export function checkRoleWrite(world: World, { kind, object, caller, namespace }: RoleWrite): void {
  const subject = `${qualified(kind)} "${nameOf(object)}"`;
  const may = (verb: string, resource: string, name: string): boolean =>
    allowedBy(world, caller, { verb, group: RBAC_GROUP, resource, name, namespace }) !== undefined;
  if (kind === ROLES || kind === CLUSTER_ROLES) {
    if (may('escalate', kind.resource, nameOf(object))) return;
    const { rules = [] } = object as Role | ClusterRole;
    refuseEscalation(world, caller, { rules, namespace, subject });
  }
  if (kind !== ROLE_BINDINGS && kind !== CLUSTER_ROLE_BINDINGS) return;
  const { roleRef } = object as Partial<RoleBinding>;
  // What is missing is told by the validation.
  if (roleRef === undefined) return;
  const isCluster = roleRef.kind === 'ClusterRole';
  if (may('bind', isCluster ? 'clusterroles' : 'roles', roleRef.name)) return;
  const of = isCluster ? CLUSTER_ROLES : ROLES;
  const found = world.store.get(of, isCluster ? '' : namespace, roleRef.name);
  if (found === undefined) throw notFound(of, roleRef.name);
  const { rules = [] } = found.object as Role | ClusterRole;
  refuseEscalation(world, caller, { rules, namespace, subject });
}
