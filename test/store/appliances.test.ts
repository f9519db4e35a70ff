/** Appliances: saved only from the version that is there, so that of two writers one is told to begin again. */
import assert from 'node:assert/strict';
import {
  applianceVersion,
  findAppliance,
  removeAppliance,
  saveAppliance,
} from '#store/appliances.ts';
import type { Database } from '#store/database.ts';
import { databaseOf, sharedPlace, testOnEachStore } from '../support/database.ts';

const save = async (database: Database, state: string, fromVersion: number): Promise<boolean> =>
  database.write(async (writer) =>
    saveAppliance(writer, { id: 'm1', resourceId: '/D', state }, fromVersion),
  );

testOnEachStore('a save counts the version up', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  assert.equal(await applianceVersion(database, 'm1'), 0);
  assert.equal(await save(database, 'one', 0), true);
  assert.equal(await save(database, 'two', 1), true);
  assert.equal(await applianceVersion(database, 'm1'), 2);
  assert.deepEqual(await findAppliance(database, 'm1'), {
    resourceId: '/D',
    state: 'two',
    version: 2,
  });
});

testOnEachStore('a save from an older version writes nothing', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await save(database, 'one', 0);
  await save(database, 'two', 1);
  assert.equal(await save(database, 'late', 1), false);
  assert.equal(await save(database, 'anew', 0), false);
  assert.equal(await save(database, 'ahead', 3), false);
  assert.equal((await findAppliance(database, 'm1'))?.state, 'two');
});

testOnEachStore(
  'of two processes that save from the same version one is told so',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const ours = await databaseOf(t, place);
    const theirs = await databaseOf(t, place);
    assert.equal(await save(ours, 'ours', 0), true);
    assert.equal(await save(theirs, 'theirs', 0), false);
    assert.equal(await applianceVersion(theirs, 'm1'), 1);
    assert.equal(await save(theirs, 'theirs', 1), true);
    assert.equal(await save(ours, 'ours', 1), false);
    assert.equal((await findAppliance(ours, 'm1'))?.state, 'theirs');
  },
);

testOnEachStore('a removed one is gone', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await save(database, 'one', 0);
  await database.write(async (writer) => removeAppliance(writer, 'm1'));
  assert.equal(await findAppliance(database, 'm1'), undefined);
  assert.equal(await applianceVersion(database, 'm1'), 0);
});
