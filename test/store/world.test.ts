/** What a world was born with, and the emptying of it all. */
import assert from 'node:assert/strict';
import { fact } from '#shared/facts.ts';
import { instant } from '#shared/instant.ts';
import { appendFacts, readJournal } from '#store/journal.ts';
import { emptyWorld } from '#store/reset.ts';
import {
  addSecret,
  findSecret,
  OWN_SECRETS,
  putSecret,
  removeSecretsBelow,
} from '#store/secrets.ts';
import { worldValue } from '#store/world.ts';
import { databaseOf, testOnEachStore } from '../support/database.ts';

testOnEachStore('a world keeps the value of its first start', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  assert.equal(await worldValue(database, 'seed', 'first'), 'first');
  assert.equal(await worldValue(database, 'seed', 'second'), 'first');
  assert.equal(await worldValue(database, 'id', 'other'), 'other');
});

testOnEachStore(
  'secrets are put in place of others, added only where there is none, removed by prefix',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => {
      await putSecret(writer, 'device/1/key', 'one');
      await putSecret(writer, 'device/1/key', 'two');
      await addSecret(writer, 'device/1/key', 'three');
      await addSecret(writer, 'device/10/key', 'ten');
      await addSecret(writer, 'device/1/other', 'x');
    });
    assert.equal(await findSecret(database.reader, 'device/1/key'), 'two');
    await database.write(async (writer) => removeSecretsBelow(writer, 'device/1'));
    assert.equal(await findSecret(database.reader, 'device/1/key'), undefined);
    assert.equal(await findSecret(database.reader, 'device/1/other'), undefined);
    assert.equal(await findSecret(database.reader, 'device/10/key'), 'ten');
  },
);

testOnEachStore(
  'an emptied world has its birth values and the service’s own keys, and nothing else',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await worldValue(database, 'seed', 'first');
    await database.write(async (writer) => {
      await addSecret(writer, `${OWN_SECRETS}key`, 'ours');
      await addSecret(writer, 'device/1/key', 'theirs');
      const subject = { subscriptionId: 's', resourceKey: '/a', resourceId: '/A', cause: 'clock' };
      await appendFacts(writer, subject, [fact(instant(0), 'so', {})]);
    });
    await database.write(emptyWorld);
    assert.equal(await worldValue(database, 'seed', 'second'), 'first');
    assert.deepEqual(await readJournal(database.reader, { limit: 1 }), []);
    assert.equal(await findSecret(database.reader, `${OWN_SECRETS}key`), 'ours');
    assert.equal(await findSecret(database.reader, 'device/1/key'), undefined);
  },
);
