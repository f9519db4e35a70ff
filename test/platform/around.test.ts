/** What clients ask ARM for around a provider: a template of a group, several requests in one, lists of what is not simulated. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { activeDeviceForClouds, CLOUD_SHARE, PASSWORD, SCHEDULE } from '../support/bodies.ts';
import { startListening } from '../support/listening.ts';
import { startService } from '../support/service.ts';
import { startRequiring } from '../support/sign-in.ts';

const PLATFORM = 'api-version=2021-04-01';

describe('issue 9, 8: a group is exported as a template', () => {
  test('that deploys again, with secrets as parameters', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', `${DEVICE}/shares/cameras`, CLOUD_SHARE);
    await arm.done('put', `${DEVICE}/bandwidthSchedules/nights`, SCHEDULE);
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const before = await arm.get(`${DEVICE}/shares/cameras`);
    const { template } = (await arm.post(`${GROUP}/exportTemplate?${PLATFORM}`, {
      resources: ['*'],
    })) as { template: JsonObject };
    const text = JSON.stringify(template);
    assert.ok(!text.includes(PASSWORD) && !text.includes('sealed'), text);
    const parameters = template.parameters as Record<string, { type: string }>;
    const secrets = Object.keys(parameters).filter(
      (name) => parameters[name]?.type === 'SecureString',
    );
    assert.deepEqual(secrets.toSorted(), ['edge1_anna_encryptedPassword', 'edge1_sac1_accountKey']);
    const types = (template.resources as JsonObject[]).map(({ type }) => type);
    assert.equal(types.length, 6, text);
    const deployment = `${GROUP}/providers/Microsoft.Resources/deployments/again?${PLATFORM}`;
    const values = Object.fromEntries(secrets.map((name) => [name, { value: 'Another-Passw0rd' }]));
    await arm.put(
      deployment,
      { properties: { mode: 'Incremental', template, parameters: values } },
      201,
    );
    await arm.advance(minutes(60));
    const ended = propertiesOf(await arm.get(deployment));
    assert.equal(ended.provisioningState, 'Succeeded', JSON.stringify(ended.error));
    assert.deepEqual(await arm.get(`${DEVICE}/shares/cameras`), before);
  });

  test('in part, where ids are named; not of a group that is not there', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.device({}, DEVICE.replace('edge1', 'edge2'));
    const url = `${GROUP}/exportTemplate?${PLATFORM}`;
    const { template } = (await arm.post(url, { resources: [DEVICE] })) as { template: JsonObject };
    assert.equal((template.resources as JsonObject[]).length, 1);
    await arm.refused('post', url, 400, { resources: 'all' });
    await arm.refused('post', `${GROUP}x/exportTemplate?${PLATFORM}`, 404, { resources: ['*'] });
  });
});

describe('issue 9, 9: a batch', () => {
  const BATCH = '/batch?api-version=2020-06-01';

  test('carries out each request with a status of its own', async (t) => {
    const arm = await startListening(t);
    const { responses } = (await arm.post(BATCH, {
      requests: [
        {
          name: 'a',
          httpMethod: 'PUT',
          url: `${GROUP}?${PLATFORM}`,
          content: { location: 'eastus' },
        },
        { name: 'b', httpMethod: 'GET', relativeUrl: `${GROUP}?${PLATFORM}` },
        {
          name: 'c',
          httpMethod: 'GET',
          url: `https://management.azure.com${DEVICE}?api-version=2023-12-01`,
        },
        { httpMethod: 'HEAD', url: `${GROUP}?${PLATFORM}` },
      ],
    })) as { responses: JsonObject[] };
    assert.deepEqual(
      responses.map(({ name, httpStatusCode }) => [name, httpStatusCode]),
      [
        ['a', 201],
        ['b', 200],
        ['c', 404],
        [undefined, 204],
      ],
    );
    assert.equal((responses[1]!.content as JsonObject).location, 'eastus');
    assert.match(JSON.stringify(responses[2]), /"code":"ResourceNotFound"/);
  });

  test('is refused where it is none: too many, a batch in a batch, another method', async (t) => {
    const arm = await startService(t);
    const one = { httpMethod: 'GET', url: `${GROUP}?${PLATFORM}` };
    for (const requests of [
      [],
      Array.from({ length: 21 }, () => one),
      [{ ...one, url: BATCH }],
      [{ ...one, httpMethod: 'TRACE' }],
      'all',
    ]) {
      const { code } = await arm.refused('post', BATCH, 400, { requests });
      assert.equal(code, 'InvalidRequestContent');
    }
    await arm.refused('post', '/batch', 400, { requests: [one] }).catch(() => undefined);
  });

  test('may do no more than its caller', async (t) => {
    const { anonymous, reader } = await startRequiring(t);
    const requests = [
      { httpMethod: 'PUT', url: `${GROUP}?${PLATFORM}`, content: { location: 'eastus' } },
    ];
    await anonymous.refused('post', BATCH, 401, { requests });
    const { responses } = (await reader.post(BATCH, { requests })) as { responses: JsonObject[] };
    assert.equal(responses[0]!.httpStatusCode, 403);
  });
});

test('issue 9, 11: what clients read before a write is an empty list; what is not simulated is said so', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const subscription = `/subscriptions/${SUBSCRIPTION}`;
  for (const scope of [subscription, GROUP, DEVICE, `${DEVICE}/roles/k8s`]) {
    for (const type of [
      'policyAssignments',
      'denyAssignments',
      'roleEligibilityScheduleInstances',
    ]) {
      const url = `${scope}/providers/Microsoft.Authorization/${type}?api-version=2022-06-01`;
      assert.deepEqual(await arm.get(url), { value: [] }, url);
    }
  }
  const features = `${subscription}/providers/Microsoft.Features/features?api-version=2021-07-01`;
  assert.deepEqual(await arm.get(features), { value: [] });
  const write = await arm.refused(
    'put',
    `${GROUP}/providers/Microsoft.Authorization/policyAssignments/p?${PLATFORM}`,
    404,
    {},
  );
  assert.match(
    write.message,
    /'policyAssignments' of the namespace 'Microsoft.Authorization' is not simulated/,
  );
});

test('issue 9, 12: an extension of a device that is not there is answered by its namespace', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const known = await arm.refused(
    'get',
    `${DEVICE}/providers/Microsoft.Insights/autoscaleSettings?${PLATFORM}`,
    404,
  );
  assert.deepEqual(
    [known.code, /not simulated/.test(known.message)],
    ['InvalidResourceType', true],
  );
  const unknown = await arm.refused(
    'get',
    `${DEVICE}/providers/Microsoft.Nothing/x/y?${PLATFORM}`,
    404,
  );
  assert.equal(unknown.code, 'InvalidResourceNamespace');
  const settings = `${DEVICE}/providers/Microsoft.Insights/diagnosticSettings?${PLATFORM}`;
  assert.deepEqual(await arm.get(settings), { value: [] });
});
