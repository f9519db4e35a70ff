import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

test('HEAD tells whether a resource is there, without a body', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const there = await arm.call('head', DEVICE);
  assert.equal(there.status, 204);
  assert.deepEqual(there.body, {});
  assert.equal((await arm.call('head', `${DEVICE}x`)).status, 404);
  assert.equal((await arm.call('head', `${DEVICE}/shares/none`)).status, 404);
});
