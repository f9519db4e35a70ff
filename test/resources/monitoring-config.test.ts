import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import { DEVICE, pollUrl, propertiesOf } from '../support/arm-client.ts';
import { IOT_ROLE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const ROLE = `${DEVICE}/roles/iot`;
const LIST = `${ROLE}/monitoringConfig`;
const URL = `${LIST}/default`;

const CONFIGURATION = {
  resourceId: DEVICE,
  mdmAccount: 'account',
  metricNameSpace: 'space',
  counterSets: [
    {
      counters: [
        {
          name: 'cpu',
          instance: '_Total',
          dimensionFilter: [{ sourceType: 'node', sourceName: 'name' }],
        },
      ],
    },
  ],
};
const of = (...metricConfigurations: Json[]) => ({ properties: { metricConfigurations } });
const CONFIG = of(CONFIGURATION);

describe('create and read back', () => {
  test('unseen until it is done, then as sent, alone in its list', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    assert.deepEqual(await arm.get(LIST), { value: [] });
    const accepted = await arm.accepted('put', URL, CONFIG);
    assert.match(pollUrl(accepted), new RegExp(`${URL}/operationResults/[0-9a-f-]{36}`));
    await arm.refused('get', URL, 404);
    await arm.advance(minutes(1));
    const shown = {
      ...CONFIG,
      id: URL,
      name: 'default',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/monitoringConfig',
    };
    assert.deepEqual(await arm.get(URL), shown);
    assert.deepEqual(await arm.get(LIST), { value: [shown] });
  });

  test('for the role that nobody put, too', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const url = URL.replace('iot', 'CloudEdgeManagementRole');
    await arm.done('put', url, CONFIG);
    assert.deepEqual((await arm.get(url)).properties, CONFIG.properties);
  });

  test('came with 2020-09-01', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    await arm.get(`${LIST}?api-version=2020-09-01`);
    await arm.refused('get', `${LIST}?api-version=2019-08-01`, 404);
  });
});

describe('refuse', () => {
  test('what is required, wherever it is missing; an account without its namespace', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    const bare = of({ counterSets: [{ counters: [{ dimensionFilter: [{ sourceType: 'x' }] }] }] });
    const { details } = await arm.refused('put', URL, 400, bare);
    const counter = 'properties.metricConfigurations[0].counterSets[0].counters[0]';
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      `${counter}.dimensionFilter[0].sourceName`,
      `${counter}.name`,
      'properties.metricConfigurations[0].resourceId',
    ]);
    const { metricNameSpace: _left, ...nameless } = CONFIGURATION;
    const { target } = await arm.refused('put', URL, 400, of(CONFIGURATION, nameless));
    assert.equal(target, 'properties.metricConfigurations[1].metricNameSpace');
  });

  test('another name, and a role that is not there', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    await arm.refused('get', `${LIST}/other`, 404);
    const { code } = await arm.refused('put', URL.replace('iot', 'nobody'), 404, CONFIG);
    assert.equal(code, 'ParentResourceNotFound');
  });
});

describe('change and remove', () => {
  test('a GET’s body can be put back; it goes by itself, and with its role', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, IOT_ROLE);
    await arm.done('put', URL, CONFIG);
    await arm.done('put', URL, await arm.get(URL));
    await arm.done('put', URL, of());
    assert.deepEqual(propertiesOf(await arm.get(URL)), { metricConfigurations: [] });
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('put', URL, CONFIG);
    await arm.done('delete', ROLE);
    await arm.done('put', ROLE, IOT_ROLE);
    await arm.refused('get', URL, 404);
  });
});
