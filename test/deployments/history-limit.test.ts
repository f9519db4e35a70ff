/** The history of a scope is shortened by its oldest deployments, in pieces, where it has become too long. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant, minutes, plus, seconds } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import { putDeployment } from '#store/deployments.ts';
import { insertOperation } from '#store/operations.ts';
import { GROUP } from '../support/arm-client.ts';
import { type NewPlace, testOnEachStore } from '../support/database.ts';
import { startService } from '../support/service.ts';
import { deploymentUrl, makeGroup, request } from './templates.ts';

const SCOPE = GROUP.toLowerCase();
const BEGUN = instant(Date.parse('2026-01-01T00:00:00Z'));

const keyOf = (number: number): string =>
  `${SCOPE}/providers/microsoft.resources/deployments/d${String(number).padStart(3, '0')}`;

/** Deployments that have ended, the first one begun first; `running` has not, and the first has been made by it. */
async function fillHistory(database: Database, count: number, running: number): Promise<void> {
  await database.write(async (writer) => {
    for (let number = 0; number < count; number++) {
      const key = keyOf(number);
      const startedAt = plus(BEGUN, seconds(number));
      const hasEnded = number !== running;
      await putDeployment(writer, {
        ...{ key, id: key, name: 'd', scope: SCOPE, location: undefined, tags: {} },
        ...{ mode: 'Incremental', request: '', operationId: key, canceledAt: undefined },
        parent: number === 0 ? keyOf(running) : undefined,
      });
      await insertOperation(writer, {
        ...{ id: key, resourceKey: key, resourceId: key, type: 'none', verb: 'put', input: {} },
        ...{ isCreation: false, style: 'async', pollPath: '', output: undefined, step: 0 },
        ...{ attempts: 0, begun: 0, failure: undefined, correlationId: '', startedAt },
        status: hasEnded ? 'Succeeded' : 'Running',
        endedAt: hasEnded ? startedAt : undefined,
      });
    }
  });
}

async function numbersLeft({ reader }: Database): Promise<number[]> {
  const rows = await reader
    .selectFrom('deployments')
    .select('key')
    .where('scope', '=', SCOPE)
    .where('key', 'like', '%/d___')
    .orderBy('key')
    .execute();
  return rows.map(({ key }) => Number(key.slice(-3)));
}

const start = async (t: TestContext, newPlace: NewPlace) => {
  const place = await newPlace();
  return startService(t, place === ':memory:' ? {} : { DATABASE_URL: place });
};

testOnEachStore(
  'above 700 the oldest that have ended go, until 600 are left',
  async (t, newPlace) => {
    const arm = await start(t, newPlace);
    await makeGroup(arm);
    const { database } = arm.service;
    await fillHistory(database, 699, 2);
    const url = (name: string): string => deploymentUrl(name);
    await arm.put(url('another'), request({ resources: [] }), 201);
    await arm.advance(minutes(1));
    assert.equal((await numbersLeft(database)).length, 699, '700 are not too many');

    let commits = 0;
    database.onCommit(() => commits++);
    await arm.put(url('one-more'), request({ resources: [] }), 201);
    await arm.advance(minutes(1));
    const left = await numbersLeft(database);
    assert.equal(left.length, 598);
    assert.deepEqual(left.slice(0, 3), [0, 2, 103], 'what runs stays, and what it has made');
    assert.ok(commits > 5, 'in pieces');
    await arm.get(url('one-more'));
  },
);

testOnEachStore('a lock against deletions keeps the whole history', async (t, newPlace) => {
  const arm = await start(t, newPlace);
  await makeGroup(arm);
  const lock = `${GROUP}/providers/Microsoft.Authorization/locks/l?api-version=2016-09-01`;
  await arm.put(lock, { properties: { level: 'CanNotDelete' } }, 201);
  const { database } = arm.service;
  await fillHistory(database, 700, 2);
  await arm.put(deploymentUrl('another'), request({ resources: [] }), 201);
  await arm.advance(minutes(1));
  assert.equal((await numbersLeft(database)).length, 700);
  await arm.call('delete', lock);
  await arm.put(deploymentUrl('one-more'), request({ resources: [] }), 201);
  await arm.advance(minutes(1));
  assert.equal((await numbersLeft(database)).length, 598);
});
