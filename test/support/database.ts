/** A database of the test's own. */
import type { TestContext } from 'node:test';
import { Database } from '#store/database.ts';

/** Opens one, in memory unless a folder is named; it ends with the test. */
export function databaseOf(test: Pick<TestContext, 'after'>, folder = ':memory:'): Database {
  const database = Database.open(folder);
  test.after(async () => database.close());
  return database;
}
