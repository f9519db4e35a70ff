import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/availableSkus`;

describe('read back', () => {
  test('every SKU once; the example’s is as it shows it, in more regions [S]', async (t) => {
    const arm = await startService(t);
    const skus = (await arm.get(URL)).value as JsonObject[];
    assert.equal(skus.length, 29);
    assert.equal(new Set(skus.map((sku) => sku.name)).size, 29);
    const { locations, locationInfo, ...gateway } = skus.find((sku) => sku.name === 'Gateway')!;
    assert.deepEqual(gateway, {
      resourceType: 'dataBoxEdgeDevices',
      name: 'Gateway',
      availability: 'Available',
      tier: 'Standard',
      kind: 'AzureDataBoxGateway',
      version: 'Stable',
      signupOption: 'Available',
      shipmentTypes: ['NotApplicable'],
      costs: [],
      capabilities: [],
    });
    assert.ok((locations as string[]).includes('West US'));
    assert.ok((locationInfo as JsonObject[]).some((info) => info.location === 'West US'));
    const edge = skus.find((sku) => sku.name === 'Edge')!;
    assert.deepEqual([edge.availability, edge.kind], ['Unavailable', 'AzureStackEdge']);
  });

  test('capabilities came with 2020-12-01', async (t) => {
    const arm = await startService(t);
    const [old] = (await arm.get(`${URL}?api-version=2020-09-01`)).value as JsonObject[];
    assert.equal(old!.capabilities, undefined);
    const [newer] = (await arm.get(`${URL}?api-version=2020-12-01`)).value as JsonObject[];
    assert.deepEqual(newer!.capabilities, []);
  });
});

describe('refuse', () => {
  test('the version before, and one alone', async (t) => {
    const arm = await startService(t);
    const { code } = await arm.refused('get', `${URL}?api-version=2019-08-01`, 404);
    assert.equal(code, 'InvalidResourceType');
    await arm.refused('get', `${URL}/Gateway`, 405);
  });
});
