/** Statements that SQLite carries out before the call returns: the same outcomes as by Kysely's own way, and nothing seen too early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader } from '#store/database.ts';
import { execute } from '#store/direct.ts';
import { databaseOf } from '../support/database.ts';
import { temporaryFolder } from '../support/process.ts';

const row = (name: string) => ({ name, value: 'first' });
const values = async (on: Reader): Promise<unknown> =>
  (await execute(on, on.selectFrom('world').select('value').where('name', '=', 'a').compile()))
    .rows;

test('a statement that is carried out at once comes to what it comes to by Kysely', async (t) => {
  const database = await databaseOf(t, await temporaryFolder(t));
  await database.write(async (writer) => {
    const statements = [
      writer.insertInto('world').values(row('a')).compile(),
      writer.insertInto('world').values(row('b')).returning('name').compile(),
      writer.updateTable('world').set({ value: 'second' }).where('name', '=', 'a').compile(),
      writer.selectFrom('world').selectAll().where('name', 'in', ['a', 'b']).compile(),
      writer.deleteFrom('world').where('name', 'in', ['a', 'b']).compile(),
    ];
    const [direct, byKysely]: unknown[][] = [[], []];
    for (const statement of statements) direct?.push(await execute(writer, statement));
    for (const statement of statements) byKysely?.push(await writer.executeQuery(statement));
    const outcome = (results: unknown[] | undefined) =>
      results?.map((result) => {
        const { rows, numAffectedRows } = result as { rows: unknown; numAffectedRows?: bigint };
        return { rows, numAffectedRows };
      });
    assert.deepEqual(outcome(direct), outcome(byKysely));
    assert.equal((direct?.[4] as { numAffectedRows: bigint }).numAffectedRows, 2n);
  });
});

test('what a statement throws rejects, and takes back what its work has written', async (t) => {
  const database = await databaseOf(t, await temporaryFolder(t));
  await assert.rejects(
    database.write(async (writer) => {
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
    }),
    { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
  );
  assert.deepEqual(await values(database.reader), []);
});

for (const isFile of [true, false]) {
  test(`a reader does not see what is not committed [${isFile ? 'file' : 'memory'}]`, async (t) => {
    const database = await databaseOf(t, isFile ? await temporaryFolder(t) : undefined);
    let reading: Promise<unknown> | undefined;
    const writing = database.write(async (writer) => {
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
      assert.deepEqual(await values(writer), [{ value: 'first' }], 'its own are seen');
      reading = values(database.reader);
      await execute(writer, writer.deleteFrom('world').where('name', '=', 'a').compile());
    });
    await writing;
    assert.deepEqual(await reading, []);
  });
}
