/** Deletions of subscriptions and groups with a lot in them: in pieces, resumed where they were cut off, and nothing is left. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { type NewPlace, sharedPlace, testOnEachStore } from '../support/database.ts';
import {
  DEPLOYMENTS,
  DEVICES,
  fillSubscription,
  lock,
  rowsWithin,
} from '../support/full-subscription.ts';
import { startService } from '../support/service.ts';

const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;
const LIFE_CYCLE = `${SUBSCRIPTION_ID}?api-version=2.0`;
const GROUP_URL = `${GROUP}?api-version=2021-04-01`;
/** Of services that follow one another on PostgreSQL: without a folder each would make a key of its own. */
const MASTER_KEY = Buffer.alloc(32, 1).toString('base64');
/** Its id begins alike. */
const NEIGHBOUR = `${GROUP}2`;

type Service = ArmClient & Awaited<ReturnType<typeof startService>>;

/** Starts a service on a place that another one can be started on after it. */
async function starter(t: TestContext, newPlace: NewPlace): Promise<() => Promise<Service>> {
  const place = await sharedPlace(t, newPlace);
  const settings = place.startsWith('postgres')
    ? { DATABASE_URL: place, EDGETWIN_MASTER_KEY: MASTER_KEY }
    : { EDGETWIN_DATA: place };
  return async () => startService(t, settings);
}

testOnEachStore(
  'a subscription is deleted in pieces, by whoever is there to go on',
  async (t, newPlace) => {
    const start = await starter(t, newPlace);
    const first = await start();
    await fillSubscription(first);
    await lock(first, DEVICE);
    await first.service.pump.stop();

    await first.put(LIFE_CYCLE, { state: 'Deleted' });
    const left = await rowsWithin(first.service.database, SUBSCRIPTION_ID);
    // One piece is gone when the request is answered: twenty things, deployments first.
    assert.equal(left.deployments, undefined);
    assert.equal(left.resources, DEVICES - (20 - DEPLOYMENTS));
    assert.equal((await first.refused('get', DEVICE, 404)).code, 'SubscriptionNotFound');
    const again = await first.refused('put', LIFE_CYCLE, 409, { state: 'Registered' });
    assert.equal(again.code, 'SubscriptionBeingDeleted');
    await first.put(LIFE_CYCLE, { state: 'Deleted' });
    await first.service.close();

    const second = await start();
    let commits = 0;
    second.service.database.onCommit(() => commits++);
    await second.advance(minutes(1));
    assert.deepEqual(await rowsWithin(second.service.database, SUBSCRIPTION_ID), {});
    assert.ok(commits >= 3, `${commits} commits`);
    await second.put(LIFE_CYCLE, { state: 'Registered' });
    await second.refused('get', GROUP_URL, 404);
    const journal = `/_edgetwin/journal?subscription=${SUBSCRIPTION}&kind=resource.deleted`;
    assert.equal((await second.all(journal)).length, DEVICES, 'told once of each device');
    await second.device();
  },
);

testOnEachStore(
  'a small subscription is gone when its deletion is answered',
  async (t, newPlace) => {
    const start = await starter(t, newPlace);
    const arm = await start();
    await arm.device();
    await lock(arm, DEVICE);
    await arm.put(LIFE_CYCLE, { state: 'Deleted' });
    assert.deepEqual(await rowsWithin(arm.service.database, SUBSCRIPTION_ID), {});
    await arm.put(LIFE_CYCLE, { state: 'Registered' });
  },
);

testOnEachStore(
  'a group with a lot in it is deleted in pieces, and its neighbour stays',
  async (t, newPlace) => {
    const start = await starter(t, newPlace);
    const first = await start();
    await fillSubscription(first);
    await first.device({}, DEVICE.replace(GROUP, NEIGHBOUR));
    const before = await rowsWithin(first.service.database, NEIGHBOUR);
    const poll = (await first.accepted('delete', GROUP_URL)).headers.location as string;
    // The active device takes a while; the others are gone at once.
    await first.advance(minutes(0));
    assert.equal((await rowsWithin(first.service.database, GROUP)).resources, 2);
    await first.service.close();

    const second = await start();
    await second.advance(minutes(5));
    assert.equal((await second.call('get', poll)).status, 200);
    assert.deepEqual(await rowsWithin(second.service.database, GROUP), {});
    assert.deepEqual(await rowsWithin(second.service.database, NEIGHBOUR), before);
  },
);

testOnEachStore(
  'a deployment that is cut off by the deletion of its subscription makes nothing more',
  async (t, newPlace) => {
    const start = await starter(t, newPlace);
    const arm = await start();
    await arm.device();
    const device = (name: string): JsonObject => ({
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
      apiVersion: '2023-12-01',
      ...{ name, location: 'eastus', sku: { name: 'EdgeP_Base' } },
    });
    const template = { contentVersion: '1.0.0.0', resources: [device('made1'), device('made2')] };
    const url = `${GROUP}/providers/Microsoft.Resources/deployments/d?api-version=2021-04-01`;
    const [deployed, deleted] = await Promise.all([
      arm.call('put', url, { properties: { mode: 'Incremental', template } }),
      arm.call('put', LIFE_CYCLE, { state: 'Deleted' }),
    ]);
    assert.equal(deleted.status, 200);
    assert.ok([201, 404].includes(deployed.status), JSON.stringify(deployed.body));
    await arm.advance(minutes(30));
    assert.deepEqual(await rowsWithin(arm.service.database, SUBSCRIPTION_ID), {});
  },
);
