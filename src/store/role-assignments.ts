/** Role assignments, keyed by their id in lower case. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Source, Writer } from './database.ts';
import { lookUp, lookUpList } from './look-up.ts';
import { isBelow, isWithin } from './ranges.ts';
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

/** Assignments are cached by principal; those of all are dropped together, since they seldom change. */
const CACHE_PREFIX = 'assignments of ';

/** All that a principal has: asked for by every request. */
export async function assignmentsOf(
  source: Source,
  principalId: string,
): Promise<readonly RoleAssignmentRow[]> {
  return await lookUp(source, CACHE_PREFIX + principalId, async (reader) => {
    const rows = await reader
      .selectFrom('role_assignments')
      .selectAll()
      .where('principal_id', '=', principalId)
      .orderBy('key')
      .execute();
    return rows.map(rowOf);
  });
}

/** Those of these scopes, and, where it says so, of all below the last one. */
export async function listAssignments(
  source: Source,
  scopes: readonly string[],
  isWithBelow: boolean,
): Promise<RoleAssignmentRow[]> {
  const key = `assignments at ${JSON.stringify([scopes, isWithBelow])}`;
  return await lookUpList(source, key, async (reader) =>
    readAssignments(reader, scopes, isWithBelow),
  );
}

async function readAssignments(
  reader: Reader,
  scopes: readonly string[],
  isWithBelow: boolean,
): Promise<RoleAssignmentRow[]> {
  const last = scopes.at(-1) ?? '';
  const rows = await reader
    .selectFrom('role_assignments')
    .selectAll()
    .where((where) => {
      const there = where('scope', 'in', [...scopes]);
      return isWithBelow ? where.or([there, isBelow(where, 'scope', last)]) : there;
    })
    .orderBy('key')
    .execute();
  return rows.map(rowOf);
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

/** How many assignments give this role. */
export async function countAssignmentsOfRole(
  source: Source,
  roleDefinition: string,
): Promise<number> {
  return await lookUpList(source, `assignments of role ${roleDefinition}`, async (reader) => {
    const { count } = await reader
      .selectFrom('role_assignments')
      .select((select) => select.fn.countAll().as('count'))
      .where('role_definition', '=', roleDefinition)
      .executeTakeFirstOrThrow();
    return Number(count);
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

/** Removes those of what is gone: of `scope` and of everything below it. */
export async function removeAssignmentsBelow(writer: Writer, scope: string): Promise<void> {
  await writer
    .deleteFrom('role_assignments')
    .where((where) => isWithin(where, 'scope', scope))
    .execute();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
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
