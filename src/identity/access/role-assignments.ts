/**
 * `{scope}/providers/Microsoft.Authorization/roleAssignments`: assigns roles at a subscription, a resource group or a
 * resource. Bodies and codes are ARM's [doc, mem]. `access.ts` says what they permit.
 */
import { errors } from '#arm/errors.ts';
import { isGuid } from '#arm/names.ts';
import type { Answer } from '#arm/polling.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import type { RefusedError } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import {
  addAssignment,
  findAssignment,
  listAssignments,
  removeAssignment,
  type RoleAssignmentRow,
} from '#store/role-assignments.ts';
import { customRoles } from '#store/role-definitions.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { checkScope, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import type { Access } from './access.ts';
import { queryFilter } from './filter.ts';
import { roleDefinitionId, type RoleParts } from './role-definitions.ts';
import { roleOf } from './roles.ts';
import { writeConsistently } from '#store/read-set.ts';

const TYPE = 'Microsoft.Authorization/roleAssignments';
const NAMESPACE = 'Microsoft.Authorization';

/** GET, PUT, DELETE and list at every scope. */
export function roleAssignmentRoutes(parts: RoleParts, access: Access): PlatformRoute[] {
  const { database } = parts;
  return SCOPE_PATHS.flatMap((scope): PlatformRoute[] => {
    const list = `${scope}/providers/${TYPE}`;
    const one = { type: TYPE, path: `${list}/:roleAssignmentName` } as const;
    return [
      {
        type: TYPE,
        path: list,
        method: 'GET',
        permission: 'read',
        summary: 'Lists the role assignments at a scope, above and below it.',
        carryOut: async (call) => await listAt(parts, access, call),
      },
      {
        ...one,
        method: 'PUT',
        permission: 'write',
        summary: 'Assigns a role.',
        carryOut: async (call) => await assign(parts, call),
      },
      {
        ...one,
        method: 'GET',
        permission: 'read',
        summary: 'Shows a role assignment.',
        carryOut: async (call) => {
          const row = await findAssignment(database, call.path.toLowerCase());
          if (row === undefined) throw notFound(call);
          return { status: 200, body: viewOf(row) };
        },
      },
      {
        ...one,
        method: 'DELETE',
        permission: 'delete',
        summary: 'Deletes a role assignment.',
        carryOut: async (call) => {
          const key = call.path.toLowerCase();
          const row = await findAssignment(database, key);
          if (row === undefined) return { status: 204 };
          await writeConsistently(database, async (writer) => removeAssignment(writer, key));
          return { status: 200, body: viewOf(row) };
        },
      },
    ];
  });
}

const nameIn = ({ parameters }: PlatformCall): string => parameters.roleAssignmentName ?? '';

const refused = (code: string, message: string, status = 400): RefusedError =>
  errors.refused({ code, message }, status);

const notFound = (call: PlatformCall): RefusedError =>
  refused('RoleAssignmentNotFound', `The role assignment '${nameIn(call)}' is not found.`, 404);

/** The assignments at the scope, above it (inherited), and, without `atScope()`, below it [doc]. */
async function listAt(
  { database }: RoleParts,
  access: Access,
  call: PlatformCall,
): Promise<Answer> {
  const scope = scopeIn(`${call.path}/`, NAMESPACE).toLowerCase();
  const filter = queryFilter(call.query.$filter, ['principalid', 'roledefinitionid']);
  const isWithBelow = filter.atscope === undefined && filter.assignedto === undefined;
  const stored = await listAssignments(database, scopesAbove(scope), isWithBelow);
  const principal = (filter.principalid ?? filter.assignedto)?.toLowerCase();
  const role =
    filter.roledefinitionid === undefined
      ? undefined
      : lastSegmentOf(filter.roledefinitionid).toLowerCase();
  const value = [...access.configuredAssignments(), ...stored]
    .filter((row) => principal === undefined || row.principalId === principal)
    .filter((row) => role === undefined || row.roleDefinition === role)
    .map(viewOf);
  return { status: 200, body: { value } };
}

/** The scope and all above it, the scope itself last. */
function scopesAbove(scope: string): string[] {
  const segments = scope.split('/');
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

async function assign({ database, now }: RoleParts, call: PlatformCall): Promise<Answer> {
  const scope = scopeIn(call.path, NAMESPACE);
  await checkScope(database, scope);
  const name = nameIn(call);
  if (!isGuid(name)) {
    throw refused(
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    );
  }
  const content = readAssignment(call.body);
  if (roleOf(content.roleDefinition, await customRoles(database)) === undefined) {
    throw refused(
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${content.roleDefinition}' does not exist.`,
      404,
    );
  }
  const key = call.path.toLowerCase();
  const row: RoleAssignmentRow = {
    ...{ key, id: call.path, name, scope: scope.toLowerCase() },
    ...content,
    createdAt: now(),
    createdBy: call.caller?.objectId ?? '',
  };
  const old = await findAssignment(database, key);
  if (old !== undefined) return repeated(old, row);
  const existing = await listAssignments(database, [row.scope], false);
  const equal = existing.find((other) => isSame(other, row));
  if (equal !== undefined) {
    throw refused(
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${equal.name}.`,
      409,
    );
  }
  await writeConsistently(database, async (writer) => addAssignment(writer, row));
  return { status: 201, body: viewOf(row) };
}

const isSame = (a: RoleAssignmentRow, b: RoleAssignmentRow): boolean =>
  a.principalId === b.principalId && a.roleDefinition === b.roleDefinition;

/** The answer to a PUT of an assignment that exists, which must not change it. */
function repeated(old: RoleAssignmentRow, row: RoleAssignmentRow): Answer {
  if (isSame(old, row)) return { status: 200, body: viewOf(old) };
  throw refused(
    'RoleAssignmentUpdateNotPermitted',
    'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    409,
  );
}

type AssignmentContent = Pick<
  RoleAssignmentRow,
  'roleDefinition' | 'principalId' | 'principalType' | 'description'
>;

function readAssignment(body: Json | undefined): AssignmentContent {
  const given = isJsonObject(body) && isJsonObject(body.properties) ? body.properties : {};
  const { roleDefinitionId: id, principalId, principalType, description } = given;
  const role = typeof id === 'string' ? lastSegmentOf(id) : '';
  if (!isGuid(role)) {
    throw refused(
      'InvalidRoleDefinitionId',
      'A valid role definition ID must be provided for role assignment.',
    );
  }
  if (typeof principalId !== 'string' || !isGuid(principalId)) {
    throw refused(
      'InvalidPrincipalId',
      'A valid principal ID must be provided for role assignment.',
    );
  }
  return {
    roleDefinition: role.toLowerCase(),
    principalId: principalId.toLowerCase(),
    principalType: typeof principalType === 'string' ? principalType : 'ServicePrincipal',
    description: typeof description === 'string' ? description : undefined,
  };
}

function viewOf(row: RoleAssignmentRow): JsonObject {
  const scope = row.scope === '' ? '/' : row.id.slice(0, row.scope.length);
  const at = formatInstant(row.createdAt);
  return {
    properties: {
      roleDefinitionId: roleDefinitionId(row.roleDefinition, scope),
      principalId: row.principalId,
      principalType: row.principalType,
      scope,
      ...(row.description === undefined ? {} : { description: row.description }),
      createdOn: at,
      updatedOn: at,
      createdBy: row.createdBy,
      updatedBy: row.createdBy,
    },
    id: row.id,
    type: TYPE,
    name: row.name,
  };
}
