import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const NEWER = `${DEVICE}?api-version=2031-01-01`;

test('strict: a newer api-version than we know is refused', async (t) => {
  const arm = await startService(t);
  await arm.device();
  assert.equal((await arm.refused('get', NEWER, 400)).code, 'NoRegisteredProviderFound');
});

test('loose: it is served as the newest, and a warning says so; an older unknown one is refused', async (t) => {
  const arm = await startService(t, { EDGETWIN_API_VERSIONS: 'loose' });
  await arm.device();
  const response = await arm.call('get', NEWER);
  assert.equal(response.status, 200);
  assert.match(response.headers.warning as string, /2023-12-01 stands in for 2031-01-01/);
  await arm.refused('get', `${DEVICE}?api-version=2018-01-01`, 400);
});
