/** The files of `migrations/`, which stand beside the program. Run by `database.ts` when it opens a database. */
import { readdirSync, readFileSync } from 'node:fs';
import { assert } from '#shared/assert.ts';
import { packageFile } from '#shared/package-files.ts';
import type { Migration } from './dialect.ts';

const MIGRATIONS = packageFile('migrations/');

/** All of them, in the order of their names. */
export function migrations(): readonly Migration[] {
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  assert(files.length > 0, 'the migrations are beside the sources');
  return files.map((name) => ({ name, sql: readFileSync(new URL(name, MIGRATIONS), 'utf8') }));
}
