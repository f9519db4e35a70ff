/** What a world was born with, the numbers that only grow, and the emptying of it all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fact } from '#shared/facts.ts';
import { instant } from '#shared/instant.ts';
import { nextNumbers } from '#store/counters.ts';
import type { Database } from '#store/database.ts';
import { appendFacts, readJournal } from '#store/journal.ts';
import { emptyWorld } from '#store/reset.ts';
import { addSecret, findSecret, OWN_SECRETS, putSecret, removeSecrets } from '#store/secrets.ts';
import { worldValue } from '#store/world.ts';
import { databaseOf } from '../support/database.ts';

const next = async (database: Database, count?: number): Promise<number> =>
  database.write(async (writer) => nextNumbers(writer, 'operations', count));

test('a world keeps the value of its first start', async (t) => {
  const database = databaseOf(t);
  assert.equal(await worldValue(database, 'seed', 'first'), 'first');
  assert.equal(await worldValue(database, 'seed', 'second'), 'first');
  assert.equal(await worldValue(database, 'id', 'other'), 'other');
});

test('numbers grow by what was drawn; a transaction that fails draws none', async (t) => {
  const database = databaseOf(t);
  assert.equal(await next(database), 1);
  assert.equal(await next(database, 3), 2);
  await assert.rejects(
    database.write(async (writer) => {
      await nextNumbers(writer, 'operations', 10);
      throw new Error('no');
    }),
  );
  assert.equal(await next(database), 5);
});

test('secrets are put in place of others, added only where there is none, removed by prefix', async (t) => {
  const database = databaseOf(t);
  await database.write(async (writer) => {
    await putSecret(writer, 'device/1/key', 'one');
    await putSecret(writer, 'device/1/key', 'two');
    await addSecret(writer, 'device/1/key', 'three');
    await addSecret(writer, 'device/10/key', 'ten');
    await addSecret(writer, 'device/1/other', 'x');
  });
  assert.equal(await findSecret(database, 'device/1/key'), 'two');
  await database.write(async (writer) => removeSecrets(writer, 'device/1/'));
  assert.equal(await findSecret(database, 'device/1/key'), undefined);
  assert.equal(await findSecret(database, 'device/1/other'), undefined);
  assert.equal(await findSecret(database, 'device/10/key'), 'ten');
});

test('an emptied world has its birth values and the service’s own keys, and nothing else', async (t) => {
  const database = databaseOf(t);
  await worldValue(database, 'seed', 'first');
  await next(database, 7);
  await database.write(async (writer) => {
    await addSecret(writer, `${OWN_SECRETS}key`, 'ours');
    await addSecret(writer, 'device/1/key', 'theirs');
    const subject = { subscriptionId: 's', resourceKey: '/a', resourceId: '/A', cause: 'clock' };
    await appendFacts(writer, subject, [fact(instant(0), 'so', {})]);
  });
  await emptyWorld(database);
  assert.equal(await worldValue(database, 'seed', 'second'), 'first');
  assert.equal(await next(database), 1);
  assert.deepEqual(await readJournal(database.reader), []);
  assert.equal(await findSecret(database, `${OWN_SECRETS}key`), 'ours');
  assert.equal(await findSecret(database, 'device/1/key'), undefined);
});
