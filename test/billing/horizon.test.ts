/** The journal's horizon over the API: what is old goes, what is billed stays to the last digit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { ORDER, SCHEDULE, USER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const billed = async (arm: ArmClient, what: 'usage' | 'invoices'): Promise<JsonObject[]> =>
  (await arm.get(`/_edgetwin/billing/${what}?subscription=${SUBSCRIPTION}`)).value as JsonObject[];

const kindsOf = async (arm: ArmClient, resource: string): Promise<unknown[]> =>
  ((await arm.get(`/_edgetwin/journal?resource=${resource}&limit=1000`)).value as JsonObject[]).map(
    ({ kind }) => kind,
  );

test('after 400 days the journal keeps what is billed and the newest of each kind; invoices are the same', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/orders/default`, ORDER);
  await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
  await arm.done('put', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1'));
  for (const name of ['ann', 'bob', 'eve']) await arm.done('put', `${DEVICE}/users/${name}`, USER);
  await arm.done('delete', `${DEVICE}/users/bob`);
  await arm.done('put', `${DEVICE}/bandwidthSchedules/nights`, SCHEDULE);
  await arm.advance(days(13));
  await arm.done('delete', `${DEVICE}/roles/k8s/addons/arc`);
  const before = await kindsOf(arm, DEVICE);
  assert.equal(before.filter((kind) => kind === 'user.created').length, 3);
  assert.equal(before.filter((kind) => kind === 'machine.activating').length, 1);
  await arm.advance(days(60));
  const past = (records: readonly JsonObject[]): readonly JsonObject[] =>
    records.filter(({ period }) => typeof period === 'string' && period < '2026-05');
  const usage = past(await billed(arm, 'usage'));
  const invoices = past(await billed(arm, 'invoices'));
  assert.ok(usage.length >= 3 && invoices.length >= 2);
  // A user that is made late tells what became of users; nothing new is told of the schedule.
  await arm.advance(days(200));
  await arm.done('put', `${DEVICE}/users/late`, USER);
  await arm.advance(days(200));
  assert.deepEqual(past(await billed(arm, 'usage')), usage);
  assert.deepEqual(past(await billed(arm, 'invoices')), invoices);
  const after = await kindsOf(arm, DEVICE);
  assert.equal(after.filter((kind) => kind === 'user.created').length, 1, 'the newest one');
  for (const kind of ['order.delivered', 'arc.connected', 'arc.disconnected']) {
    const count = (kinds: readonly unknown[]): number => kinds.filter((one) => one === kind).length;
    assert.equal(count(after), count(before), `${kind} is billed`);
  }
  assert.ok(after.includes('bandwidthSchedule.created'), 'nothing newer of that kind is known');
  const gone = await kindsOf(arm, `${DEVICE}/users/bob`);
  assert.ok(
    gone.every((kind) => kind === 'resource.deleted'),
    JSON.stringify(gone),
  );
  assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
});
