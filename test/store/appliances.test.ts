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

const save = async (
  database: Database,
  state: string,
  fromVersion: number,
): Promise<number | undefined> =>
  database.write(async (writer) =>
    saveAppliance(writer, { id: 'm1', resourceId: '/D', state }, fromVersion),
  );

/** As the first save of a machine. */
async function first(database: Database, state: string): Promise<number> {
  const version = await save(database, state, 0);
  assert.ok(version !== undefined && version > 0);
  return version;
}

testOnEachStore('a save counts the version up', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  assert.equal(await applianceVersion(database, 'm1'), 0);
  const one = await first(database, 'one');
  assert.equal(await save(database, 'two', one), one + 1);
  assert.equal(await applianceVersion(database, 'm1'), one + 1);
  assert.deepEqual(await findAppliance(database, 'm1'), {
    resourceId: '/D',
    state: 'two',
    version: one + 1,
  });
});

testOnEachStore('a save from an older version writes nothing', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  const one = await first(database, 'one');
  await save(database, 'two', one);
  assert.equal(await save(database, 'late', one), undefined);
  assert.equal(await save(database, 'anew', 0), undefined);
  assert.equal(await save(database, 'ahead', one + 2), undefined);
  assert.equal((await findAppliance(database, 'm1'))?.state, 'two');
});

testOnEachStore(
  'a machine that is made again has versions of its own, which nobody takes for those of the former',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    const versions = new Set<number>();
    for (let life = 0; life < 20; life++) {
      versions.add(await first(database, 'one'));
      await database.write(async (writer) => removeAppliance(writer, 'm1'));
    }
    assert.equal(versions.size, 20);
  },
);

testOnEachStore(
  'of two processes that save from the same version one is told so',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const ours = await databaseOf(t, place);
    const theirs = await databaseOf(t, place);
    const one = await first(ours, 'ours');
    assert.equal(await save(theirs, 'theirs', 0), undefined);
    assert.equal(await applianceVersion(theirs, 'm1'), one);
    assert.equal(await save(theirs, 'theirs', one), one + 1);
    assert.equal(await save(ours, 'ours', one), undefined);
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
