import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const tagsOf = (scope: string): string =>
  `${scope}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01`;
const tags = (given: Record<string, string>) => ({ properties: { tags: given } });

test('tags of a device: replaced, merged, deleted, and shown on the device itself', async (t) => {
  const arm = await startService(t);
  await arm.device({ tags: { a: '1' } });
  assert.deepEqual((await arm.get(tagsOf(DEVICE))).properties, { tags: { a: '1' } });
  await arm.put(tagsOf(DEVICE), tags({ b: '2' }));
  assert.deepEqual((await arm.get(DEVICE)).tags, { b: '2' });
  await arm.call('patch', tagsOf(DEVICE), { operation: 'Merge', ...tags({ c: '3' }) });
  await arm.call('patch', tagsOf(DEVICE), { operation: 'Delete', ...tags({ b: '2' }) });
  assert.deepEqual((await arm.get(DEVICE)).tags, { c: '3' });
  assert.equal((await arm.call('delete', tagsOf(DEVICE))).status, 200);
  assert.deepEqual((await arm.get(DEVICE)).tags, {});
});

test('tags of a group; refused for what has no tags', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.put(tagsOf(GROUP), tags({ g: '1' }));
  assert.deepEqual((await arm.get(`${GROUP}?api-version=2021-04-01`)).tags, { g: '1' });
  await arm.refused('put', tagsOf(`${DEVICE}x`), 404, tags({}));
  await arm.refused('patch', tagsOf(DEVICE), 400, { operation: 'Twist', ...tags({}) });
  await arm.refused('put', tagsOf(DEVICE), 400, { properties: { tags: { a: 1 } } });
  await arm.refused('put', tagsOf(DEVICE), 400, tags({ 'edgetwin-moon': '1' }));
});

test('tried, B7: the names of tags in a subscription, with their values', async (t) => {
  const arm = await startService(t);
  await arm.device({ tags: { env: 'prod', Floor: '30' } });
  await arm.device({ tags: { env: 'Test' } }, DEVICE.replace('edge1', 'edge2'));
  await arm.put(`${GROUP}?api-version=2021-04-01`, { location: 'eastus', tags: { env: 'prod' } });
  const url = `/subscriptions/${SUBSCRIPTION}/tagNames?api-version=2021-04-01`;
  const { value } = await arm.get(url);
  const short = (value as JsonObject[]).map(({ tagName, count, values }) => [
    tagName,
    count,
    (values as JsonObject[]).map((one) => [one.tagValue, (one.count as JsonObject).value]),
  ]);
  assert.deepEqual(short, [
    [
      'env',
      { type: 'Total', value: 3 },
      [
        ['prod', 2],
        ['test', 1],
      ],
    ],
    ['floor', { type: 'Total', value: 1 }, [['30', 1]]],
  ]);
  const names = (await arm.all(`${url}&$top=1`)).map(({ tagName }) => tagName);
  assert.deepEqual(names, ['env', 'floor']);
});
