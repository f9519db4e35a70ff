import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { operationsOf } from '#arm/operations-list.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { JsonObject } from '#shared/json.ts';
import { definitions } from '#resources/index.ts';
import { textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = '/providers/Microsoft.DataBoxEdge/operations';

describe('GET of the operations', () => {
  test('everything that may be done, each once, by the names that access is asked for', async (t) => {
    const arm = await startService(t);
    const value = (await arm.get(URL)).value as JsonObject[];
    const names = value.map((operation) => textOf(operation.name));
    assert.equal(new Set(names).size, names.length);
    for (const name of [
      'register/action',
      'dataBoxEdgeDevices/read',
      'dataBoxEdgeDevices/write',
      'dataBoxEdgeDevices/delete',
      'dataBoxEdgeDevices/shares/refresh/action',
      'dataBoxEdgeDevices/securitySettings/update/action',
      'dataBoxEdgeDevices/securitySettings/operationResults/read',
      'dataBoxEdgeDevices/deviceCapacityCheck/operationResults/read',
      'dataBoxEdgeDevices/orders/listDCAccessCode/action',
      'dataBoxEdgeDevices/roles/addons/operationResults/read',
      'dataBoxEdgeDevices/providers/Microsoft.Insights/metricDefinitions/read',
      'availableSkus/read',
    ]) {
      assert.ok(names.includes(`Microsoft.DataBoxEdge/${name}`), name);
    }
    assert.ok(names.every((name) => name.startsWith('Microsoft.DataBoxEdge/')));
    const schedules = value.find(({ name }) => textOf(name).endsWith('bandwidthSchedules/read'))!;
    assert.deepEqual(schedules, {
      name: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules/read',
      isDataAction: false,
      display: {
        provider: 'Microsoft.DataBoxEdge',
        resource: 'bandwidth schedules',
        operation: 'List bandwidth schedules',
        description: 'Lists or gets the bandwidth schedules',
      },
      origin: 'user',
    });
  });

  test('the metrics of the example hang on one entry [S]', async (t) => {
    const arm = await startService(t);
    const value = (await arm.get(URL)).value as JsonObject[];
    const [metrics, ...others] = value.filter((operation) => operation.properties !== undefined);
    assert.equal(others.length, 0);
    const { serviceSpecification } = metrics!.properties as JsonObject;
    const { metricSpecifications } = serviceSpecification as { metricSpecifications: object[] };
    assert.equal(metricSpecifications.length, 10);
  });

  test('without a subscription, in every version; isDataAction came in 2020', async (t) => {
    const arm = await startService(t);
    for (const version of [...DATA_BOX_EDGE_VERSIONS.versions, '2019-03-01']) {
      const { value } = await arm.get(`${URL}?api-version=${version}`);
      const [first] = value as JsonObject[];
      assert.equal('isDataAction' in first!, version !== '2019-08-01', version);
    }
    const unknown = await arm.refused('get', `${URL}?api-version=2018-01-01`, 404);
    assert.equal(unknown.code, 'InvalidResourceType');
    await arm.refused('get', '/providers/Microsoft.Nobody/operations', 404);
  });

  test('each namespace has its own', () => {
    const own = operationsOf(definitions, 'Microsoft.Kubernetes', '2024-01-01');
    assert.ok(own.some(({ name }) => name === 'Microsoft.Kubernetes/connectedClusters/read'));
    assert.ok(own.every(({ name }) => textOf(name).startsWith('Microsoft.Kubernetes/')));
  });
});
