/** What has ended is kept for seven days of simulated time, and as long as something needs it; then it goes, in pieces. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, hours, instant, type Instant, minutes, plus } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { addApplianceJobs, addApplianceTasks, saveAppliance } from '#store/appliances.ts';
import type { Database, Reader, Writer } from '#store/database.ts';
import {
  type DeploymentOperationRow,
  putDeployment,
  putDeploymentOperation,
} from '#store/deployments.ts';
import { insertOperation, operationEnd } from '#store/operations.ts';
import { nextExpiry, removeExpired } from '#store/retention.ts';
import { setTimerAside, addWaitingTimer } from '#store/timers.ts';
import { DEVICE, pollUrl, propertiesOf, SUBSCRIPTION } from '../support/arm-client.ts';
import { activeDeviceForClouds, CLOUD_SHARE, ORDER, SCHEDULE } from '../support/bodies.ts';
import { databaseOf, testOnEachStore } from '../support/database.ts';
import { startService } from '../support/service.ts';
import { deployed, deploymentUrl, request, statusUrl } from '../deployments/templates.ts';

const START = instant(1_700_000_000_000);
const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function insertEnded(
  writer: Writer,
  number: number,
  endedAt: Instant | undefined,
): Promise<void> {
  const key = `/subscriptions/s/resourcegroups/g/providers/n.x/t/r${number}`;
  await insertOperation(writer, {
    ...{ id: idOf(number), resourceKey: key, resourceId: key, type: 'n.x/t', verb: 'put' },
    ...{ isCreation: false, input: {}, style: 'location', pollPath: '', output: undefined },
    status: endedAt === undefined ? 'Running' : 'Succeeded',
    ...{
      step: 0,
      attempts: 0,
      begun: 0,
      failure: undefined,
      correlationId: '',
      startedAt: START,
      endedAt,
    },
  });
}

async function operationsIn(reader: Reader): Promise<number[]> {
  const rows = await reader.selectFrom('operations').select('id').orderBy('id').execute();
  return rows.map(({ id }) => Number(id.slice(-4)));
}

/** One piece at a moment; whether there may be more. */
const expire = async (database: Database, now: Instant, limit = 100): Promise<boolean> =>
  database.write(async (writer) =>
    removeExpired(writer, { now, nextLook: plus(now, days(7)), limit }),
  );

describe('rows', () => {
  testOnEachStore(
    'ended operations go a week after their end, so many at a time',
    async (t, newPlace) => {
      const database = await databaseOf(t, await newPlace());
      await database.write(async (writer) => {
        for (let number = 1; number <= 5; number++) {
          await insertEnded(writer, number, plus(START, hours(number)));
        }
        await insertEnded(writer, 6, undefined);
      });
      // What began so lately is not looked at row by row: it expires no sooner.
      assert.equal(await nextExpiry(database.reader, START), plus(START, days(7)));
      assert.equal(await expire(database, plus(START, days(7))), false);
      assert.deepEqual(await operationsIn(database.reader), [1, 2, 3, 4, 5, 6]);
      const later = plus(START, hours(7 * 24 + 4));
      assert.equal(await expire(database, later, 3), true);
      assert.deepEqual(await operationsIn(database.reader), [4, 5, 6]);
      assert.equal(await expire(database, later, 3), false);
      assert.deepEqual(await operationsIn(database.reader), [5, 6]);
      assert.equal(await nextExpiry(database.reader, later), plus(START, hours(7 * 24 + 5)));
    },
  );

  testOnEachStore('what is left of its timer goes with an operation', async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => {
      await insertEnded(writer, 1, START);
      const timer = { kind: 'operation', target: idOf(1), dueAt: START, sequence: 0, attempts: 3 };
      await setTimerAside(writer, timer);
      await addWaitingTimer(writer, { kind: 'other', target: 'x' }, [operationEnd(idOf(1))]);
    });
    await expire(database, plus(START, days(8)));
    const timers = await database.reader.selectFrom('timers').select('id').execute();
    assert.deepEqual(timers, [{ id: 'other/x' }]);
    assert.deepEqual(await database.reader.selectFrom('waits').selectAll().execute(), []);
  });

  testOnEachStore('what is needed is looked at again a week later', async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    const deployment = '/subscriptions/s/providers/microsoft.resources/deployments/d';
    const running: DeploymentOperationRow = {
      deployment,
      position: 0,
      target: 't',
      status: 'Running',
      operationId: idOf(2),
      failure: undefined,
      isCreation: true,
      startedAt: START,
      endedAt: undefined,
    };
    await database.write(async (writer) => {
      for (const number of [1, 2, 3]) await insertEnded(writer, number, START);
      await insertEnded(writer, 4, undefined);
      await putDeployment(writer, {
        ...{ key: deployment, id: deployment, name: 'd', scope: '/subscriptions/s' },
        ...{ location: undefined, tags: {}, mode: 'Incremental', request: '' },
        ...{ operationId: idOf(1), canceledAt: undefined, parent: undefined },
      });
      await putDeploymentOperation(writer, running);
      const task = (id: string) => ({ id, endedAt: START });
      const tasks = [task(`${idOf(3)}/step`), task(`${idOf(4)}/step`), task('from control')];
      await addApplianceTasks(writer, 'machine', { tasks, now: START });
      const job = (name: string) => ({ name, endedAt: START, job: {} });
      await addApplianceJobs(writer, 'machine', [job(idOf(8)), job(idOf(9))]);
      await addApplianceJobs(writer, 'gone', [job(idOf(8))]);
      const state = JSON.stringify({ share: { lastRefreshJob: idOf(8) } });
      await saveAppliance(writer, { id: 'machine', resourceId: 'r', state }, 0);
    });
    const later = plus(START, days(8));
    await expire(database, later);
    const left = async () => ({
      operations: await operationsIn(database.reader),
      tasks: await database.reader.selectFrom('appliance_tasks').select('id').execute(),
      jobs: await database.reader
        .selectFrom('appliance_jobs')
        .select(['appliance', 'name'])
        .execute(),
    });
    assert.deepEqual(await left(), {
      operations: [1, 2, 4],
      tasks: [{ id: `${idOf(4)}/step` }],
      jobs: [{ appliance: 'machine', name: idOf(8) }],
    });
    assert.equal(await nextExpiry(database.reader, later), plus(later, days(7)));
    await database.write(async (writer) => {
      await putDeploymentOperation(writer, { ...running, status: 'Succeeded', endedAt: START });
      await writer.updateTable('appliances').set({ state: '{}' }).execute();
    });
    await expire(database, plus(later, days(7)));
    const end = await left();
    assert.deepEqual([end.operations, end.jobs], [[1, 4], []]);
  });
});

describe('over HTTP', () => {
  test('a poll is answered for a week, and then with a 404', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('put', `${DEVICE}/bandwidthSchedules/s`, SCHEDULE));
    const status = poll.replace(/bandwidthSchedules\/s\/operationResults/i, 'operationsStatus');
    await arm.advance(days(6));
    assert.equal((await arm.call('get', poll)).status, 202);
    assert.equal((await arm.get(status)).status, 'Succeeded');
    await arm.advance(days(2));
    await arm.refused('get', poll, 404);
    await arm.refused('get', status, 404);
    await arm.get(`${DEVICE}/bandwidthSchedules/s`);
  });

  test('the last job of a share is there as long as the share names it', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', `${DEVICE}/shares/share1`, CLOUD_SHARE);
    await arm.done('post', `${DEVICE}/shares/share1/refresh`);
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const lastJob = async (): Promise<string> =>
      (propertiesOf(await arm.get(`${DEVICE}/shares/share1`)).refreshDetails as { lastJob: string })
        .lastJob;
    const first = await lastJob();
    const shown = await arm.get(first);
    const summary = await arm.get(`${DEVICE}/updateSummary/default`);
    await arm.advance(days(30));
    assert.equal(await lastJob(), first);
    assert.deepEqual(await arm.get(first), shown);
    const { lastScanJobTime } = propertiesOf(summary);
    const later = propertiesOf(await arm.get(`${DEVICE}/updateSummary/default`));
    assert.equal(later.lastScanJobTime, lastScanJobTime);
    await arm.done('post', `${DEVICE}/shares/share1/refresh`);
    assert.notEqual(await lastJob(), first);
    await arm.advance(days(8));
    await arm.refused('get', first, 404);
    await arm.get(await lastJob());
  });

  test('a deployment is shown as it was, and the bill is what it was', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const resource = {
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules',
      ...{ apiVersion: '2023-12-01', name: 'edge1/x', ...SCHEDULE },
    } as JsonObject;
    const own = { resources: [resource], outputs: { one: { type: 'int', value: 1 } } };
    const response = await arm.call('put', deploymentUrl('d'), request(own));
    await arm.advance(minutes(30));
    const shown = await arm.get(deploymentUrl('d'));
    const operations = await arm.get(deploymentUrl('d', '/operations'));
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(40));
    const invoice = async (): Promise<unknown> => {
      const list = await arm.get(`/_edgetwin/billing/invoices?subscription=${SUBSCRIPTION}`);
      return (list.value as JsonObject[])[0];
    };
    const billed = await invoice();
    assert.ok(billed !== undefined);
    await arm.advance(days(30));
    assert.deepEqual(await invoice(), billed);
    assert.deepEqual(await arm.get(deploymentUrl('d')), shown);
    assert.deepEqual(await arm.get(deploymentUrl('d', '/operations')), operations);
    assert.deepEqual(await arm.get(statusUrl(response)), { status: 'Succeeded' });
    const again = await deployed(arm, 'd', request(own));
    assert.equal(again.provisioningState, 'Succeeded');
    await arm.advance(days(8));
    await arm.refused('get', statusUrl(response), 404);
  });

  test('the world that a reset begins removes what has ended, too', async (t) => {
    const arm = await startService(t);
    await arm.post('/_edgetwin/reset');
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('put', `${DEVICE}/bandwidthSchedules/s`, SCHEDULE));
    await arm.advance(days(8));
    await arm.refused('get', poll, 404);
  });

  test('more than one piece of what has expired goes without the clock moving on', async (t) => {
    const arm = await startService(t);
    const { database, clock } = arm.service;
    const now = clock.now();
    await database.write(async (writer) => {
      for (let number = 1; number <= 450; number++) await insertEnded(writer, number, now);
    });
    let commits = 0;
    database.onCommit(() => commits++);
    await arm.advance(days(8));
    assert.deepEqual(await operationsIn(database.reader), []);
    assert.ok(commits >= 5, `${commits} commits`);
  });
});
