import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, SUBSCRIPTION, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `/subscriptions/${SUBSCRIPTION}?api-version=2022-12-01`;
const ALL = '/subscriptions?api-version=2022-12-01';
const OTHER = SUBSCRIPTION.replace('4385', '5385');
/** What an open world begins with. */
const FIRST = '11111111-1111-4111-8111-111111111111';

const idsIn = (list: JsonObject): string[] =>
  (list.value as { subscriptionId: string }[]).map(({ subscriptionId }) => subscriptionId);

describe('an open world', () => {
  test('any GUID is a subscription, which exists from its first use on', async (t) => {
    const arm = await startService(t);
    assert.deepEqual(idsIn(await arm.get(ALL)), [FIRST]);
    const shown = await arm.get(URL.toUpperCase().replace('API-VERSION', 'api-version'));
    assert.equal(shown.subscriptionId, SUBSCRIPTION);
    assert.equal(shown.id, `/subscriptions/${SUBSCRIPTION}`);
    assert.equal(shown.state, 'Enabled');
    assert.match(textOf(shown.tenantId), /^[0-9a-f-]{36}$/);
    const [, second] = (await arm.get(ALL)).value as JsonObject[];
    assert.deepEqual(second, shown);
    await arm.device({}, DEVICE.replace(SUBSCRIPTION, OTHER));
    assert.deepEqual(idsIn(await arm.get(ALL)).sort(), [FIRST, SUBSCRIPTION, OTHER].sort());
  });

  test('a subscription id must be a GUID', async (t) => {
    const arm = await startService(t);
    for (const id of ['mine', `${SUBSCRIPTION}0`, '4385cf00']) {
      const { code } = await arm.refused('get', `/subscriptions/${id}`, 400);
      assert.equal(code, 'InvalidSubscriptionId', id);
      const device = DEVICE.replace(SUBSCRIPTION, id);
      assert.equal((await arm.refused('get', device, 400)).code, 'InvalidSubscriptionId');
    }
    assert.deepEqual(idsIn(await arm.get(ALL)), [FIRST]);
  });

  test('after a reset the first exists again, others from their next use on, at any door', async (t) => {
    const arm = await startService(t);
    await arm.get(URL);
    await arm.device();
    await arm.post('/_edgetwin/reset');
    assert.deepEqual(idsIn(await arm.get(ALL)), [FIRST]);
    await arm.get(URL);
    assert.deepEqual(idsIn(await arm.get(ALL)), [FIRST, SUBSCRIPTION]);
    await arm.post('/_edgetwin/reset');
    await arm.device();
    assert.deepEqual(idsIn(await arm.get(ALL)), [FIRST, SUBSCRIPTION]);
  });
});

test('subscriptions are listed in pages', async (t) => {
  const ids = [1, 2, 3].map((number) => SUBSCRIPTION.replace('4385', `${number}385`));
  const arm = await startService(t, { EDGETWIN_SUBSCRIPTIONS: `listed:${ids.join(',')}` });
  const first = await arm.get(`${ALL}&$top=2`);
  assert.deepEqual(idsIn(first), ids.slice(0, 2));
  assert.deepEqual(idsIn({ value: await arm.all(`${ALL}&$top=2`) }), ids);
});

describe('a listed world', () => {
  test('has only those that are listed or added over control', async (t) => {
    const arm = await startService(t, { EDGETWIN_SUBSCRIPTIONS: `listed:${SUBSCRIPTION}` });
    assert.deepEqual(idsIn(await arm.get(ALL)), [SUBSCRIPTION]);
    await arm.device();
    const device = DEVICE.replace(SUBSCRIPTION, OTHER);
    const { code } = await arm.refused('get', device, 404);
    assert.equal(code, 'SubscriptionNotFound');
    await arm.refused('get', `/subscriptions/${OTHER}`, 404);
    await arm.put(`/_edgetwin/subscriptions/${OTHER.toUpperCase()}`, {});
    await arm.device({}, device);
    await arm.refused('put', '/_edgetwin/subscriptions/mine', 400, {});
  });

  test('a reset removes those that were added over control', async (t) => {
    const arm = await startService(t, { EDGETWIN_SUBSCRIPTIONS: `listed:${SUBSCRIPTION}` });
    await arm.put(`/_edgetwin/subscriptions/${OTHER}`, {});
    await arm.get(`/subscriptions/${OTHER}`);
    await arm.get(`/subscriptions/${OTHER}/resourceGroups`);
    await arm.post('/_edgetwin/reset');
    await arm.get(URL);
    assert.equal(
      (await arm.refused('get', `/subscriptions/${OTHER}`, 404)).code,
      'SubscriptionNotFound',
    );
    await arm.refused('get', DEVICE.replace(SUBSCRIPTION, OTHER), 404);
  });
});

describe('providers', () => {
  const providers = `/subscriptions/${SUBSCRIPTION}/providers`;

  test('are registered, with their types, locations and versions, newest first', async (t) => {
    const arm = await startService(t);
    const { value } = await arm.get(providers);
    const all = value as { namespace: string }[];
    assert.deepEqual(
      all.map(({ namespace }) => namespace),
      ['Microsoft.DataBoxEdge', 'Microsoft.Kubernetes'],
    );
    const one = await arm.get(`${providers}/microsoft.databoxedge`);
    assert.deepEqual(all[0], one);
    assert.equal(one.registrationState, 'Registered');
    const types = one.resourceTypes as {
      resourceType: string;
      locations: string[];
      apiVersions: string[];
    }[];
    const device = types.find(({ resourceType }) => resourceType === 'dataBoxEdgeDevices');
    assert.ok(device?.locations.includes('East US'));
    assert.equal(device?.apiVersions[0], '2023-12-01');
    assert.ok(types.some(({ resourceType }) => resourceType === 'dataBoxEdgeDevices/roles/addons'));
  });

  test('register answers 200 with the provider at once; an unknown namespace is refused', async (t) => {
    const arm = await startService(t);
    const registered = await arm.post(`${providers}/Microsoft.DataBoxEdge/register`);
    assert.equal(registered.registrationState, 'Registered');
    const { code } = await arm.refused('get', `${providers}/Microsoft.Nothing`, 404);
    assert.equal(code, 'InvalidResourceNamespace');
    await arm.refused('post', `${providers}/Microsoft.Nothing/register`, 404);
  });
});
