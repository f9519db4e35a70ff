/** Databases of a test's own, on each engine. */
import { test, type TestContext } from 'node:test';
import { Database } from '#store/database.ts';
import { ownSchema, runningPostgres } from './postgres.ts';
import { temporaryFolder } from './process.ts';

/** Makes another empty place for a database: `:memory:`, or the URL of a new schema. */
export type NewPlace = () => Promise<string>;

const postgres = await runningPostgres();

/** Opens a database, in memory unless a place is named; it ends with the test. */
export async function databaseOf(
  test: Pick<TestContext, 'after'>,
  place = ':memory:',
): Promise<Database> {
  const database = await Database.open(place);
  test.after(async () => database.close());
  return database;
}

/** Runs a test on SQLite, and on PostgreSQL where a server answers (under CI its absence is a failure). */
export function testOnEachStore(
  name: string,
  body: (t: TestContext, newPlace: NewPlace) => Promise<void>,
): void {
  void test(`${name} [sqlite]`, async (t) => body(t, () => Promise.resolve(':memory:')));
  const skipped = 'skip' in postgres ? { skip: postgres.skip } : {};
  void test(`${name} [postgresql]`, skipped, async (t) => {
    if ('skip' in postgres) return;
    const { url } = postgres;
    await body(t, async () => ownSchema(t, url));
  });
}

/** A new place that several databases can be opened at: a database in memory cannot be shared. */
export async function sharedPlace(
  test: Pick<TestContext, 'after'>,
  newPlace: NewPlace,
): Promise<string> {
  const place = await newPlace();
  return place === ':memory:' ? await temporaryFolder(test) : place;
}
