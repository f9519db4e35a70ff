/** The database as such: migrations, transactions, what is remembered between commits, and two processes on one file. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import type { Database, Writer } from '#store/database.ts';
import { databaseOf } from '../support/database.ts';
import { temporaryFolder } from '../support/process.ts';

const put = async (writer: Writer, name: string, value = 'v'): Promise<unknown> =>
  writer.insertInto('world').values({ name, value }).execute();

const names = async (database: Database): Promise<string[]> => {
  const rows = await database.reader.selectFrom('world').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
};

const valueOf = async (database: Database, name: string): Promise<unknown> =>
  database.remembered(`value ${name}`, async () =>
    database.row('select value from world where name = ?', name),
  );

test('migrations run once, each of them, and keep what is there', async (t) => {
  const folder = join(await temporaryFolder(t), 'deep', 'data');
  const first = databaseOf(t, folder);
  await first.write(async (writer) => put(writer, 'a'));
  const second = databaseOf(t, folder);
  assert.deepEqual(await names(second), ['a']);
  const sqlite = new SqliteDatabase(join(folder, 'edgetwin.sqlite'), { readonly: true });
  const seen = sqlite.prepare('select name from migrations order by name').pluck().all();
  sqlite.close();
  assert.deepEqual(seen, readdirSync(new URL('../../migrations', import.meta.url)).sort());
});

test('a transaction is there whole or not at all', async (t) => {
  const database = databaseOf(t);
  await assert.rejects(
    database.write(async (writer) => {
      await put(writer, 'a');
      throw new Error('second thoughts');
    }),
    /second thoughts/,
  );
  assert.deepEqual(await names(database), []);
  await database.write(async (writer) => put(writer, 'b'));
  assert.deepEqual(await names(database), ['b']);
});

test('transactions wait for one another', async (t) => {
  const database = databaseOf(t);
  const order: string[] = [];
  const write = async (name: string): Promise<void> =>
    database.write(async (writer) => {
      order.push(`${name} begins`);
      await put(writer, name);
      order.push(`${name} ends`);
    });
  await Promise.all([write('a'), write('b')]);
  assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a read never sees what is not committed', async (t) => {
  const database = databaseOf(t);
  const inside = Promise.withResolvers<undefined>();
  const mayEnd = Promise.withResolvers<undefined>();
  const written = database.write(async (writer) => {
    await put(writer, 'a');
    inside.resolve(undefined);
    await mayEnd.promise;
    throw new Error('never');
  });
  await inside.promise;
  const reads = [valueOf(database, 'a'), database.row('select value from world')];
  mayEnd.resolve(undefined);
  await assert.rejects(written);
  assert.deepEqual(await Promise.all(reads), [undefined, undefined]);
});

test('what is remembered is forgotten with the next commit, also of another process', async (t) => {
  const folder = await temporaryFolder(t);
  const ours = databaseOf(t, folder);
  const theirs = databaseOf(t, folder);
  await ours.write(async (writer) => put(writer, 'a', '1'));
  assert.deepEqual(await valueOf(ours, 'a'), { value: '1' });
  assert.equal(await valueOf(ours, 'a'), await valueOf(ours, 'a'), 'the very same');
  const set = async (database: Database, value: string): Promise<unknown> =>
    database.write(async (writer) => writer.updateTable('world').set({ value }).execute());
  await set(ours, '2');
  assert.deepEqual(await valueOf(ours, 'a'), { value: '2' });
  await set(theirs, '3');
  // Another process's commit is looked for once a turn of the event loop.
  await new Promise(setImmediate);
  assert.deepEqual(await valueOf(ours, 'a'), { value: '3' });
});

test('listeners hear of each commit, once it is there', async (t) => {
  const database = databaseOf(t);
  const heard: Promise<string[]>[] = [];
  database.onCommit(() => heard.push(names(database)));
  await database.write(async (writer) => put(writer, 'a'));
  await database.write(async (writer) => put(writer, 'b'));
  assert.deepEqual(await Promise.all(heard), [['a'], ['a', 'b']]);
});
