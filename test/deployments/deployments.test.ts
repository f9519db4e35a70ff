import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, pathIn, propertiesOf, SUBSCRIPTION } from '../support/arm-client.ts';
import { LOCAL_SHARE, PASSWORD, SCHEDULE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';
import {
  deployed,
  deploymentUrl,
  DEVICE_TEMPLATE,
  makeGroup,
  request,
  statusUrl,
} from './templates.ts';

const PARAMETERS = { deviceName: 'edge1', password: PASSWORD };
const DEVICE_TYPE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const device = (name: string, more: JsonObject = {}): JsonObject => ({
  type: DEVICE_TYPE,
  apiVersion: '2023-12-01',
  name,
  location: 'eastus',
  sku: { name: 'EdgeP_Base' },
  ...more,
});
const schedule = (name: string, more: JsonObject = {}): JsonObject => ({
  type: `${DEVICE_TYPE}/bandwidthSchedules`,
  apiVersion: '2023-12-01',
  name,
  ...(structuredClone(SCHEDULE) as JsonObject),
  ...more,
});

describe('deploy', () => {
  test('a Bicep template: an active device with order, schedules and users', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const body = request(DEVICE_TEMPLATE, PARAMETERS);
    const response = await arm.call('put', deploymentUrl('main'), body);
    assert.equal(response.status, 201, JSON.stringify(response.body));
    const made = response.body as JsonObject;
    assert.equal(made.id, `${GROUP}/providers/Microsoft.Resources/deployments/main`);
    assert.equal(made.type, 'Microsoft.Resources/deployments');
    assert.equal(propertiesOf(made).provisioningState, 'Accepted');
    assert.match(statusUrl(response), /\/deployments\/main\/operationStatuses\/[0-9a-f-]{36}\?/);
    assert.deepEqual(await arm.get(statusUrl(response)), { status: 'Running' });

    await arm.advance(minutes(30));
    assert.deepEqual(await arm.get(statusUrl(response)), { status: 'Succeeded' });
    const done = propertiesOf(await arm.get(deploymentUrl('main')));
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
    assert.deepEqual(done.outputs, {
      deviceId: { type: 'String', value: DEVICE },
      status: { type: 'String', value: 'eastus' },
      rate: { type: 'Int', value: 100 },
      names: { type: 'Array', value: ['ANNA', 'BERT'] },
      secret: { type: 'SecureString' },
    });
    assert.deepEqual((done.parameters as JsonObject).password, { type: 'SecureString' });
    assert.deepEqual((done.parameters as JsonObject).rateMbps, { type: 'Int', value: 100 });
    assert.equal((done.outputResources as Json[]).length, 6);
    assert.equal((done.dependencies as Json[]).length, 5);

    const second = propertiesOf(await arm.get(`${DEVICE}/bandwidthSchedules/schedule2`));
    assert.equal(second.start, '12:00:00');
    assert.deepEqual(second.days, ['Sunday', 'Monday']);
    assert.deepEqual((await arm.get(DEVICE)).tags, { project: 'EDGE', device: 'edge1' });
    await arm.get(`${DEVICE}/users/bert`);
    await arm.get(`${DEVICE}/orders/default`);
  });

  test('repeated: 200, and the resources unchanged', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const body = request({ resources: [device('edge1')] });
    await deployed(arm, 'main', body);
    const again = await arm.call('put', deploymentUrl('main').toLowerCase(), body);
    assert.equal(again.status, 200);
    const lower = await arm.get(deploymentUrl('main').toLowerCase());
    assert.equal(lower.id, `${GROUP}/providers/Microsoft.Resources/deployments/main`);
    await arm.advance(minutes(5));
    const { provisioningState } = propertiesOf(await arm.get(deploymentUrl('main')));
    assert.equal(provisioningState, 'Succeeded');
  });

  test('symbolic names, existing resources, children inside their parents, references', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const done = await deployed(
      arm,
      'main',
      request({
        languageVersion: '2.0',
        resources: {
          edge: { existing: true, type: DEVICE_TYPE, apiVersion: '2023-12-01', name: 'edge1' },
          share: {
            type: `${DEVICE_TYPE}/shares`,
            apiVersion: '2023-12-01',
            name: "[format('{0}/{1}', 'edge1', 'data')]",
            ...(structuredClone(LOCAL_SHARE) as JsonObject),
            dependsOn: ['edge'],
          },
          night: schedule('edge1/night', { dependsOn: ['share'] }),
          left: schedule('edge1/left', { condition: false, dependsOn: ['night'] }),
          rates: schedule("[format('edge1/rate{0}', copyIndex())]", {
            copy: { name: 'rates', count: 2, mode: 'serial', batchSize: 1 },
            properties: {
              ...(structuredClone(SCHEDULE.properties) as JsonObject),
              days: ["[if(equals(copyIndex(), 0), 'Tuesday', 'Wednesday')]"],
              // An implicit dependency: nothing else says that `night` comes first.
              rateInMbps: "[add(reference('night').rateInMbps, copyIndex())]",
            },
          }),
        },
        outputs: {
          rates: {
            type: 'array',
            value: "[map(references('rates'), lambda('r', lambdaVariables('r').rateInMbps))]",
          },
          share: { type: 'string', value: "[resourceInfo('share').id]" },
          serial: { type: 'string', value: "[reference('edge').deviceType]" },
        },
      }),
    );
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
    assert.deepEqual(done.outputs, {
      rates: { type: 'Array', value: [100, 101] },
      share: { type: 'String', value: `${DEVICE}/shares/data` },
      serial: { type: 'String', value: 'DataBoxEdgeDevice' },
    });
    await arm.refused('get', `${DEVICE}/bandwidthSchedules/left`, 404);
  });

  test('nested deployments, with inner and with outer expressions, and their outputs', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const nested = (name: string, properties: JsonObject, more: JsonObject = {}): JsonObject => ({
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2022-09-01',
      name,
      properties: { mode: 'Incremental', ...properties },
      ...more,
    });
    const inner = {
      contentVersion: '1.0.0.0',
      parameters: { name: { type: 'string' } },
      resources: [device("[parameters('name')]")],
      outputs: { made: { type: 'string', value: "[parameters('name')]" } },
    };
    const done = await deployed(
      arm,
      'main',
      request(
        {
          parameters: { prefix: { type: 'string' } },
          resources: [
            nested('first', {
              expressionEvaluationOptions: { scope: 'inner' },
              parameters: { name: { value: "[concat(parameters('prefix'), 'one')]" } },
              template: inner,
            }),
            nested(
              'second',
              {
                template: {
                  contentVersion: '1.0.0.0',
                  resources: [device("[concat(parameters('prefix'), 'two')]")],
                },
              },
              { dependsOn: ['first'] },
            ),
            nested('third', {
              expressionEvaluationOptions: { scope: 'inner' },
              parameters: {
                name: { value: "[concat(reference('first').outputs.made.value, '3')]" },
              },
              template: inner,
            }),
          ],
          outputs: { made: { type: 'string', value: "[reference('third').outputs.made.value]" } },
        },
        { prefix: 'edge-' },
      ),
    );
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
    assert.deepEqual(done.outputs, { made: { type: 'String', value: 'edge-one3' } });
    for (const name of ['edge-one', 'edge-two', 'edge-one3']) {
      await arm.get(`${GROUP}/providers/${DEVICE_TYPE}/${name}`);
    }
    const { value } = await arm.get(deploymentUrl('', '').replace('/?', '?'));
    assert.deepEqual(
      (value as JsonObject[]).map(({ name }) => name),
      ['first', 'main', 'second', 'third'],
    );
  });

  test('at subscription scope: groups, and deployments into them', async (t) => {
    const arm = await startService(t);
    const url = deploymentUrl('sub', '', `/subscriptions/${SUBSCRIPTION}`);
    const body = request({
      resources: [
        {
          type: 'Microsoft.Resources/resourceGroups',
          apiVersion: '2021-04-01',
          name: 'made',
          location: '[deployment().location]',
        },
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2021-04-01',
          name: 'inside',
          resourceGroup: 'made',
          dependsOn: ["[subscriptionResourceId('Microsoft.Resources/resourceGroups', 'made')]"],
          properties: {
            mode: 'Incremental',
            expressionEvaluationOptions: { scope: 'inner' },
            template: {
              contentVersion: '1.0.0.0',
              resources: [device('edge1', { location: '[resourceGroup().location]' })],
            },
          },
        },
      ],
    });
    assert.equal((await arm.refused('put', url, 400, body)).code, 'LocationRequired');
    await arm.put(url, { ...body, location: 'westeurope' }, 201);
    await arm.advance(minutes(5));
    const done = propertiesOf(await arm.get(url));
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
    const made = await arm.get(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/made/providers/${DEVICE_TYPE}/edge1`,
    );
    assert.equal(made.location, 'westeurope');
  });

  test('mode Complete removes what the template does not have', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    await deployed(arm, 'both', request({ resources: [device('edge1'), device('edge2')] }));
    const body = request({ resources: [device('edge1')] });
    propertiesOf(body).mode = 'Complete';
    const asked = await arm.post(deploymentUrl('one', '/whatIf'), body);
    assert.deepEqual(
      (propertiesOf(asked).changes as JsonObject[]).map(({ changeType }) => changeType),
      ['NoChange', 'Delete'],
    );
    assert.equal((await deployed(arm, 'one', body)).provisioningState, 'Succeeded');
    await arm.get(DEVICE);
    await arm.refused('get', DEVICE.replace('edge1', 'edge2'), 404);
  });

  test('a body as az sends it: an unquoted key, comments, trailing commas', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const text = `{"properties": {"mode": "incremental", template: {
      // what az finds in the file
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0", /* and more */
      "resources": [${JSON.stringify(device('edge1'))},],
    }, "parameters": {}}}`;
    for (const [url, status] of [
      [deploymentUrl('main', '/validate'), 200],
      [deploymentUrl('main'), 201],
    ] as const) {
      const response = await arm.sent(status === 200 ? 'post' : 'put', url, text);
      assert.equal(response.status, status, JSON.stringify(response.body));
    }
    await arm.advance(minutes(5));
    await arm.get(DEVICE);
    for (const wrong of ['{"a": }', '{"__proto__": {}}', '['.repeat(200_000), '{"a": NaN}']) {
      const response = await arm.sent('put', deploymentUrl('main'), wrong);
      assert.equal(response.status, 400, wrong.slice(0, 20));
      assert.equal(
        (response.body as { error: { code: string } }).error.code,
        'InvalidRequestContent',
      );
    }
  });
});

describe('read back', () => {
  test('whether it exists, its operations, its template without secrets', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    assert.equal((await arm.call('head', deploymentUrl('main'))).status, 404);
    const body = request(
      {
        ...DEVICE_TEMPLATE,
        parameters: {
          ...(DEVICE_TEMPLATE.parameters as JsonObject),
          password: { type: 'secureString', defaultValue: PASSWORD },
        },
      },
      { deviceName: 'edge1' },
    );
    await deployed(arm, 'main', body);
    assert.equal((await arm.call('head', deploymentUrl('main'))).status, 204);
    const { value } = await arm.get(deploymentUrl('main', '/operations'));
    const operations = value as JsonObject[];
    assert.equal(operations.length, 6);
    const [first] = operations;
    assert.deepEqual(propertiesOf(first ?? {}).targetResource, {
      id: DEVICE,
      resourceType: DEVICE_TYPE,
      resourceName: 'edge1',
    });
    const url = `${pathIn(first?.id as string)}?api-version=2021-04-01`;
    assert.deepEqual(await arm.get(url), first);
    const old = `${GROUP}/deployments/main/operations?api-version=2021-04-01`;
    assert.deepEqual(await arm.get(old), { value });
    await arm.refused('get', url.replace(/operations\/\w+/, 'operations/0'), 404);
    const exported = await arm.post(deploymentUrl('main', '/exportTemplate'));
    const { parameters, resources } = exported.template as JsonObject;
    assert.deepEqual((parameters as JsonObject).password, { type: 'secureString' });
    assert.deepEqual(resources, DEVICE_TEMPLATE.resources);
    for (const answer of [exported, await arm.get(deploymentUrl('main')), operations]) {
      assert.ok(!JSON.stringify(answer).includes(PASSWORD));
    }
  });
});

test('the history is listed in pages, by state; so are the operations of one', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  const schedules = ['a', 'b', 'c'].map((name) => schedule(`edge1/${name}`));
  await deployed(arm, 'one', request({ resources: schedules }));
  await deployed(arm, 'two', request({ resources: [schedule('edge9/x')] }));
  await deployed(arm, 'tri', request({ resources: [] }));
  await arm.call('put', deploymentUrl('run'), request({ resources: [schedule('edge1/d')] }));
  const history = deploymentUrl('').replace('/?', '?');
  const names = async (filter: string): Promise<unknown[]> => {
    const query = `&$top=1&$filter=${encodeURIComponent(filter)}`;
    return (await arm.all(history + query)).map(({ name }) => name);
  };
  assert.deepEqual(await names(''), ['one', 'run', 'tri', 'two']);
  assert.deepEqual(await names("provisioningState eq 'succeeded'"), ['one', 'tri']);
  assert.deepEqual(await names("provisioningState eq 'Failed'"), ['two']);
  await arm.call('post', deploymentUrl('run', '/cancel'));
  assert.deepEqual(await names("provisioningState eq 'Canceled'"), ['run']);
  assert.deepEqual(await names("provisioningState eq 'Running'"), []);
  const list = deploymentUrl('one', '/operations');
  const all = (await arm.get(list)).value as JsonObject[];
  assert.equal(all.length, 3);
  assert.deepEqual(await arm.all(`${list}&$top=2`), all);
  for (const filter of ["provisioningState eq 'Odd'", "name eq 'one'"]) {
    const url = `${history}&$filter=${encodeURIComponent(filter)}`;
    assert.equal((await arm.refused('get', url, 400)).code, 'InvalidQueryParameter', filter);
  }
});

describe('remove', () => {
  test('from the history, not while it runs; and with its group', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const body = request({ resources: [schedule('edge1/night')] });
    const response = await arm.call('put', deploymentUrl('main'), body);
    const active = await arm.refused('delete', deploymentUrl('main'), 409);
    assert.equal(active.code, 'DeploymentActiveAndUneditable');
    const again = await arm.refused('put', deploymentUrl('main'), 409, body);
    assert.equal(again.code, 'DeploymentActiveAndUneditable');
    await arm.advance(minutes(5));
    assert.equal((await arm.call('delete', deploymentUrl('main'))).status, 204);
    assert.equal((await arm.call('delete', deploymentUrl('main'))).status, 204);
    await arm.refused('get', deploymentUrl('main'), 404);
    assert.deepEqual(await arm.get(statusUrl(response)), { status: 'Succeeded' });
    await arm.get(`${DEVICE}/bandwidthSchedules/night`);

    await deployed(arm, 'main', body);
    await arm.accepted('delete', `${GROUP}?api-version=2021-04-01`);
    await arm.advance(minutes(60));
    await makeGroup(arm);
    await arm.refused('get', deploymentUrl('main'), 404);
  });
});

describe('cancel', () => {
  test('204: no more resources are started; a deployment that is not running cannot be canceled', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const body = request({
      resources: [
        schedule('edge1/first'),
        schedule('edge1/second', { dependsOn: ['edge1/first'] }),
      ],
    });
    const response = await arm.call('put', deploymentUrl('main'), body);
    await arm.advance(seconds(1));
    assert.equal((await arm.call('post', deploymentUrl('main', '/cancel'))).status, 204);
    await arm.advance(minutes(10));
    const { provisioningState, error } = propertiesOf(await arm.get(deploymentUrl('main')));
    assert.equal(provisioningState, 'Canceled');
    assert.equal((error as JsonObject).code, 'DeploymentCanceled');
    assert.equal((await arm.get(statusUrl(response))).status, 'Canceled');
    await arm.get(`${DEVICE}/bandwidthSchedules/first`);
    await arm.refused('get', `${DEVICE}/bandwidthSchedules/second`, 404);
    const refused = await arm.refused('post', deploymentUrl('main', '/cancel'), 409);
    assert.equal(refused.code, 'DeploymentCannotBeCancelled');
    assert.equal((await deployed(arm, 'main', body)).provisioningState, 'Succeeded');
  });
});

describe('findings of public templates', () => {
  test('B3: role assignments and locks are deployed as over REST', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
    const resources = [
      {
        type: 'Microsoft.Authorization/roleAssignments',
        apiVersion: '2022-04-01',
        name: "[guid(resourceGroup().id, 'reader')]",
        properties: {
          roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${reader}')]`,
          principalId: '22222222-2222-4222-8222-222222222222',
        },
      },
      {
        type: 'Microsoft.Authorization/locks',
        apiVersion: '2016-09-01',
        name: 'keep',
        properties: { level: 'CanNotDelete' },
      },
    ];
    const ended = await deployed(arm, 'access', request({ resources }));
    assert.equal(ended.provisioningState, 'Succeeded', JSON.stringify(ended.error));
  });

  test('B14: what-if right after a deployment with a share says that nothing changes', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const share = {
      type: `${DEVICE_TYPE}/shares`,
      apiVersion: '2023-12-01',
      name: 'edge1/data',
      ...(structuredClone(LOCAL_SHARE) as JsonObject),
    };
    const body = request({ resources: [share] });
    await deployed(arm, 'share', body);
    const answer = await arm.call('post', deploymentUrl('share', '/whatIf'), body);
    await arm.advance(minutes(1));
    const result = await arm.call(
      'get',
      pathIn((answer.headers as { location?: string }).location ?? ''),
    );
    const text = JSON.stringify(answer.status === 200 ? answer.body : result.body);
    assert.match(text, /"changeType":"NoChange"/);
    assert.doesNotMatch(text, /monitoringStatus.*"changeType":"Modify"/);
  });
});
