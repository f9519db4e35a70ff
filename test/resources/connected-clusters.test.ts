import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { days, hours, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  propertiesOf,
  SUBSCRIPTION,
  textOf,
} from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const CLUSTERS = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters`;
const CLUSTER = `${CLUSTERS}/arc1`;
const VERSION = '?api-version=2021-10-01';
const URL = `${CLUSTER}${VERSION}`;
const ROLE = `${DEVICE}/roles/k8s`;
const ADDON = `${ROLE}/addons/arc`;

async function connect(arm: ArmClient): Promise<JsonObject> {
  await arm.activeDevice();
  await arm.done('put', ROLE, KUBERNETES_ROLE);
  await arm.done('put', ADDON, arcAddon('arc1'));
  return await arm.get(URL);
}

describe('create', () => {
  test('by the addon alone: Connecting while the agents come up, then Connected', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', ROLE, KUBERNETES_ROLE);
    await arm.refused('get', URL, 404);
    await arm.accepted('put', ADDON, arcAddon('arc1'));
    await arm.advance(seconds(5));
    const early = propertiesOf(await arm.get(URL));
    assert.equal(early.connectivityStatus, 'Connecting');
    assert.equal(early.lastConnectivityTime, undefined);
    await arm.advance(hours(1));
    assert.equal(propertiesOf(await arm.get(URL)).connectivityStatus, 'Connected');
  });
});

describe('read back', () => {
  test('what the agents report', async (t) => {
    const arm = await startService(t);
    const shown = await connect(arm);
    assert.deepEqual([shown.id, shown.name], [CLUSTER, 'arc1']);
    assert.equal(shown.type, 'Microsoft.Kubernetes/connectedClusters');
    assert.equal(shown.location, 'eastus');
    assert.deepEqual(shown.tags, {});
    assert.equal((shown.identity as JsonObject).type, 'SystemAssigned');
    const properties = propertiesOf(shown);
    const role = propertiesOf(await arm.get(ROLE));
    const info = role.kubernetesClusterInfo as { version: string; nodes: object[] };
    assert.equal(`v${textOf(properties.kubernetesVersion)}`, info.version);
    assert.equal(properties.totalNodeCount, info.nodes.length);
    assert.ok(Number(properties.totalCoreCount) > 4);
    assert.equal(properties.agentVersion, propertiesOf(await arm.get(ADDON)).version);
    const key = Buffer.from(textOf(properties.agentPublicKeyCertificate), 'base64');
    const { asymmetricKeyType } = createPublicKey({ key, format: 'der', type: 'pkcs1' });
    assert.equal(asymmetricKeyType, 'rsa');
  });

  test('in the lists of the group and the subscription, at each of its own versions', async (t) => {
    const arm = await startService(t);
    const shown = await connect(arm);
    assert.deepEqual(await arm.get(`${CLUSTERS}${VERSION}`), { value: [shown] });
    const all = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Kubernetes/connectedClusters`;
    assert.deepEqual(await arm.get(`${all}${VERSION}`), { value: [shown] });
    for (const version of ['2022-05-01-preview', '2022-10-01-preview', '2024-01-01']) {
      await arm.get(`${CLUSTER}?api-version=${version}`);
    }
    const { code } = await arm.refused('get', `${CLUSTER}?api-version=2023-12-01`, 400);
    assert.equal(code, 'NoRegisteredProviderFound');
  });

  test('the heartbeat goes on by itself, and the certificate is renewed', async (t) => {
    const arm = await startService(t);
    const before = propertiesOf(await connect(arm));
    await arm.advance(days(120));
    const after = propertiesOf(await arm.get(URL));
    assert.equal(after.connectivityStatus, 'Connected');
    assert.ok(textOf(after.lastConnectivityTime) > textOf(before.lastConnectivityTime));
    const expiry = 'managedIdentityCertificateExpirationTime';
    assert.ok(textOf(after[expiry]) > textOf(after.lastConnectivityTime));
  });
});

describe('refuse', () => {
  test('a PUT: it is made by the addon; and one that is not there', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.equal(
      (await arm.refused('put', URL, 405, { location: 'eastus' })).code,
      'MethodNotAllowed',
    );
    const { code, message } = await arm.refused('get', URL, 404);
    assert.equal(code, 'ResourceNotFound');
    assert.match(message, /'Microsoft\.Kubernetes\/connectedClusters\/arc1'/);
  });
});

describe('change', () => {
  test('tags alone, replaced whole', async (t) => {
    const arm = await startService(t);
    await connect(arm);
    await arm.call('patch', URL, { tags: { a: '1', b: '2' } });
    const { status, body } = await arm.call('patch', URL, { tags: { b: '3' } });
    assert.equal(status, 200);
    assert.deepEqual((body as JsonObject).tags, { b: '3' });
    assert.deepEqual((await arm.get(URL)).tags, { b: '3' });
    await arm.refused('patch', URL, 400, { tags: { a: 1 } });
  });
});

describe('remove', () => {
  test('with its addon', async (t) => {
    const arm = await startService(t);
    await connect(arm);
    await arm.done('delete', ADDON);
    await arm.refused('get', URL, 404);
  });

  test('with its device', async (t) => {
    const arm = await startService(t);
    await connect(arm);
    await arm.done('delete', DEVICE);
    await arm.refused('get', URL, 404);
    assert.deepEqual(await arm.get(`${CLUSTERS}${VERSION}`), { value: [] });
  });

  test('alone: the Azure side goes, and the addon can be deleted all the same', async (t) => {
    const arm = await startService(t);
    await connect(arm);
    assert.equal((await arm.call('delete', URL)).status, 200);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.refused('get', URL, 404);
    await arm.done('delete', ADDON);
  });
});
