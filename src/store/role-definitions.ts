/** The roles that users define beside the built-in ones, by their GUID in lower case. Written by `platform/`. */
import { instant, type Instant } from '#shared/instant.ts';
import type { Source, Writer } from './database.ts';
import { lookUp } from './look-up.ts';
import { signalsOf } from './signals.ts';

export interface RoleDefinitionRow {
  /** A GUID, lower case. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  /** As written. */
  readonly assignableScopes: readonly string[];
  readonly createdAt: Instant;
  /** Object id of who made it. */
  readonly createdBy: string;
}

const CACHE_KEY = 'custom roles';

/** All of them: few, and asked for by every request of who has one. */
export async function customRoles(source: Source): Promise<readonly RoleDefinitionRow[]> {
  return await lookUp(source, CACHE_KEY, async (reader) => {
    const rows = await reader.selectFrom('role_definitions').selectAll().orderBy('name').execute();
    return rows.map((row) => ({
      name: row.name,
      roleName: row.role_name,
      description: row.description,
      actions: JSON.parse(row.actions) as string[],
      notActions: JSON.parse(row.not_actions) as string[],
      assignableScopes: JSON.parse(row.assignable_scopes) as string[],
      createdAt: instant(Number(row.created_at)),
      createdBy: row.created_by,
    }));
  });
}

/** Makes or replaces it; when and by whom it was made stays. */
export async function putCustomRole(writer: Writer, role: RoleDefinitionRow): Promise<void> {
  const changing = {
    role_name: role.roleName,
    description: role.description,
    actions: JSON.stringify(role.actions),
    not_actions: JSON.stringify(role.notActions),
    assignable_scopes: JSON.stringify(role.assignableScopes),
  };
  await writer
    .insertInto('role_definitions')
    .values({
      name: role.name,
      created_at: role.createdAt,
      created_by: role.createdBy,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(changing))
    .execute();
  signalsOf(writer).touch(CACHE_KEY);
}

export async function removeCustomRole(writer: Writer, name: string): Promise<void> {
  await writer.deleteFrom('role_definitions').where('name', '=', name).execute();
  signalsOf(writer).touch(CACHE_KEY);
}
