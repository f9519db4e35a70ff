/**
 * `{scope}/providers/Microsoft.Authorization/roleDefinitions`: the built-in roles and those that users define, listed,
 * shown, made and deleted. Bodies and codes as ARM's [doc, mem].
 */
import { errors } from '#arm/errors.ts';
import { isGuid } from '#arm/names.ts';
import type { Answer } from '#arm/polling.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant, type Instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { countAssignmentsOfRole } from '#store/role-assignments.ts';
import {
  customRoles,
  putCustomRole,
  removeCustomRole,
  type RoleDefinitionRow,
} from '#store/role-definitions.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { isAtOrBelow, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import { queryFilter } from './filter.ts';
import { BUILT_IN_ROLES, type Role } from './roles.ts';
import { writeConsistently } from '#store/read-set.ts';

const TYPE = 'Microsoft.Authorization/roleDefinitions';
const NAMESPACE = 'Microsoft.Authorization';

export interface RoleParts {
  readonly database: Database;
  /** Simulated time. */
  readonly now: () => Instant;
}

/** GET, PUT, DELETE and list at every scope; at the root only GET and list. */
export function roleDefinitionRoutes(parts: RoleParts): PlatformRoute[] {
  return ['', ...SCOPE_PATHS].flatMap((scope): PlatformRoute[] => {
    const list = `${scope}/providers/${TYPE}`;
    const one = { type: TYPE, path: `${list}/:roleDefinitionId` } as const;
    const reading: PlatformRoute[] = [
      {
        type: TYPE,
        path: list,
        method: 'GET',
        permission: 'read',
        summary: 'Lists the roles that can be assigned at a scope.',
        carryOut: async (call) => await listRoles(parts, call),
      },
      {
        ...one,
        method: 'GET',
        permission: 'read',
        summary: 'Shows a role.',
        carryOut: async (call) => await showRole(parts, call),
      },
    ];
    if (scope === '') return reading;
    return [
      ...reading,
      {
        ...one,
        method: 'PUT',
        permission: 'write',
        summary: 'Creates or changes a custom role.',
        carryOut: async (call) => await defineRole(parts, call),
      },
      {
        ...one,
        method: 'DELETE',
        permission: 'delete',
        summary: 'Deletes a custom role.',
        carryOut: async (call) => await deleteRole(parts, call),
      },
    ];
  });
}

const nameIn = ({ parameters }: PlatformCall): string =>
  (parameters.roleDefinitionId ?? '').toLowerCase();

const scopeOf = ({ path }: PlatformCall): string => scopeIn(`${path}/`, NAMESPACE).toLowerCase();

/** The id of a role at the subscription of `scope`, whatever is below that [mem]. */
export function roleDefinitionId(name: string, scope: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? '';
  return `${subscription}/providers/${TYPE}/${name}`;
}

async function listRoles({ database }: RoleParts, call: PlatformCall): Promise<Answer> {
  const scope = scopeOf(call);
  const filter = queryFilter(call.query.$filter, ['rolename', 'type']);
  const custom = (await customRoles(database)).filter((role) => isAssignableAt(role, scope));
  const value = [...BUILT_IN_ROLES, ...custom]
    .map((role) => viewOf(role, scope))
    .filter(({ properties }) => {
      const { roleName, type } = properties as { roleName: string; type: string };
      return (
        (filter.rolename ?? roleName).toLowerCase() === roleName.toLowerCase() &&
        (filter.type ?? type).toLowerCase() === type.toLowerCase()
      );
    });
  return { status: 200, body: { value } };
}

/** Whether the role is assignable at the scope, above it or below it: lists at a scope show those below, too. */
function isAssignableAt(role: RoleDefinitionRow, scope: string): boolean {
  return role.assignableScopes.some((one) => {
    const key = one === '/' ? '' : one.toLowerCase();
    return isAtOrBelow(scope, key) || isAtOrBelow(key, scope);
  });
}

async function showRole({ database }: RoleParts, call: PlatformCall): Promise<Answer> {
  const name = nameIn(call);
  const role = [...BUILT_IN_ROLES, ...(await customRoles(database))].find(
    (known) => known.name === name,
  );
  if (role === undefined) throw notFound(name);
  return { status: 200, body: viewOf(role, scopeOf(call)) };
}

const notFound = (name: string) =>
  errors.refused(
    {
      code: 'RoleDefinitionDoesNotExist',
      message: `The specified role definition with ID '${name}' does not exist.`,
    },
    404,
  );

async function defineRole({ database, now }: RoleParts, call: PlatformCall): Promise<Answer> {
  const name = nameIn(call);
  if (!isGuid(name)) throw errors.invalidName(name, 'a role is named by a GUID.');
  checkOwn(name, 'changed');
  const content = readRole(call.body);
  const custom = await customRoles(database);
  const equallyNamed = [...BUILT_IN_ROLES, ...custom].find(
    ({ roleName }) => roleName.toLowerCase() === content.roleName.toLowerCase(),
  );
  if (equallyNamed !== undefined && equallyNamed.name !== name) {
    throw errors.refused(
      {
        code: 'RoleDefinitionWithSameNameExists',
        message: `A custom role with the same name '${content.roleName}' already exists in this directory. Use a different name.`,
      },
      409,
    );
  }
  const old = custom.find((role) => role.name === name);
  const role: RoleDefinitionRow = {
    name,
    ...content,
    createdAt: old?.createdAt ?? now(),
    createdBy: old?.createdBy ?? call.caller?.objectId ?? '',
  };
  await writeConsistently(database, async (writer) => putCustomRole(writer, role));
  return { status: 201, body: viewOf(role, scopeOf(call)) };
}

async function deleteRole({ database }: RoleParts, call: PlatformCall): Promise<Answer> {
  const name = nameIn(call);
  checkOwn(name, 'deleted');
  const role = (await customRoles(database)).find((known) => known.name === name);
  if (role === undefined) return { status: 204 };
  if ((await countAssignmentsOfRole(database, name)) > 0) {
    throw errors.refused({
      code: 'RoleDefinitionHasAssignments',
      message: 'There are existing role assignments referencing role.',
    });
  }
  await writeConsistently(database, async (writer) => removeCustomRole(writer, name));
  return { status: 200, body: viewOf(role, scopeOf(call)) };
}

/** Refuses changes of built-in roles; code and text `[ours]`. */
function checkOwn(name: string, what: 'changed' | 'deleted'): void {
  const builtIn = BUILT_IN_ROLES.find((role) => role.name === name);
  if (builtIn === undefined) return;
  throw errors.refused(
    {
      code: 'RoleDefinitionIsBuiltIn',
      message: `The role '${builtIn.roleName}' is built in and cannot be ${what}.`,
    },
    403,
  );
}

const MAX_PATTERN_LENGTH = 500;

type RoleContent = Pick<
  RoleDefinitionRow,
  'roleName' | 'description' | 'actions' | 'notActions' | 'assignableScopes'
>;

function readRole(body: Json | undefined): RoleContent {
  const given = isJsonObject(body) && isJsonObject(body.properties) ? body.properties : {};
  const { roleName, description, permissions, assignableScopes } = given;
  const faults: Fault[] = [];
  if (typeof roleName !== 'string' || roleName.trim() === '') {
    faults.push(mustBe('properties.roleName', 'a non-empty string'));
  }
  if (!isPatternList(assignableScopes) || assignableScopes.length === 0) {
    faults.push(mustBe('properties.assignableScopes', 'a list of scopes, at least one'));
  }
  const [permission = {}] = Array.isArray(permissions) ? permissions : [];
  const { actions = [], notActions = [] } = isJsonObject(permission) ? permission : {};
  if (!Array.isArray(permissions) || permissions.length > 1) {
    faults.push(mustBe('properties.permissions', 'a list with one entry'));
  }
  for (const [member, patterns] of Object.entries({ actions, notActions })) {
    const target = `properties.permissions[0].${member}`;
    if (!isPatternList(patterns)) faults.push(mustBe(target, 'a list of action patterns'));
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  return {
    roleName: roleName as string,
    description: typeof description === 'string' ? description : '',
    actions: actions as string[],
    notActions: notActions as string[],
    assignableScopes: assignableScopes as string[],
  };
}

const isPatternList = (value: Json | undefined): value is string[] =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'string' && one.length <= MAX_PATTERN_LENGTH);

const mustBe = (target: string, what: string): Fault => ({
  target,
  message: `The value of '${target}' must be ${what}.`,
});

function viewOf(role: Role | RoleDefinitionRow, scope: string): JsonObject {
  const own = 'assignableScopes' in role ? role : undefined;
  const times = own === undefined ? {} : { createdOn: formatInstant(own.createdAt) };
  return {
    properties: {
      roleName: role.roleName,
      type: own === undefined ? 'BuiltInRole' : 'CustomRole',
      description: role.description,
      assignableScopes: own === undefined ? ['/'] : [...own.assignableScopes],
      permissions: [
        {
          actions: [...role.actions],
          notActions: [...role.notActions],
          dataActions: [],
          notDataActions: [],
        },
      ],
      ...times,
    },
    id: roleDefinitionId(role.name, scope),
    type: TYPE,
    name: role.name,
  };
}
