import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const VERSION = 'api-version=2021-04-01';

async function namesIn(arm: ArmClient, url: string): Promise<string[]> {
  const { value } = await arm.get(url);
  return (value as JsonObject[]).map((entry) => entry.name as string);
}

test('lists tracked resources, filtered, expanded and in pages', async (t) => {
  const arm = await startService(t);
  const other = DEVICE.replace('edge1', 'edge2');
  await arm.device({ tags: { env: 'test' } });
  await arm.device({ tags: { env: 'prod' } }, other);
  const all = `/subscriptions/${SUBSCRIPTION}/resources?${VERSION}`;
  assert.deepEqual(await namesIn(arm, all), ['edge1', 'edge2']);
  assert.deepEqual(await namesIn(arm, `${all}&$filter=`), ['edge1', 'edge2']);
  const ofType = "resourceType eq 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'";
  const tagged = `${ofType} and tagName eq 'env' and tagValue eq 'prod'`;
  assert.deepEqual(await namesIn(arm, `${all}&$filter=${encodeURIComponent(tagged)}`), ['edge2']);
  const first = await arm.get(`${GROUP}/resources?${VERSION}&$top=1&$expand=createdTime`);
  const [entry] = first.value as JsonObject[];
  assert.equal(entry?.name, 'edge1');
  assert.equal(entry.createdTime, '2026-03-02T09:00:00.000Z');
  assert.deepEqual(await namesIn(arm, first.nextLink as string), ['edge2']);
});

test('refuses an invalid filter and an unknown group', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.refused('get', `${GROUP}/resources?${VERSION}&$filter=moon%20gt%201`, 400);
  await arm.refused('get', `${GROUP}x/resources?${VERSION}`, 404);
});
