/** The roles that users define beside the built-in ones, by their GUID in lower case. Written by `identity/`. */
import { cleanPath } from '#shared/arm-id.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { Reader, Source, Writer } from './database.ts';
import { lookUp, lookUpList } from './look-up.ts';
import { isBelow } from './ranges.ts';
import { signalsOf } from './signals.ts';
import type { Tables } from './tables.ts';

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

const cacheKey = (name: string): string => `role ${name}`;

/** The role of that GUID, in lower case. */
export async function findCustomRole(
  source: Source,
  name: string,
): Promise<RoleDefinitionRow | undefined> {
  return await lookUp(source, cacheKey(name), async (reader) => {
    const row = await reader
      .selectFrom('role_definitions')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && rowOf(row);
  });
}

/** The role of that name, without regard to case. */
export async function findCustomRoleNamed(
  source: Source,
  roleName: string,
): Promise<RoleDefinitionRow | undefined> {
  const lookupName = roleName.toLowerCase();
  return await lookUpList(source, `role named ${lookupName}`, async (reader) => {
    const row = await reader
      .selectFrom('role_definitions')
      .selectAll()
      .where('lookup_name', '=', lookupName)
      .orderBy('name')
      .limit(1)
      .executeTakeFirst();
    return row && rowOf(row);
  });
}

/** Of which roles a page is read. Texts in lower case. */
export interface RoleQuery {
  /** A role is listed where it can be assigned at one of these scopes, or somewhere below the last one. */
  readonly scopes: readonly string[];
  readonly roleName?: string;
  /** The name of the last role of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** A page of the custom roles, in the order of their names. */
export async function listCustomRoles(
  reader: Reader,
  { scopes, roleName, after, limit }: RoleQuery,
): Promise<RoleDefinitionRow[]> {
  const last = scopes.at(-1) ?? '';
  let query = reader
    .selectFrom('role_definitions')
    .selectAll()
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('role_definition_scopes')
          .select('role')
          .whereRef('role', '=', 'role_definitions.name')
          .where((of) => of.or([of('scope', 'in', [...scopes]), isBelow(of, 'scope', last)])),
      ),
    )
    .orderBy('name')
    .limit(limit);
  if (roleName !== undefined) query = query.where('lookup_name', '=', roleName);
  if (after !== undefined) query = query.where('name', '>', after);
  return (await query.execute()).map(rowOf);
}

/** Makes or replaces it; when and by whom it was made stays. */
export async function putCustomRole(writer: Writer, role: RoleDefinitionRow): Promise<void> {
  const changing = {
    role_name: role.roleName,
    lookup_name: role.roleName.toLowerCase(),
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
  await replaceScopes(writer, role.name, role.assignableScopes);
  signalsOf(writer).touch(cacheKey(role.name));
}

export async function removeCustomRole(writer: Writer, name: string): Promise<void> {
  await writer.deleteFrom('role_definitions').where('name', '=', name).execute();
  await replaceScopes(writer, name, []);
  signalsOf(writer).touch(cacheKey(name));
}

async function replaceScopes(
  writer: Writer,
  role: string,
  scopes: readonly string[],
): Promise<void> {
  await writer.deleteFrom('role_definition_scopes').where('role', '=', role).execute();
  const keys = new Set(scopes.map((scope) => cleanPath(scope.toLowerCase()).replace(/^\/$/, '')));
  if (keys.size === 0) return;
  await writer
    .insertInto('role_definition_scopes')
    .values([...keys].map((scope) => ({ role, scope })))
    .execute();
}

/** Fills what lists of roles are read by for the roles that releases before it have stored (`list-columns.ts`). */
export async function fillRoleColumns(writer: Writer): Promise<void> {
  const rows = await writer
    .selectFrom('role_definitions')
    .selectAll()
    .where('lookup_name', 'is', null)
    .execute();
  for (const row of rows) await putCustomRole(writer, rowOf(row));
}

function rowOf(row: Tables['role_definitions']): RoleDefinitionRow {
  return {
    name: row.name,
    roleName: row.role_name,
    description: row.description,
    actions: JSON.parse(row.actions) as string[],
    notActions: JSON.parse(row.not_actions) as string[],
    assignableScopes: JSON.parse(row.assignable_scopes) as string[],
    createdAt: instant(Number(row.created_at)),
    createdBy: row.created_by,
  };
}
