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

test('filters by every field, in every form, with quotes and spaces in the text', async (t) => {
  const arm = await startService(t);
  await arm.device({ tags: { env: 'test and more', "o'clock": 'x' } });
  await arm.device(
    { tags: { env: 'prod', stage: 'test and more' } },
    DEVICE.replace('edge1', 'edge2'),
  );
  await arm.device({ location: 'westeurope', tags: {} }, DEVICE.replace('edge1', 'edge3'));
  const namesWhere = async (filter: string): Promise<string[]> =>
    await namesIn(arm, `${GROUP}/resources?${VERSION}&$filter=${encodeURIComponent(filter)}`);
  assert.deepEqual(await namesWhere("tagValue eq 'test and more'"), ['edge1', 'edge2']);
  const pair = "tagName eq 'env' AND tagvalue eq 'TEST and more'";
  assert.deepEqual(await namesWhere(pair), ['edge1']);
  assert.deepEqual(await namesWhere("tagName eq 'o''clock'"), ['edge1']);
  assert.deepEqual(await namesWhere("tagName ne 'env'"), ['edge3']);
  assert.deepEqual(await namesWhere("substringof('DGE2', name)"), ['edge2']);
  assert.deepEqual(await namesWhere("(substringof('stag', tagName))"), ['edge2']);
  assert.deepEqual(await namesWhere("location eq 'West Europe'"), ['edge3']);
  assert.deepEqual(await namesWhere("location ne 'westeurope' and name ne 'edge1'"), ['edge2']);
  assert.deepEqual(await namesWhere("resourceGroup eq 'other'"), []);
  assert.deepEqual(await namesWhere("sku eq 'edgep_base'"), ['edge1', 'edge2', 'edge3']);
  for (const [filter, part] of [
    ["name eq 'a' and moon gt 1", 'moon gt 1'],
    ["name eq 'a' or name eq 'b'", "name eq 'a' or name eq 'b'"],
    ["(name eq 'a'", "(name eq 'a'"],
    ["name eq 'a' and ", ''],
  ] as const) {
    const url = `${GROUP}/resources?${VERSION}&$filter=${encodeURIComponent(filter)}`;
    const { message } = await arm.refused('get', url, 400);
    assert.ok(message.includes(`cannot be read at '${part}'`), message);
  }
});
