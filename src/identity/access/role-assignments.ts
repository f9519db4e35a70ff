/**
 * `{scope}/providers/Microsoft.Authorization/roleAssignments`: assigns roles at a subscription, a resource group or a
 * resource. Bodies and codes are ARM's [doc, mem]. `access.ts` says what they permit.
 */
import { errors } from '#arm/errors.ts';
import { filterValues } from '#arm/filter-clauses.ts';
import { isGuid } from '#arm/names.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { Answer } from '#arm/polling.ts';
import { lastSegmentOf, scopesAbove } from '#shared/arm-id.ts';
import type { RefusedError } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import {
  addAssignment,
  type AssignmentFilter,
  findAssignment,
  findEqualAssignment,
  listAssignments,
  removeAssignment,
  type RoleAssignmentRow,
} from '#store/role-assignments.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { checkScope, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import type { Access } from './access.ts';
import { roleDefinitionId, type RoleParts } from './role-definitions.ts';
import { findRole } from './roles.ts';
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
  const asked = filterValues(call.query.$filter, {
    fields: ['principalid', 'roledefinitionid'],
    functions: ['atscope', 'atscopeandbelow', 'assignedto'],
  });
  const isWithBelow = asked.atscope === undefined && asked.assignedto === undefined;
  const above = scopesAbove(scope);
  const scopes = isWithBelow ? { at: above.slice(0, -1), within: scope } : { at: above };
  const filter = filterOf(asked);
  const { limit, ...from } = pageOf(call.query);
  const page = { ...from, limit: limit + 1 };
  const stored = await listAssignments(database.reader, scopes, { ...filter, ...page });
  const configured = access
    .configuredAssignments()
    .filter((row) => fits(row, filter) && row.key > (from.after ?? ''));
  // Those of the configuration are at the root, whose keys come before those of subscriptions.
  const rows = [...configured.toSorted((a, b) => (a.key < b.key ? -1 : 1)), ...stored];
  const { shown, next } = cutToPage(rows, { limit, url: call.url }, ({ key }) => key);
  return { status: 200, body: { value: shown.map(viewOf), ...next } };
}

function filterOf(asked: Readonly<Record<string, string | undefined>>): AssignmentFilter {
  const principalId = (asked.principalid ?? asked.assignedto)?.toLowerCase();
  const role = asked.roledefinitionid;
  return {
    ...(principalId === undefined ? {} : { principalId }),
    ...(role === undefined ? {} : { roleDefinition: lastSegmentOf(role).toLowerCase() }),
  };
}

const fits = (row: RoleAssignmentRow, { principalId, roleDefinition }: AssignmentFilter): boolean =>
  (principalId ?? row.principalId) === row.principalId &&
  (roleDefinition ?? row.roleDefinition) === row.roleDefinition;

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
  if ((await findRole(database, content.roleDefinition)) === undefined) {
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
  const equal = await findEqualAssignment(database, row);
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
    // [inf] A fault of the request, as other writes that cannot be.
    400,
  );
}

type AssignmentContent = Pick<
  RoleAssignmentRow,
  'roleDefinition' | 'principalId' | 'principalType' | 'description'
>;

/** Of a description [mem]. */
const MAX_TEXT_LENGTH = 1024;

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
  for (const [name, text] of Object.entries({ principalType, description })) {
    if (typeof text !== 'string' || text.length <= MAX_TEXT_LENGTH) continue;
    const target = `properties.${name}`;
    const message = `The value of '${target}' must be a string of at most ${MAX_TEXT_LENGTH} characters.`;
    throw errors.invalidContent([{ target, message }]);
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
