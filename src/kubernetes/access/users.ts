/**
 * Users and namespaces as the device's PowerShell makes them: a user is a name that the cluster's authority certifies, and admin
 * of the namespaces that he is granted.
 * Sources: rbac, kubectl (appliance.md §8). Names of what lies behind a grant are not documented: `[ours]`.
 */
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts';
import type { RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteNamed } from '../api/delete.ts';
import { CONFIG_MAPS } from '../kinds/configmaps.ts';
import { nameFaults } from '../kinds/names.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { RBAC_GROUP, ROLE_BINDINGS } from '../kinds/rbac.ts';

import { alreadyExists, badRequest, notFound } from '../status.ts';
import type { World } from '../world.ts';

const caller = systemCaller('system:azure-stack-edge');
const HOME = 'dbe-namespace';
const LIST = 'kubernetes-users';
/** The user of the device's local pages: he reads the system's namespaces. */
const RESERVED_USER = 'aseuser';
const MADE_BY = 'edgetwin/made-by';
const CMDLET = 'New-HcsKubernetesNamespace';

/** Namespaces of the system, which no user is granted (rbac). */
export const RESERVED_NAMESPACES: readonly string[] = [
  'kube-system',
  'metallb-system',
  HOME,
  'default',
  'kubernetes-dashboard',
  'kube-node-lease',
  'kube-public',
  'iotedge',
  'azure-arc',
];

const USERS = { group: '', resource: 'users' } as const;

function checkName(what: string, name: string): void {
  const [fault] = nameFaults(name, 'subdomain');
  if (fault !== undefined) throw badRequest(`The ${what} '${name}' is not valid: ${fault}`);
}

const usersOf = ({ store }: World): readonly string[] =>
  Object.keys((store.get(CONFIG_MAPS, HOME, LIST)?.object as ConfigMap | undefined)?.data ?? {});

/** Everybody who may have a kubeconfig, besides the administrator. */
export const clusterUsers = (world: World): readonly string[] => [RESERVED_USER, ...usersOf(world)];

function putUsers(world: World, users: readonly string[]): void {
  const data = Object.fromEntries(users.map((name) => [name, '']));
  const present = world.store.get(CONFIG_MAPS, HOME, LIST)?.object as ConfigMap | undefined;
  if (present !== undefined) world.store.put(CONFIG_MAPS, { ...present, data });
  else {
    const object: ConfigMap = { metadata: { name: LIST }, data };
    create(world, { kind: CONFIG_MAPS, namespace: HOME, object, caller });
  }
}

function refuseReservedUser(user: string): void {
  if (user === RESERVED_USER) {
    throw badRequest(`The user '${user}' is reserved for the system.`);
  }
}

function refuseReserved(namespace: string): void {
  if (RESERVED_NAMESPACES.includes(namespace)) {
    throw badRequest(`The namespace '${namespace}' is reserved for the system.`);
  }
}

export function addUser(world: World, user: string): void {
  refuseReservedUser(user);
  checkName('user name', user);
  if (usersOf(world).includes(user)) throw alreadyExists(USERS, user);
  putUsers(world, [...usersOf(world), user]);
}

/** Removes the user and all that he was granted; his certificate says nothing any more. */
export function removeUser(world: World, user: string): void {
  refuseReservedUser(user);
  if (!usersOf(world).includes(user)) throw notFound(USERS, user);
  for (const { object, namespace } of world.store.list(ROLE_BINDINGS)) {
    const name = bindingOf(user);
    if (object.metadata?.name === name)
      deleteNamed(world, { kind: ROLE_BINDINGS, namespace, name }, {});
  }
  putUsers(
    world,
    usersOf(world).filter((one) => one !== user),
  );
}

export function addNamespace(world: World, namespace: string): void {
  refuseReserved(namespace);
  checkName('namespace', namespace);
  create(world, {
    kind: NAMESPACES,
    namespace: '',
    object: { metadata: { name: namespace, annotations: { [MADE_BY]: CMDLET } } },
    caller,
  });
}

export function removeNamespace(world: World, namespace: string): void {
  refuseReserved(namespace);
  deleteNamed(world, { kind: NAMESPACES, namespace: '', name: namespace }, {});
}

/** Namespaces that are no system's. */
export const userNamespaces = ({ store }: World): readonly string[] =>
  store
    .list(NAMESPACES)
    .map(({ name }) => name)
    .filter((name) => !RESERVED_NAMESPACES.includes(name));

const bindingOf = (user: string): string => `${user}-admin`;

interface Access {
  readonly namespace: string;
  readonly user: string;
}

/** Makes the user admin of the namespace; nothing where he is already. */
export function grant(world: World, { namespace, user }: Access): void {
  refuseReserved(namespace);
  refuseReservedUser(user);
  if (!usersOf(world).includes(user)) throw notFound(USERS, user);
  const name = bindingOf(user);
  if (world.store.get(ROLE_BINDINGS, namespace, name) !== undefined) return;
  const object: RoleBinding = {
    metadata: { name },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'admin' },
    subjects: [{ apiGroup: RBAC_GROUP, kind: 'User', name: user }],
  };
  create(world, { kind: ROLE_BINDINGS, namespace, object, caller });
}

export function revoke(world: World, { namespace, user }: Access): void {
  refuseReserved(namespace);
  refuseReservedUser(user);
  deleteNamed(world, { kind: ROLE_BINDINGS, namespace, name: bindingOf(user) }, {});
}

/** What the reserved user may do in a namespace of the system: look. */
export const reservedBinding = (namespace: string): RoleBinding => ({
  metadata: { name: `${RESERVED_USER}-view`, namespace },
  roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'view' },
  subjects: [{ apiGroup: RBAC_GROUP, kind: 'User', name: RESERVED_USER }],
});
