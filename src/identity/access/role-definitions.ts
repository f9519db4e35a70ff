/**
 * `{scope}/providers/Microsoft.Authorization/roleDefinitions`: the built-in roles and those that users define, listed,
 * shown, made and deleted. Bodies and codes as ARM's [doc, mem].
 */
import { errors } from '#arm/errors.ts';
import { filterValues } from '#arm/filter-clauses.ts';
import { isGuid } from '#arm/names.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { Answer } from '#arm/polling.ts';
import { lastSegmentOf, scopesAbove } from '#shared/arm-id.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant, type Instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import { isRoleAssigned } from '#store/role-assignments.ts';
import {
  findCustomRole,
  findCustomRoleNamed,
  listCustomRoles,
  putCustomRole,
  removeCustomRole,
  type RoleDefinitionRow,
} from '#store/role-definitions.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import { BUILT_IN_ROLES, builtInRole, findRole, type Role } from './roles.ts';
import { writeConsistently } from '#store/read-set.ts';

const TYPE = 'Microsoft.Authorization/roleDefinitions';
const NAMESPACE = 'Microsoft.Authorization';
const BUILT_IN = 'BuiltInRole';
const CUSTOM = 'CustomRole';

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

/**
 * The roles that can be assigned at the scope, above it or below it: the built-in ones, then custom ones in the order of their
 * GUIDs. `$filter` may name a role, or ask for one of the two types.
 */
async function listRoles({ database }: RoleParts, call: PlatformCall): Promise<Answer> {
  const scope = scopeOf(call);
  const asked = filterValues(call.query.$filter, { fields: ['rolename', 'type'] });
  const roleName = asked.rolename?.toLowerCase();
  const isAsked = (type: string): boolean =>
    asked.type === undefined || asked.type.toLowerCase() === type.toLowerCase();
  const { limit, after } = pageOf(call.query);
  const builtIn = isAsked(BUILT_IN) ? builtInAfter(after, roleName) : [];
  const custom = isAsked(CUSTOM)
    ? await listCustomRoles(database.reader, {
        scopes: scopesAbove(scope),
        ...(roleName === undefined ? {} : { roleName }),
        ...(after === undefined || isBuiltInKey(after) ? {} : { after: lastSegmentOf(after) }),
        limit: limit + 1,
      })
    : [];
  const roles = [...builtIn, ...custom];
  const { shown, next } = cutToPage(roles, { limit, url: call.url }, keyInList);
  return { status: 200, body: { value: shown.map((role) => viewOf(role, scope)), ...next } };
}

/** How a page names its last role to the next one. */
const keyInList = (role: Role | RoleDefinitionRow): string =>
  'assignableScopes' in role ? `/${role.name}` : `/${BUILT_IN}/${role.name}`;

const isBuiltInKey = (key: string): boolean => key.startsWith(`/${BUILT_IN}/`);

/** The built-in roles of that name, if any is asked for, from after the role of `after` on. */
function builtInAfter(after: string | undefined, roleName: string | undefined): Role[] {
  if (after !== undefined && !isBuiltInKey(after)) return [];
  const start = BUILT_IN_ROLES.findIndex((role) => keyInList(role) === after) + 1;
  return BUILT_IN_ROLES.slice(start).filter(
    (role) => roleName === undefined || role.roleName.toLowerCase() === roleName,
  );
}

async function showRole({ database }: RoleParts, call: PlatformCall): Promise<Answer> {
  const name = nameIn(call);
  const role = await findRole(database, name);
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
  const equallyNamed =
    BUILT_IN_ROLES.find(
      ({ roleName }) => roleName.toLowerCase() === content.roleName.toLowerCase(),
    ) ?? (await findCustomRoleNamed(database, content.roleName));
  if (equallyNamed !== undefined && equallyNamed.name !== name) {
    throw errors.refused(
      {
        code: 'RoleDefinitionWithSameNameExists',
        message: `A custom role with the same name '${content.roleName}' already exists in this directory. Use a different name.`,
      },
      409,
    );
  }
  const old = await findCustomRole(database, name);
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
  const role = await findCustomRole(database, name);
  if (role === undefined) return { status: 204 };
  if (await isRoleAssigned(database, name)) {
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
  const builtIn = builtInRole(name);
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
/** [doc: custom roles] */
const [MAX_NAME_LENGTH, MAX_DESCRIPTION_LENGTH] = [512, 2048];

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
  if (typeof roleName === 'string' && roleName.length > MAX_NAME_LENGTH) {
    faults.push(mustBe('properties.roleName', `a string of at most ${MAX_NAME_LENGTH} characters`));
  }
  if (typeof description === 'string' && description.length > MAX_DESCRIPTION_LENGTH) {
    const what = `a string of at most ${MAX_DESCRIPTION_LENGTH} characters`;
    faults.push(mustBe('properties.description', what));
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
      type: own === undefined ? BUILT_IN : CUSTOM,
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
