import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { DEVICE, GROUP } from '../support/arm-client.ts';
import { LOCAL_SHARE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const lockAt = (scope: string, name = 'l1'): string =>
  `${scope}/providers/Microsoft.Authorization/locks/${name}?api-version=2016-09-01`;
const lock = (level: string) => ({ properties: { level, notes: 'keep' } });

test('a CanNotDelete lock keeps its scope and all that holds it, and nothing else', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  await arm.done('put', `${DEVICE}/shares/loose`, LOCAL_SHARE);
  const made = await arm.put(lockAt(`${DEVICE}/shares/kept`), lock('CanNotDelete'), 201);
  assert.equal(made.type, 'Microsoft.Authorization/locks');
  for (const url of [`${DEVICE}/shares/kept`, DEVICE, `${GROUP}?api-version=2021-04-01`]) {
    const error = await arm.refused('delete', url, 409);
    assert.equal(error.code, 'ScopeLocked');
    assert.ok(error.message.includes(`${DEVICE}/shares/kept`), error.message);
  }
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  await arm.done('delete', `${DEVICE}/shares/loose`);
  assert.equal((await arm.call('delete', lockAt(`${DEVICE}/shares/kept`))).status, 200);
  await arm.done('delete', `${DEVICE}/shares/kept`, undefined, minutes(5));
});

test('a ReadOnly lock refuses writes and posts below it, and lets reads through', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.put(lockAt(GROUP), lock('ReadOnly'), 201);
  await arm.get(DEVICE);
  assert.equal((await arm.refused('patch', DEVICE, 409, { tags: {} })).code, 'ScopeLocked');
  await arm.refused('put', `${DEVICE}/shares/s01`, 409, LOCAL_SHARE);
  await arm.refused('post', `${DEVICE}/scanForUpdates`, 409);
  const { value } = await arm.get(
    `${GROUP}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`,
  );
  assert.equal((value as unknown[]).length, 1);
});

test('what is no lock is refused with every fault, at a scope that exists', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const { details } = await arm.refused('put', lockAt(DEVICE), 400, {
    properties: { level: 'Never', notes: 7 },
  });
  assert.deepEqual(
    details?.map((detail) => detail.target),
    ['properties.level', 'properties.notes'],
  );
  await arm.refused('put', lockAt(`${DEVICE}x`), 404, lock('ReadOnly'));
  await arm.refused('get', lockAt(DEVICE), 404);
  assert.equal((await arm.call('delete', lockAt(DEVICE))).status, 204);
});
