/**
 * Fills, for what earlier releases have stored, the columns and tables by which lists are filtered. From then on `resources.ts`,
 * `resource-groups.ts` and `role-definitions.ts` keep them. Called once a start by `app.ts`, before anything is served.
 */
import type { Json, JsonObject } from '#shared/json.ts';
import type { Database, Writer } from './database.ts';
import { replaceTags } from './resource-tags.ts';
import { listColumnsOf } from './resources.ts';
import { fillRoleColumns } from './role-definitions.ts';
import { findWorldValue, setWorldValue } from './world.ts';

/** In the table of the world: how lists find what they are filtered by. */
const NAME = 'list-columns';
/** Those of resources and groups are filled; those of roles as well. */
const FILLED = 'filled';
const FILLED_WITH_ROLES = 'filled with roles';
const PAGE = 500;

/** Does nothing where it has been done. */
export async function fillListColumns(database: Database): Promise<void> {
  await database.write(async (writer) => {
    const known = await findWorldValue(writer, NAME);
    if (known === FILLED_WITH_ROLES) return;
    if (known !== FILLED) {
      await fillResources(writer);
      await fillGroups(writer);
    }
    await fillRoleColumns(writer);
    await setWorldValue(writer, NAME, FILLED_WITH_ROLES);
  });
}

async function fillResources(writer: Writer): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await writer
      .selectFrom('resources')
      .select(['key', 'body'])
      .where('parent', 'is', null)
      .where('key', '>', after)
      .orderBy('key')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      const body = JSON.parse(row.body) as JsonObject;
      const columns = listColumnsOf(body);
      await writer.updateTable('resources').set(columns).where('key', '=', row.key).execute();
      await replaceTags(writer, row.key, body.tags);
    }
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.key ?? '';
  }
}

async function fillGroups(writer: Writer): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await writer
      .selectFrom('resource_groups')
      .select(['key', 'tags'])
      .where('key', '>', after)
      .orderBy('key')
      .limit(PAGE)
      .execute();
    for (const { key, tags } of rows) await replaceTags(writer, key, JSON.parse(tags) as Json);
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.key ?? '';
  }
}
