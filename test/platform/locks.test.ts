import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  SUBSCRIPTION,
  textOf,
} from '../support/arm-client.ts';
import { LOCAL_SHARE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const lockAt = (scope: string, name = 'l1'): string =>
  `${scope}/providers/Microsoft.Authorization/locks/${name}?api-version=2016-09-01`;
const lock = (level: string) => ({ properties: { level, notes: 'keep' } });

test('a CanNotDelete lock protects its scope and the scopes above it, and nothing else', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  await arm.done('put', `${DEVICE}/shares/loose`, LOCAL_SHARE);
  const made = await arm.put(lockAt(`${DEVICE}/shares/kept`), lock('CanNotDelete'), 201);
  assert.equal(made.type, 'Microsoft.Authorization/locks');
  for (const url of [`${DEVICE}/shares/kept`, DEVICE, `${GROUP}?api-version=2021-04-01`]) {
    const error = await arm.refused('delete', url, 409);
    assert.equal(error.code, 'ScopeLocked');
    assert.ok(error.message.includes(`${DEVICE}/shares/kept`), error.message);
  }
  await arm.done('put', `${DEVICE}/shares/kept`, LOCAL_SHARE);
  await arm.done('delete', `${DEVICE}/shares/loose`);
  assert.equal((await arm.call('delete', lockAt(`${DEVICE}/shares/kept`))).status, 200);
  await arm.done('delete', `${DEVICE}/shares/kept`, undefined, minutes(5));
});

test('a ReadOnly lock refuses writes and POSTs below it, and permits reads', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.put(lockAt(GROUP), lock('ReadOnly'), 201);
  await arm.get(DEVICE);
  assert.equal((await arm.refused('patch', DEVICE, 409, { tags: {} })).code, 'ScopeLocked');
  await arm.refused('put', `${DEVICE}/shares/s01`, 409, LOCAL_SHARE);
  await arm.refused('post', `${DEVICE}/scanForUpdates`, 409);
  const { value } = await arm.get(
    `${GROUP}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`,
  );
  assert.equal((value as unknown[]).length, 1);
});

test('an invalid lock is refused with every fault, and one at an unknown scope', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const { details } = await arm.refused('put', lockAt(DEVICE), 400, {
    properties: { level: 'Never', notes: 7 },
  });
  assert.deepEqual(
    details?.map((detail) => detail.target),
    ['properties.level', 'properties.notes'],
  );
  await arm.refused('put', lockAt(`${DEVICE}x`), 404, lock('ReadOnly'));
  await arm.refused('get', lockAt(DEVICE), 404);
  assert.equal((await arm.call('delete', lockAt(DEVICE))).status, 204);
});

test('locks are listed in pages: those at a scope and below it, or those that hold there', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.device({}, DEVICE.replace('edge1', 'edge2'));
  const subscription = `/subscriptions/${SUBSCRIPTION}`;
  for (const scope of [subscription, DEVICE, DEVICE.replace('edge1', 'edge2')]) {
    await arm.put(lockAt(scope), lock('CanNotDelete'), 201);
  }
  const scopes = async (scope: string, query: string): Promise<unknown[]> => {
    const list = `${scope}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`;
    const all = await arm.all(`${list}&$top=1${query}`);
    return all.map(({ id }) => textOf(id).split('/providers/Microsoft.Authorization')[0]);
  };
  const both = [DEVICE, DEVICE.replace('edge1', 'edge2')];
  assert.deepEqual(await scopes(subscription, ''), [subscription, ...both]);
  assert.deepEqual(await scopes(GROUP, ''), both);
  assert.deepEqual(await scopes(GROUP, '&$filter=atScope()'), [subscription]);
  assert.deepEqual(await scopes(DEVICE, '&$filter=atScope()'), [subscription, DEVICE]);
  const list = `${GROUP}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`;
  await arm.refused('get', `${list}&$filter=level eq 'x'`, 400);
});

test('a refusal names twenty locked scopes at most', async (t) => {
  const arm = await startService(t);
  for (let index = 10; index < 35; index++) {
    const device = DEVICE.replace('edge1', `edge${index}`);
    await arm.device({}, device);
    await arm.put(lockAt(device), lock('ReadOnly'), 201);
  }
  const { message } = await arm.refused('delete', `${GROUP}?api-version=2021-04-01`, 409);
  assert.equal(message.match(/\/edge\d\d/g)?.length, 20, message);
});

/** Ids of the locks at the subscription and below it. */
async function lockIds(arm: ArmClient): Promise<unknown[]> {
  const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/locks`;
  const { value } = await arm.get(`${list}?api-version=2016-09-01`);
  return (value as { id: string }[]).map(({ id }) => id);
}

describe('a lock is removed with its scope', () => {
  test('a connected cluster that its addon removes', async (t) => {
    const arm = await startService(t);
    const cluster = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1`;
    const addon = `${DEVICE}/roles/k8s/addons/arc`;
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    await arm.done('put', addon, arcAddon('arc1'));
    await arm.put(lockAt(cluster), lock('CanNotDelete'), 201);
    await arm.done('delete', addon);
    assert.deepEqual(await lockIds(arm), []);
    await arm.done('put', addon, arcAddon('arc1'));
    await arm.refused('get', lockAt(cluster), 404);
  });

  test('a resource whose deletion was accepted before it was locked', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/shares/s01`, LOCAL_SHARE);
    await arm.accepted('delete', `${DEVICE}/shares/s01`);
    await arm.put(lockAt(`${DEVICE}/shares/s01`), lock('ReadOnly'), 201);
    await arm.put(lockAt(DEVICE), lock('ReadOnly'), 201);
    await arm.advance(minutes(30));
    assert.deepEqual(
      (await lockIds(arm)).map((id) => String(id).includes('/shares/')),
      [false],
    );
  });

  test('a resource group, and a subscription', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.call('delete', `${GROUP}?api-version=2021-04-01`);
    await arm.put(lockAt(GROUP), lock('CanNotDelete'), 201);
    await arm.advance(minutes(30));
    await arm.refused('get', `${GROUP}?api-version=2021-04-01`, 404);
    assert.deepEqual(await lockIds(arm), []);

    await arm.put(lockAt(`/subscriptions/${SUBSCRIPTION}`), lock('CanNotDelete'), 201);
    const lifeCycle = `/subscriptions/${SUBSCRIPTION}?api-version=2.0`;
    await arm.put(lifeCycle, { state: 'Deleted' });
    await arm.put(lifeCycle, { state: 'Registered' });
    assert.deepEqual(await lockIds(arm), []);
  });
});
