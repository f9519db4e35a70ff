/** What SQLite does for the lists whose pages must cost the same however many resources there are: it follows an index, and sorts nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { Database } from '#store/database.ts';
import { temporaryFolder } from '../support/process.ts';

const LISTS = {
  'resources at the top of a scope':
    "select * from resources where key > '/a/' and key < '/a0' and key > '/a/b' and parent is null and visible = 1 order by key limit 101",
  'children of a resource':
    "select * from resources where parent = '/a' and type = 't' and visible = 1 order by key limit 101",
  'resources of a type in a group':
    "select * from resources where type = 't' and visible = 1 and parent is null and resource_group = '/g' and key > '/g/b' order by key limit 101",
} as const;

test('a page of a list is found by an index and not sorted', async (t) => {
  const folder = await temporaryFolder(t);
  const database = await Database.open(folder);
  await database.close();
  const sqlite = new SqliteDatabase(join(folder, 'edgetwin.sqlite'), { readonly: true });
  t.after(() => sqlite.close());
  for (const [list, sql] of Object.entries(LISTS)) {
    const steps = sqlite.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
    const plan = steps.map(({ detail }) => detail).join('; ');
    assert.match(plan, /^SEARCH resources USING (COVERING )?INDEX [^;]+$/, `${list}: ${plan}`);
  }
});
