import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, propertiesOf } from '../support/arm-client.ts';
import { PASSWORD, SCHEDULE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';
import {
  deployed,
  deploymentUrl,
  DEVICE_TEMPLATE,
  makeGroup,
  request,
  statusUrl,
} from './templates.ts';

const DEVICE_TYPE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const EDGE: JsonObject = {
  type: DEVICE_TYPE,
  apiVersion: '2023-12-01',
  name: 'edge1',
  location: 'eastus',
  sku: { name: 'EdgeP_Base' },
};
const schedule = (name: string, more: JsonObject = {}): JsonObject => ({
  type: `${DEVICE_TYPE}/bandwidthSchedules`,
  apiVersion: '2023-12-01',
  name: `edge1/${name}`,
  ...(structuredClone(SCHEDULE) as unknown as JsonObject),
  ...more,
});

describe('a resource that is refused', () => {
  test('fails the deployment; resources that depend on it are not started', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const body = request({
      resources: [
        EDGE,
        schedule('first', { dependsOn: ['edge1'] }),
        schedule('second', { dependsOn: ['edge1/first'] }),
      ],
    });
    const response = await arm.call('put', deploymentUrl('main'), body);
    await arm.advance(minutes(5));
    const { provisioningState, error } = propertiesOf(await arm.get(deploymentUrl('main')));
    assert.equal(provisioningState, 'Failed');
    const { code, details } = error as JsonObject;
    assert.equal(code, 'DeploymentFailed');
    assert.deepEqual(
      (details as JsonObject[]).map((detail) => [detail.code, detail.target]),
      [['GatewayUserErrorDeviceNotActivated', `${DEVICE}/bandwidthSchedules/first`]],
    );
    const polled = await arm.get(statusUrl(response));
    assert.equal(polled.status, 'Failed');
    assert.deepEqual(polled.error, error);
    const { value } = await arm.get(deploymentUrl('main', '/operations'));
    assert.deepEqual(
      (value as JsonObject[]).map((one) => propertiesOf(one).provisioningState),
      ['Succeeded', 'Failed'],
    );
    await arm.get(DEVICE);
  });

  test('in a nested deployment, which fails, and the outer one with it', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const inner = { contentVersion: '1.0.0.0', resources: [schedule('x')] };
    const done = await deployed(
      arm,
      'main',
      request({
        resources: [
          {
            type: 'Microsoft.Resources/deployments',
            apiVersion: '2021-04-01',
            name: 'inside',
            properties: { mode: 'Incremental', template: inner },
          },
        ],
      }),
    );
    assert.equal(done.provisioningState, 'Failed');
    const [detail] = (done.error as JsonObject).details as JsonObject[];
    assert.equal(detail?.code, 'DeploymentFailed');
    const [reason] = detail.details as JsonObject[];
    assert.equal(reason?.code, 'ParentResourceNotFound');
  });

  test('by a lock: the deployment fails, or is refused where the lock existed before', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const lock = `${DEVICE}/providers/Microsoft.Authorization/locks/l?api-version=2016-09-01`;
    const body = request({
      resources: [schedule('first'), schedule('second', { dependsOn: ['edge1/first'] })],
    });
    await arm.put(deploymentUrl('main'), body, 201);
    await arm.put(lock, { properties: { level: 'ReadOnly' } }, 201);
    await arm.advance(minutes(5));
    const { error } = propertiesOf(await arm.get(deploymentUrl('main')));
    const [detail] = (error as JsonObject).details as JsonObject[];
    assert.equal(detail?.code, 'ScopeLocked');
    assert.equal((await arm.refused('put', deploymentUrl('main'), 409, body)).code, 'ScopeLocked');
  });
});

describe('refuse', () => {
  const refusals: Readonly<Record<string, readonly [body: Json, says: RegExp]>> = {
    'a type that nobody simulates': [
      request({
        resources: [
          { type: 'Microsoft.Storage/storageAccounts', apiVersion: '2023-01-01', name: 'x' },
        ],
      }),
      /does not simulate the type/,
    ],
    'an unknown function': [
      request({ variables: { x: "[pickZones('a', 'b', 'c')]" } }),
      /'pickZones' is not valid/,
    ],
    'an expression that cannot be read': [
      request({ outputs: { x: { type: 'string', value: "[concat('a']" } } }),
      /Unable to parse language expression/,
    ],
    'a parameter without a value': [
      request({ parameters: { x: { type: 'string' } } }),
      /parameter 'x' is not provided/,
    ],
    'a value for no parameter': [request({}, { x: 1 }), /do not correspond to any parameters/],
    'a value of another type': [
      request({ parameters: { x: { type: 'int' } } }, { x: 'a' }),
      /Expected a value of type 'Int'/,
    ],
    'a value that is not allowed': [
      request({ parameters: { x: { type: 'string', allowedValues: ['a', 'b'] } } }, { x: 'c' }),
      /allowed value\(s\): 'a,b'/,
    ],
    'a value out of bounds': [
      request({ parameters: { x: { type: 'int', maxValue: 3 } } }, { x: 4 }),
      /must be at most '3'/,
    ],
    'a value that does not fit its definition': [
      request(
        {
          definitions: { pair: { type: 'object', properties: { a: { type: 'int' } } } },
          parameters: { x: { $ref: '#/definitions/pair' } },
        },
        { x: {} },
      ),
      /has no 'a'/,
    ],
    'a dependency on nothing': [
      request({ resources: [schedule('x', { dependsOn: ['edge1'] })] }),
      /'edge1' is not defined in the template/,
    ],
    'a circle': [
      request({
        resources: [
          schedule('x', { dependsOn: ['edge1/y'] }),
          schedule('y', { dependsOn: ['edge1/x'] }),
        ],
      }),
      /Circular dependency/,
    ],
    'a variable that is made of itself': [
      request({
        variables: { a: "[variables('b')]", b: "[variables('a')]" },
        outputs: { x: { type: 'string', value: "[variables('a')]" } },
      }),
      /depends on itself/,
    ],
    'two resources of one id': [request({ resources: [EDGE, EDGE] }), /defined multiple times/],
    'a name that does not fit its type': [
      request({ resources: [{ ...EDGE, name: 'a/b' }] }),
      /incorrect segment lengths/,
    ],
    'a reference to nothing': [
      request({ outputs: { x: { type: 'object', value: "[reference('gone')]" } } }),
      /'gone', which is not defined/,
    ],
    'a loop without an end': [
      request({ resources: [{ ...EDGE, copy: { name: 'l', count: 801 } }] }),
      /copy count of 'l'/,
    ],
    imports: [request({ imports: { x: {} } }), /'imports' are not simulated/],
  };
  for (const [name, [body, says]] of Object.entries(refusals)) {
    test(`${name}, at validate and at PUT alike`, async (t) => {
      const arm = await startService(t);
      await makeGroup(arm);
      for (const [method, url] of [
        ['post', deploymentUrl('main', '/validate')],
        ['put', deploymentUrl('main')],
      ] as const) {
        const { code, message } = await arm.refused(method, url, 400, body);
        assert.equal(code, 'InvalidTemplate');
        assert.match(message, says);
      }
      await arm.refused('get', deploymentUrl('main'), 404);
    });
  }

  test('an api-version that the type does not have, with the error of its own check', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const body = request({ resources: [{ ...EDGE, apiVersion: '2018-01-01' }] });
    const { code, details } = await arm.refused('put', deploymentUrl('main'), 400, body);
    assert.equal(code, 'InvalidTemplateDeployment');
    assert.equal((details?.[0] as { code?: string }).code, 'NoRegisteredProviderFound');
  });

  test('invalid bodies, names and scopes', async (t) => {
    const arm = await startService(t);
    await arm.refused('put', deploymentUrl('main'), 404, request({}));
    await makeGroup(arm);
    for (const body of [null, [], {}, { properties: { mode: 'Some', template: {} } }] as Json[]) {
      const { code } = await arm.refused('put', deploymentUrl('main'), 400, body);
      assert.equal(code, 'InvalidRequestContent');
    }
    const linked = { properties: { mode: 'Incremental', templateLink: { uri: 'https://x' } } };
    await arm.refused('put', deploymentUrl('main'), 400, linked);
    for (const name of ['a'.repeat(65), 'a b', 'a@b']) {
      const url = deploymentUrl(encodeURIComponent(name));
      const { code } = await arm.refused('put', url, 400, request({}));
      assert.equal(code, 'InvalidDeploymentName', name);
    }
  });
});

describe('what if', () => {
  test('creations, changes and what stays; nothing is written, no secret is shown', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ tags: { project: 'EDGE', device: 'other' } });
    const body = request(DEVICE_TEMPLATE, { deviceName: 'edge1', password: PASSWORD });
    const answer = await arm.post(deploymentUrl('main', '/whatIf'), body);
    assert.equal(answer.status, 'Succeeded');
    const changes = propertiesOf(answer).changes as JsonObject[];
    const [device, order] = changes;
    assert.equal(device?.changeType, 'Modify');
    assert.deepEqual(device.delta, [
      { path: 'tags.device', propertyChangeType: 'Modify', before: 'other', after: 'edge1' },
    ]);
    assert.equal(order?.changeType, 'Create');
    assert.ok(!JSON.stringify(answer).includes(PASSWORD));
    assert.deepEqual(await arm.get(`${DEVICE}/users`), { value: [] });
    await arm.refused('get', deploymentUrl('main'), 404);

    await deployed(arm, 'main', body);
    const again = await arm.post(deploymentUrl('main', '/whatIf'), {
      properties: { ...propertiesOf(body), whatIfSettings: { resultFormat: 'ResourceIdOnly' } },
    });
    const brief = propertiesOf(again).changes as JsonObject[];
    assert.deepEqual(brief[0], { resourceId: DEVICE, changeType: 'Deploy' });
  });

  test('other resources of the group are ignored', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const other = request({ resources: [{ ...EDGE, name: 'edge2' }] });
    const answer = await arm.post(deploymentUrl('main', '/whatIf'), other);
    assert.deepEqual(
      (propertiesOf(answer).changes as JsonObject[]).map(({ changeType, resourceId }) => [
        changeType,
        resourceId,
      ]),
      [
        ['Create', `${GROUP}/providers/${DEVICE_TYPE}/edge2`],
        ['Ignore', DEVICE],
      ],
    );
  });
});

describe('a service that stops in the middle', () => {
  const BODY = request(DEVICE_TEMPLATE, { deviceName: 'edge1', password: PASSWORD });

  function folderOf(t: Pick<TestContext, 'after'>): string {
    const folder = mkdtempSync(join(tmpdir(), 'edgetwin-deployments-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  test('continues after a restart', async (t) => {
    const data = { EDGETWIN_DATA: folderOf(t) };
    const first = await startService(t, data);
    await first.activeDevice();
    await first.put(deploymentUrl('main'), BODY, 201);
    await first.advance(seconds(6));
    await first.service.close();

    const second = await startService(t, data);
    const before = propertiesOf(await second.get(deploymentUrl('main')));
    assert.equal(before.provisioningState, 'Running');
    await second.advance(minutes(30));
    const done = propertiesOf(await second.get(deploymentUrl('main')));
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
  });

  test('finds operations whose start was not stored', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.put(deploymentUrl('main'), BODY, 201);
    await arm.advance(seconds(1));
    const { database } = arm.service;
    await database.write(async (writer) => {
      const { numDeletedRows } = await writer
        .deleteFrom('deployment_operations')
        .executeTakeFirst();
      assert.ok(numDeletedRows > 0n);
    });
    await arm.advance(minutes(30));
    const done = propertiesOf(await arm.get(deploymentUrl('main')));
    assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));
  });

  test('stores nothing in clear', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    await arm.call('put', deploymentUrl('main'), BODY);
    const rows = await arm.service.database.reader.selectFrom('deployments').selectAll().execute();
    const operations = await arm.service.database.reader
      .selectFrom('operations')
      .selectAll()
      .execute();
    assert.equal(rows.length, 1);
    assert.ok(!JSON.stringify([rows, operations]).includes(PASSWORD));
  });
});

test('tried, B9: a wrong template is refused with its line and column', async (t) => {
  const arm = await startService(t);
  await arm.call('put', `${GROUP}?api-version=2021-04-01`, { location: 'eastus' });
  const url = `${GROUP}/providers/Microsoft.Resources/deployments/wrong?api-version=2021-04-01`;
  const text = `{
  "properties": {
    "mode": "Incremental",
    "template": {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.DataBoxEdge/dataBoxEdgeDevices", "apiVersion": "2023-12-01",
          "name": "edge1", "location": "[nonsense('a')]"
        }
      ]
    }
  }
}`;
  const answer = await arm.sent('put', url, text);
  assert.equal(answer.status, 400);
  assert.deepEqual((answer.body as { error: unknown }).error, {
    code: 'InvalidTemplate',
    message:
      "Deployment template validation failed: 'The template resource 'edge1' at line '8' and column '9' is not valid: " +
      "The template function 'nonsense' is not valid: it is unknown.'.",
    additionalInfo: [
      {
        type: 'TemplateViolation',
        info: { lineNumber: 8, linePosition: 9, path: 'properties.template.resources[0]' },
      },
    ],
  });
  const output = text
    .replace("[nonsense('a')]", 'eastus')
    .replace(
      '"resources": [',
      '"outputs": {"o": {"type": "string", "value": "[nonsense()]"}}, "resources": [',
    );
  const refused = await arm.sent('put', url, output);
  assert.match(
    (refused.body as { error: { message: string } }).error.message,
    /The template output 'o' at line '7' and column '24' is not valid/,
  );
});
