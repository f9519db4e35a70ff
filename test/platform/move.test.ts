import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { LOCAL_SHARE, ORDER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const VERSION = '?api-version=2021-04-01';
const TARGET = GROUP.replace('GroupForEdgeAutomation', 'Other');
const MOVED = DEVICE.replace('GroupForEdgeAutomation', 'Other');
const MOVE = `${GROUP}/moveResources${VERSION}`;
const BODY = { targetResourceGroup: TARGET, resources: [DEVICE] };

test('a device moves with its children, its machine and its usage', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/orders/default`, ORDER);
  await arm.advance(days(14));
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  const { properties } = await arm.get(DEVICE);
  await arm.put(TARGET + VERSION, { location: 'eastus' }, 201);
  assert.equal(
    (await arm.call('post', `${GROUP}/validateMoveResources${VERSION}`, BODY)).status,
    204,
  );
  const poll = (await arm.accepted('post', MOVE, BODY)).headers.location as string;
  await arm.refused('patch', DEVICE, 409, { tags: {} });
  await arm.advance(minutes(3));
  assert.equal((await arm.call('get', poll)).status, 204);
  await arm.refused('get', DEVICE, 404);
  const moved = await arm.get(MOVED);
  assert.equal(moved.id, MOVED);
  assert.deepEqual(moved.properties, properties);
  assert.equal((await arm.get(`${MOVED}/shares/kept`)).id, `${MOVED}/shares/kept`);
  await arm.done('put', `${MOVED}/shares/later`, LOCAL_SHARE);
  const usage = await arm.get(`/_edgetwin/billing/usage?subscription=${SUBSCRIPTION}`);
  const billed = usage.value as JsonObject[];
  assert.ok(billed.length > 0 && billed.every((record) => record.resourceId === MOVED));
});

test('a move is refused with every fault, and nothing moves', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  const { details } = await arm.refused('post', MOVE, 400, {
    targetResourceGroup: TARGET,
    resources: [`${DEVICE}x`, `${DEVICE}/shares/kept`],
  });
  assert.deepEqual(
    details?.map((detail) => detail.target),
    ['targetResourceGroup', 'resources[0]', 'resources[1]'],
  );
  await arm.get(DEVICE);
});
