/** Statements that SQLite carries out before the call returns: the same outcomes as by Kysely's own way, and nothing seen too early. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Database, type Reader } from '#store/database.ts';
import { execute } from '#store/direct.ts';

const folder = await mkdtemp(join(tmpdir(), 'edgetwin-direct-'));
after(async () => rm(folder, { recursive: true }));

const row = (name: string) => ({ name, value: 'first' });
const values = async (on: Reader): Promise<unknown> =>
  (await execute(on, on.selectFrom('world').select('value').where('name', '=', 'a').compile()))
    .rows;

test('a statement that is carried out at once comes to what it comes to by Kysely', async () => {
  const database = await Database.open(folder);
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
  await database.close();
});

test('what a statement throws rejects, and takes back what its work has written', async () => {
  const database = await Database.open(folder);
  await assert.rejects(
    database.write(async (writer) => {
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
    }),
    { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
  );
  assert.deepEqual(await values(database.reader), []);
  await database.close();
});

for (const place of [folder, ':memory:']) {
  test(`a reader does not see what a transaction has not committed [${place === folder ? 'file' : place}]`, async () => {
    const database = await Database.open(place);
    let reading: Promise<unknown> | undefined;
    const writing = database.write(async (writer) => {
      await execute(writer, writer.insertInto('world').values(row('a')).compile());
      assert.deepEqual(await values(writer), [{ value: 'first' }], 'its own are seen');
      reading = values(database.reader);
      await execute(writer, writer.deleteFrom('world').where('name', '=', 'a').compile());
    });
    await writing;
    assert.deepEqual(await reading, []);
    await database.close();
  });
}
