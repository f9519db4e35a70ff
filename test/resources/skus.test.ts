import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/skus?api-version=2019-08-01`;

const filtered = (text: string): string => `${URL}&$filter=${encodeURIComponent(text)}`;

describe('read back', () => {
  test('one entry for each SKU and region [rec]', async (t) => {
    const arm = await startService(t);
    const skus = (await arm.get(URL)).value as JsonObject[];
    assert.equal(skus.length, 29 * 7);
    assert.deepEqual(skus[0], {
      resourceType: 'dataBoxEdgeDevices',
      name: 'Gateway',
      locations: ['eastus'],
      locationInfo: [{ location: 'eastus', zones: [], zoneDetails: [] }],
      restrictions: [],
    });
    const [edge] = skus.filter((sku) => sku.name === 'Edge');
    const [restriction] = edge!.restrictions as JsonObject[];
    assert.equal(restriction!.reasonCode, 'NotAvailableForSubscription');
  });

  test('of one region, however it is written', async (t) => {
    const arm = await startService(t);
    for (const text of ["location eq 'West US'", 'location eq westus', "LOCATION EQ 'WestUS'"]) {
      const skus = (await arm.get(filtered(text))).value as JsonObject[];
      assert.equal(skus.length, 29, text);
      assert.ok(skus.every((sku) => (sku.locations as string[])[0] === 'westus'));
    }
    assert.deepEqual(await arm.get(filtered('location eq mars')), { value: [] });
    assert.equal(((await arm.get(filtered(''))).value as JsonObject[]).length, 29 * 7);
  });
});

describe('refuse', () => {
  test('any other filter, and any later version', async (t) => {
    const arm = await startService(t);
    const { code } = await arm.refused('get', filtered('name eq Gateway'), 400);
    assert.equal(code, 'InvalidQueryParameter');
    const later = URL.replace('2019-08-01', '2020-09-01');
    assert.equal((await arm.refused('get', later, 404)).code, 'InvalidResourceType');
  });
});
