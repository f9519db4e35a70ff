/** Role assignments, keyed by their id in lower case. Written by `identity/`. */
import type { ExpressionBuilder } from 'kysely';
import { isWithin } from '#shared/arm-id.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Source, Writer } from './database.ts';
import { extensionPage, type ExtensionScopes } from './extension-lists.ts';
import { lookUp, lookUpList } from './look-up.ts';
import { isBelow } from './ranges.ts';
import type { KeyPage } from './resource-lists.ts';
import { signalsOf } from './signals.ts';
import type { Tables } from './tables.ts';

export interface RoleAssignmentRow {
  /** The id in lower case. */
  readonly key: string;
  /** As first written. */
  readonly id: string;
  readonly name: string;
  /** Lower case, without a slash at the end; empty: everything. */
  readonly scope: string;
  /** The GUID of the role's definition, lower case. */
  readonly roleDefinition: string;
  /** Lower case. */
  readonly principalId: string;
  readonly principalType: string;
  readonly description: string | undefined;
  readonly createdAt: Instant;
  /** Object id of who gave it. */
  readonly createdBy: string;
}

const TYPE = 'microsoft.authorization/roleassignments';

/** Assignments are cached by principal; those of all are dropped together, since they seldom change. */
const CACHE_PREFIX = 'assignments of ';

/** A principal has few assignments as a rule: up to so many are read, and cached, together. */
const FEW = 100;

/** The assignments of a principal, if they are few; undefined where there are more. Asked by every request of a caller. */
async function fewAssignmentsOf(
  source: Source,
  principalId: string,
): Promise<readonly RoleAssignmentRow[] | undefined> {
  const rows = await lookUp(source, CACHE_PREFIX + principalId, async (reader) => {
    const query = ofPrincipal(reader, principalId)
      .orderBy('key')
      .limit(FEW + 1);
    return (await query.execute()).map(rowOf);
  });
  return rows.length > FEW ? undefined : rows;
}

/** What a principal has at these scopes. */
export async function assignmentsAt(
  source: Source,
  principalId: string,
  scopes: readonly string[],
): Promise<readonly RoleAssignmentRow[]> {
  const few = await fewAssignmentsOf(source, principalId);
  if (few !== undefined) return few.filter(({ scope }) => scopes.includes(scope));
  const key = `assignments at ${JSON.stringify([principalId, scopes])}`;
  return await lookUpList(source, key, async (reader) => {
    const rows: RoleAssignmentRow[] = [];
    // One range of keys after the other: of several at once the database would read all that the principal has.
    for (const scope of scopes) {
      const query = ofPrincipal(reader, principalId).where((eb) => isAt(eb, scope));
      rows.push(...(await query.orderBy('key').execute()).map(rowOf));
    }
    return rows;
  });
}

/** Whether a principal has any assignment at `scope` or below it. */
export async function hasAssignmentWithin(
  source: Source,
  principalId: string,
  scope: string,
): Promise<boolean> {
  const few = await fewAssignmentsOf(source, principalId);
  if (few !== undefined) return few.some((row) => isWithin(row.scope, scope));
  return await lookUpList(source, `assignment within ${principalId} ${scope}`, async (reader) => {
    const query = ofPrincipal(reader, principalId).where((eb) => isBelow(eb, 'key', scope));
    return (await query.limit(1).executeTakeFirst()) !== undefined;
  });
}

const ofPrincipal = (reader: Reader, principalId: string) =>
  reader.selectFrom('role_assignments').selectAll().where('principal_id', '=', principalId);

/** Whether an assignment is at this very scope: a range of keys, since the indexes are in their order. */
const isAt = (eb: ExpressionBuilder<Tables, 'role_assignments'>, scope: string) =>
  isBelow(eb, 'key', `${scope}/providers/${TYPE}`);

/** What lists can be filtered by. In lower case. */
export interface AssignmentFilter {
  readonly principalId?: string;
  readonly roleDefinition?: string;
}

/** A page of the assignments at some scopes, in the order of their keys. */
export async function listAssignments(
  reader: Reader,
  scopes: ExtensionScopes,
  { principalId, roleDefinition, ...page }: AssignmentFilter & KeyPage & { readonly limit: number },
): Promise<RoleAssignmentRow[]> {
  return await extensionPage(scopes, { ...page, type: TYPE }, async (prefix, { after, limit }) => {
    let query = reader
      .selectFrom('role_assignments')
      .selectAll()
      .where((eb) => isBelow(eb, 'key', prefix))
      .orderBy('key')
      .limit(limit);
    if (after !== undefined) query = query.where('key', '>', after);
    if (principalId !== undefined) query = query.where('principal_id', '=', principalId);
    if (roleDefinition !== undefined) query = query.where('role_definition', '=', roleDefinition);
    return (await query.execute()).map(rowOf);
  });
}

/** The assignment of this role to this principal at this very scope. */
export async function findEqualAssignment(
  source: Source,
  { scope, principalId, roleDefinition }: RoleAssignmentRow,
): Promise<RoleAssignmentRow | undefined> {
  const key = `assignment ${JSON.stringify([scope, principalId, roleDefinition])}`;
  return await lookUpList(source, key, async (reader) => {
    const row = await ofPrincipal(reader, principalId)
      .where((eb) => isAt(eb, scope))
      .where('role_definition', '=', roleDefinition)
      .limit(1)
      .executeTakeFirst();
    return row && rowOf(row);
  });
}

/** The assignment of that id in lower case. */
export async function findAssignment(
  source: Source,
  key: string,
): Promise<RoleAssignmentRow | undefined> {
  return await lookUpList(source, `assignment ${key}`, async (reader) => {
    const row = await reader
      .selectFrom('role_assignments')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined ? undefined : rowOf(row);
  });
}

/** Whether any assignment gives this role. */
export async function isRoleAssigned(source: Source, roleDefinition: string): Promise<boolean> {
  return await lookUpList(source, `assignment of role ${roleDefinition}`, async (reader) => {
    const row = await reader
      .selectFrom('role_assignments')
      .select('key')
      .where('role_definition', '=', roleDefinition)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  });
}

export async function addAssignment(writer: Writer, row: RoleAssignmentRow): Promise<void> {
  await writer
    .insertInto('role_assignments')
    .values({
      key: row.key,
      id: row.id,
      name: row.name,
      scope: row.scope,
      role_definition: row.roleDefinition,
      principal_id: row.principalId,
      principal_type: row.principalType,
      description: row.description ?? null,
      created_at: row.createdAt,
      created_by: row.createdBy,
    })
    .execute();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
}

export async function removeAssignment(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('role_assignments').where('key', '=', key).execute();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
}

/** Removes those of what is gone, at `scope` and everywhere below it: all, or `limit` at most. How many there were. */
export async function removeAssignmentsBelow(
  writer: Writer,
  scope: string,
  limit?: number,
): Promise<number> {
  const all = writer.deleteFrom('role_assignments').where((eb) => isBelow(eb, 'key', scope));
  const removed = await (limit === undefined
    ? all
    : writer.deleteFrom('role_assignments').where('key', 'in', (eb) =>
        eb
          .selectFrom('role_assignments')
          .select('key')
          .where((own) => isBelow(own, 'key', scope))
          .orderBy('key')
          .limit(limit),
      )
  ).executeTakeFirst();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
  return Number(removed.numDeletedRows);
}

function rowOf(row: Tables['role_assignments']): RoleAssignmentRow {
  return {
    key: row.key,
    id: row.id,
    name: row.name,
    scope: row.scope,
    roleDefinition: row.role_definition,
    principalId: row.principal_id,
    principalType: row.principal_type,
    description: row.description ?? undefined,
    createdAt: instant(Number(row.created_at)),
    createdBy: row.created_by,
  };
}
