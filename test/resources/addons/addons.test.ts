import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  pathIn,
  pollUrl,
  propertiesOf,
  SUBSCRIPTION,
  textOf,
} from '../../support/arm-client.ts';
import { changed } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const ROLE = `${DEVICE}/roles/k8s`;
const URL = `${ROLE}/addons/arc`;
const ARC = arcAddon('arc1') as { kind: string; properties: Record<string, string> };
const CLUSTER = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1?api-version=2021-10-01`;

async function cluster(arm: ArmClient): Promise<void> {
  await arm.activeDevice();
  await arm.done('put', ROLE, KUBERNETES_ROLE);
}

describe('create', () => {
  test('202 with Azure-AsyncOperation; Creating until the cluster is Connected, then Created', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    const accepted = await arm.accepted('put', URL, ARC);
    const poll = pathIn(pollUrl(accepted));
    assert.ok(poll.startsWith(`${URL}/operationResults/`));
    assert.deepEqual(accepted.body, { status: 'InProgress' });
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Creating');
    for (let minute = 0; minute < 10; minute++) {
      const { body } = await arm.call('get', poll);
      const { connectivityStatus } = propertiesOf(await arm.get(CLUSTER));
      const isDone = (body as { status: string }).status === 'Succeeded';
      assert.equal(connectivityStatus, isDone ? 'Connected' : 'Connecting');
      await arm.advance(minutes(1));
    }
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Created');
  });
});

describe('read back', () => {
  test('what was asked for, with the agent version and the host the machine brings', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, ARC);
    const shown = await arm.get(URL);
    const { version, ...properties } = propertiesOf(shown);
    assert.match(textOf(version), /^\d+\.\d+\.\d+$/);
    assert.deepEqual(properties, {
      ...ARC.properties,
      hostPlatform: 'Linux',
      hostPlatformType: 'KubernetesCluster',
      provisioningState: 'Created',
    });
    assert.deepEqual(
      [shown.kind, shown.id, shown.name, shown.type],
      ['ArcForKubernetes', URL, 'arc', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/addons'],
    );
    assert.deepEqual(await arm.get(`${ROLE}/addons`), { value: [shown] });
  });

  test('addons came with 2020-09-01', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.get(`${ROLE}/addons?api-version=2020-09-01`);
    await arm.refused('get', `${ROLE}/addons?api-version=2019-08-01`, 404);
    await arm.refused('put', `${URL}?api-version=2019-08-01`, 404, ARC);
  });
});

describe('refuse', () => {
  test('what is required, all at once', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    const bare = { kind: 'arcforkubernetes', properties: { resourceName: 7 } };
    const { details } = await arm.refused('put', URL, 400, bare);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.resourceGroupName',
      'properties.resourceLocation',
      'properties.resourceName',
      'properties.subscriptionId',
    ]);
    assert.equal(
      (await arm.refused('put', URL, 400, { kind: 'ArcForKubernetes' })).target,
      'properties',
    );
    assert.equal((await arm.refused('put', URL, 400, { ...ARC, kind: 'IoT' })).target, 'kind');
  });

  test('a subscription that is none, a group that is not there, names and places that cannot be', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    const wrong: [Record<string, Json>, string[]][] = [
      [{ subscriptionId: 'mine' }, ['subscriptionId']],
      [{ resourceGroupName: 'Nowhere' }, ['resourceGroupName']],
      [{ resourceGroupName: 'a/b', resourceName: '-x' }, ['resourceGroupName', 'resourceName']],
      [{ resourceName: 'a'.repeat(64) }, ['resourceName']],
      [{ resourceLocation: ' ' }, ['resourceLocation']],
    ];
    for (const [properties, targets] of wrong) {
      const { details } = await arm.refused('put', URL, 400, changed(ARC, properties));
      assert.deepEqual(
        details?.map(({ target }) => target?.replace('properties.', '')).sort(),
        targets,
      );
    }
    await arm.refused('get', URL, 404);
  });

  test('without its role or its cluster', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { code, message } = await arm.refused('put', URL, 404, ARC);
    assert.equal(code, 'ParentResourceNotFound');
    assert.match(message, /'k8s'/);
    await arm.accepted('put', ROLE, KUBERNETES_ROLE);
    await arm.advance(minutes(5));
    assert.equal((await arm.refused('put', URL, 400, ARC)).code, 'GatewayUserErrorInvalidState');
    const list = await arm.refused('get', `${DEVICE}/roles/none/addons`, 404);
    assert.equal(list.code, 'ParentResourceNotFound');
  });

  test('a name that a connected cluster has already, and a second addon', async (t) => {
    const arm = await startService(t);
    const other = `${DEVICE}2`;
    await cluster(arm);
    await arm.activeDevice({}, other);
    await arm.done('put', `${other}/roles/k8s`, KUBERNETES_ROLE);
    await arm.done('put', URL, ARC);
    const taken = await arm.refused('put', `${other}/roles/k8s/addons/arc`, 400, ARC);
    assert.equal(taken.target, 'properties.resourceName');
    const second = await arm.refused('put', `${ROLE}/addons/second`, 400, arcAddon('arc2'));
    assert.equal(second.code, 'GatewayUserErrorEntityAlreadyExists');
  });

  test('two devices that ask for the same name at once: one gets it', async (t) => {
    const arm = await startService(t);
    const other = `${DEVICE}2`;
    await cluster(arm);
    await arm.activeDevice({}, other);
    await arm.done('put', `${other}/roles/k8s`, KUBERNETES_ROLE);
    const asked = [`${ROLE}/addons/arc`, `${other}/roles/k8s/addons/arc`];
    const answers = await Promise.all(asked.map(async (url) => arm.call('put', url, ARC)));
    await arm.advance(minutes(20));
    const states = await Promise.all(
      answers.map(async (answer) => {
        if (answer.status !== 202) return 'Refused';
        return ((await arm.call('get', pollUrl(answer))).body as { status: string }).status;
      }),
    );
    assert.equal(states.filter((state) => state === 'Succeeded').length, 1, states.join());
    assert.equal(propertiesOf(await arm.get(CLUSTER)).connectivityStatus, 'Connected');
  });
});

describe('change', () => {
  test('the same again is accepted; another cluster needs another addon (arc)', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, ARC);
    const before = await arm.get(URL);
    const connected = await arm.get(CLUSTER);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
    assert.deepEqual((await arm.get(CLUSTER)).identity, connected.identity);
    const { target } = await arm.refused('put', URL, 400, arcAddon('arc2'));
    assert.equal(target, 'properties.resourceName');
  });

  test('tags of the connected cluster survive it', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, ARC);
    await arm.call('patch', CLUSTER, { tags: { mine: 'yes' } });
    await arm.done('put', URL, ARC);
    assert.deepEqual((await arm.get(CLUSTER)).tags, { mine: 'yes' });
  });
});

describe('remove', () => {
  test('202 with Azure-AsyncOperation; Deleting meanwhile; the connected cluster goes with it', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    await arm.done('put', URL, ARC);
    const accepted = await arm.accepted('delete', URL);
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).provisioningState, 'Deleting');
    await arm.advance(minutes(5));
    const { body } = await arm.call('get', pollUrl(accepted));
    assert.deepEqual(body, { status: 'Succeeded' });
    await arm.refused('get', URL, 404);
    await arm.refused('get', CLUSTER, 404);
    await arm.done('put', URL, arcAddon('arc2'));
  });
});

describe('the group of another subscription', () => {
  test('can hold the connected cluster', async (t) => {
    const arm = await startService(t);
    await cluster(arm);
    const other = SUBSCRIPTION.replace('4385', '5385');
    const group = `/subscriptions/${other}/resourceGroups/Arc`;
    await arm.put(`${group}?api-version=2021-04-01`, { location: 'eastus' }, 201);
    await arm.done('put', URL, changed(ARC, { subscriptionId: other, resourceGroupName: 'Arc' }));
    await arm.get(
      `${group}/providers/Microsoft.Kubernetes/connectedClusters/arc1?api-version=2021-10-01`,
    );
  });
});
