/**
 * Roles and the actions that they permit, as patterns. The built-in ones have their GUIDs of Azure, so that scripts that
 * name them work [doc]; users define others.
 */
import type { Source } from '#store/database.ts';
import { findCustomRole } from '#store/role-definitions.ts';

/** A role permits the actions that `actions` match and `notActions` do not. `*` matches any text. */
export interface Role {
  /** A GUID, lower case. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

export const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
export const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
export const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const USER_ACCESS_ADMINISTRATOR = '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9';

export const BUILT_IN_ROLES: readonly Role[] = [
  {
    name: OWNER,
    roleName: 'Owner',
    description:
      'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    actions: ['*'],
    notActions: [],
  },
  {
    name: CONTRIBUTOR,
    roleName: 'Contributor',
    description:
      'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, ' +
      'manage assignments in Azure Blueprints, or share image galleries.',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  },
  {
    name: READER,
    roleName: 'Reader',
    description: 'View all resources, but does not allow you to make any changes.',
    actions: ['*/read'],
    notActions: [],
  },
  {
    name: USER_ACCESS_ADMINISTRATOR,
    roleName: 'User Access Administrator',
    description: 'Lets you manage user access to Azure resources.',
    actions: ['*/read', 'Microsoft.Authorization/*'],
    notActions: [],
  },
];

/** The built-in role of that GUID, in lower case. */
export const builtInRole = (name: string): Role | undefined =>
  BUILT_IN_ROLES.find((role) => role.name === name);

/** A built-in or a custom role, by its GUID in lower case. */
export async function findRole(source: Source, name: string): Promise<Role | undefined> {
  return builtInRole(name) ?? (await findCustomRole(source, name));
}

/** Whether the role permits an action such as `Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares/refresh/action`. */
export function permits(role: Pick<Role, 'actions' | 'notActions'>, action: string): boolean {
  const text = action.toLowerCase();
  const isMatched = (pattern: string): boolean => matches(pattern.toLowerCase(), text);
  return role.actions.some(isMatched) && !role.notActions.some(isMatched);
}

/**
 * Whether `pattern` matches `text`, with `*` for any text. Not a regular expression: users write these patterns, and one
 * with many stars could take exponential time.
 */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  /** Position of the last star in the pattern, and the end of the text that it matches so far. */
  let star = -1;
  let reach = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++;
      reach = at;
    } else if (pattern[next] === text[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++reach;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next++;
  return next === pattern.length;
}
