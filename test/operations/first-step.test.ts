/** The first step of an operation that a request begins: it runs in the transaction that accepts the request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fleet } from '#fleet/fleet.ts';
import { minutes } from '#shared/instant.ts';
import { readJournal } from '#store/journal.ts';
import { DEVICE } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const SCHEDULE = `${DEVICE}/bandwidthSchedules/night`;
const BODY = {
  properties: { start: '0:0:0', stop: '13:59:0', rateInMbps: 100, days: ['Sunday'] },
};

test('the machine knows of a request when it is accepted, and the operation waits for it', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  const { database, pump } = arm.service;
  await pump.stop();
  await arm.accepted('put', SCHEDULE, BODY);
  const timers = await database.reader
    .selectFrom('timers')
    .innerJoin('waits', 'waits.timer', 'timers.id')
    .select(['kind', 'awaited'])
    .execute();
  assert.deepEqual(
    timers.map(({ kind, awaited }) => [kind, awaited.split('/')[0]]),
    [['operation', 'task']],
  );
});

test('a first step that throws is tried again by the operation, and the request is accepted all the same', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  const { database } = arm.service;
  const failing = t.mock.method(
    Fleet.prototype,
    'commandIn',
    async () => Promise.reject(new Error('out of order')),
    { times: 2 },
  );
  await arm.done('put', SCHEDULE, BODY, minutes(10));
  assert.equal(failing.mock.callCount(), 2, 'once with the request, and once by the operation');
  const resourceKey = SCHEDULE.toLowerCase();
  const entries = await readJournal(database.reader, { resourceKey, limit: 100 });
  assert.deepEqual(
    entries.map(({ kind }) => kind).filter((kind) => kind.startsWith('operation.')),
    ['operation.accepted', 'operation.succeeded'],
  );
});
