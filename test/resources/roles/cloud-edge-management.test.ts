import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, KUBERNETES_ROLE, propertiesOf, SUBSCRIPTION } from '../../support/arm-client.ts';
import { changed, IOT_ROLE } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const LIST = `${DEVICE}/roles`;
const URL = `${LIST}/CloudEdgeManagementRole`;

const namesIn = (list: JsonObject): string[] =>
  (list.value as { name: string }[]).map(({ name }) => name);

describe('the role that an activated device has by itself [rec]', () => {
  test('is there from activation on, in the list and by name in any casing', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(LIST), { value: [] });
    await arm.refused('get', URL, 404);
    await arm.activeDevice();
    const shown = await arm.get(URL);
    const { edgeProfile, ...rest } = propertiesOf(shown);
    const { subscription } = edgeProfile as { subscription: JsonObject };
    assert.deepEqual(rest, { localManagementStatus: 'Enabled', roleStatus: 'Enabled' });
    assert.deepEqual(
      [subscription.state, subscription.subscriptionId],
      ['Registered', SUBSCRIPTION],
    );
    assert.deepEqual(
      [shown.kind, shown.id, shown.name, shown.type],
      [
        'CloudEdgeManagement',
        URL,
        'CloudEdgeManagementRole',
        'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles',
      ],
    );
    assert.deepEqual(await arm.get(LIST), { value: [shown] });
    assert.deepEqual(await arm.get(URL.toLowerCase()), shown);
  });

  test('stands among the others in the order of names, one a page', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${LIST}/aiot`, IOT_ROLE);
    await arm.done('put', `${LIST}/k8s`, KUBERNETES_ROLE);
    const all = ['aiot', 'CloudEdgeManagementRole', 'k8s'];
    assert.deepEqual(namesIn(await arm.get(LIST)), all);
    const paged: string[] = [];
    let url: string | undefined = `${LIST}?$top=1`;
    while (url !== undefined) {
      const page = await arm.get(url);
      paged.push(...namesIn(page));
      url = page.nextLink as string | undefined;
    }
    assert.deepEqual(paged, all);
  });

  test('is not known to 2019-08-01', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    assert.deepEqual(await arm.get(`${LIST}?api-version=2019-08-01`), { value: [] });
    await arm.refused('get', `${URL}?api-version=2019-08-01`, 404);
  });

  test('can be switched off by a PUT, and put back as it was shown', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
    await arm.done(
      'put',
      URL,
      changed(before as { properties: object }, { roleStatus: 'Disabled' }),
    );
    assert.equal(propertiesOf(await arm.get(URL)).roleStatus, 'Disabled');
    assert.deepEqual(namesIn(await arm.get(LIST)), ['CloudEdgeManagementRole']);
  });

  test('is never deleted, and is the only one of its kind [ours]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { code } = await arm.refused('delete', URL, 409);
    assert.equal(code, 'GatewayUserErrorEntityBuiltIn');
    const body = { kind: 'CloudEdgeManagement', properties: { roleStatus: 'Enabled' } };
    await arm.done('put', URL, body);
    await arm.refused('delete', URL, 409);
    const second = await arm.refused('put', `${LIST}/second`, 400, body);
    assert.equal(second.code, 'GatewayUserErrorEntityAlreadyExists');
    const other = await arm.refused('put', URL, 400, KUBERNETES_ROLE);
    assert.equal(other.target, 'kind');
  });

  test('goes with everything else when the device is reset', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('delete', DEVICE);
    await arm.device();
    assert.deepEqual(await arm.get(LIST), { value: [] });
  });
});

test('what is below the role is found although nobody put the role', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  assert.deepEqual(await arm.get(`${URL}/addons`), { value: [] });
  const { code } = await arm.refused('get', `${LIST}/nobody/addons`, 404);
  assert.equal(code, 'ParentResourceNotFound');
});
