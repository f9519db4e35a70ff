/**
 * What a customer sees when something breaks, minute by minute, in ARM, in Arc and with kubectl; the transcripts are in `golden/`.
 * A fault outlives the process.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { hours, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  propertiesOf,
  textOf,
} from '../support/arm-client.ts';
import { LOCAL_SHARE, USER } from '../support/bodies.ts';
import { assertGoldenIn } from '../support/golden.ts';
import { Cluster, startCluster, withKubectl } from '../support/kubectl.ts';
import { KubeHttps } from '../support/kube-https.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { ARC, FAULTS, FaultStory, ROLE } from './fault-story.ts';

const TWO_NODES = { tags: { 'edgetwin-nodes': '2' } };

const assertStory = (name: string, { text }: FaultStory): void => {
  assertGoldenIn(import.meta.dirname, name, text);
};

/** A device whose cluster is connected to Arc. */
async function connected(arm: ArmClient): Promise<void> {
  await arm.done('put', `${ROLE}/addons/arc`, arcAddon('arc1'));
}

test('a pulled uplink: status, alert, Arc and explain tell the same story, and it heals after two hours', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', ROLE, KUBERNETES_ROLE);
  await connected(arm);
  const story = await FaultStory.begin(arm);
  await story.inject({ kind: 'uplinkDown', after: 'PT5M', for: 'PT2H' });
  await story.pass(minutes(30));
  await story.why(DEVICE);
  await story.why(ARC);
  await story.pass(minutes(100));
  await story.why(DEVICE);
  await story.why(ARC);
  assertStory('uplink-down', story);
});

/** Nodes as `kubectl get nodes` shows them. */
const nodesBy = (cluster: Cluster) => async () => {
  const { code, out, err } = await cluster.kubectl('get nodes --no-headers');
  if (code !== 0) return { kubectl: err.trim() };
  const lines = out.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', status = ''] = line.split(/\s+/);
      return [`kubectl ${name}`, status];
    }),
  );
};

describe('nodes', withKubectl, () => {
  test('the first of two nodes goes down: kubectl, ARM and Arc see one story', async (t) => {
    const cluster = await startCluster(t, {}, TWO_NODES);
    await connected(cluster.arm);
    const story = await FaultStory.begin(cluster.arm, nodesBy(cluster));
    const id = await story.inject({ kind: 'nodeDown', node: 1 });
    await story.pass(minutes(20));
    const nodes = (await cluster.arm.get(`${DEVICE}/nodes`)).value as JsonObject[];
    await story.why(`${DEVICE}/nodes/${textOf(nodes[0]?.name)}`);
    await story.act(`DELETE ${FAULTS}/{id}`, async () => {
      assert.equal((await cluster.arm.call('delete', `${FAULTS}/${id}`)).status, 200);
    });
    await story.pass(minutes(3));
    assertStory('node-down-of-two', story);
  });

  test('the only node goes down: the device and its cluster with it', async (t) => {
    const cluster = await startCluster(t);
    await connected(cluster.arm);
    const story = await FaultStory.begin(cluster.arm, nodesBy(cluster));
    await story.inject({ kind: 'nodeDown', for: 'PT20M' });
    await story.pass(minutes(24));
    assertStory('node-down-of-one', story);
  });
});

/** The pods of the Deployment `name` that are not being deleted: their phases, and on how many nodes they are. */
async function podsOf(kube: KubeHttps, name: string) {
  const { items } = (await kube.done(
    'GET',
    `/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`,
  )) as unknown as {
    readonly items: readonly {
      readonly metadata: { readonly deletionTimestamp?: string };
      readonly spec: { readonly nodeName?: string };
      readonly status: { readonly phase: string; readonly conditions: readonly JsonObject[] };
    }[];
  };
  const living = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return {
    phases: living.map(({ status }) => status.phase).sort(),
    nodes: new Set(living.flatMap(({ spec }) => spec.nodeName ?? [])).size,
    conditions: JSON.stringify(living.map(({ status }) => status.conditions)),
  };
}

/** A Deployment of two pods, one on each worker, that ask for so much memory each. */
const pairOf = (name: string, memory: string): JsonObject => {
  const labels = { app: name };
  const spread = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
  return {
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'web', image: 'nginx', resources: { requests: { memory } } }],
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, podAffinityTerm: spread },
              ],
            },
          },
        },
      },
    },
  };
};

test('of two nodes pods that use up to half of a worker are rebalanced onto the other one, and what uses more waits (k8sfail)', async (t) => {
  const cluster = await startCluster(t, {}, TWO_NODES);
  const kube = new KubeHttps(t, cluster.kubeconfig);
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  // A worker has 32 GiB.
  await kube.done('POST', deployments, { body: pairOf('half', '5Gi') });
  await kube.done('POST', deployments, { body: pairOf('more', '12Gi') });
  await cluster.advance(minutes(3));
  for (const name of ['half', 'more']) {
    const { phases, nodes } = await podsOf(kube, name);
    assert.deepEqual([phases, nodes], [['Running', 'Running'], 2], name);
  }
  const { id } = await cluster.arm.post(
    FAULTS,
    { resource: DEVICE, kind: 'nodeDown', node: 2 },
    201,
  );
  await cluster.advance(minutes(12));
  assert.deepEqual((await podsOf(kube, 'half')).phases, ['Running', 'Running']);
  const waiting = await podsOf(kube, 'more');
  assert.deepEqual(waiting.phases, ['Pending', 'Running']);
  assert.match(waiting.conditions, /1 Insufficient memory/);
  await cluster.arm.call('delete', `${FAULTS}/${textOf(id)}`);
  await cluster.advance(minutes(15));
  assert.deepEqual((await podsOf(kube, 'more')).phases, ['Running', 'Running']);
});

test('with the master VM go the watches of its API, which answers again once the VM runs', async (t) => {
  const cluster = await startCluster(t);
  const kube = new KubeHttps(t, cluster.kubeconfig);
  const watch = await kube.watch('/api/v1/nodes', '');
  await cluster.arm.post(FAULTS, { resource: DEVICE, kind: 'nodeDown', for: 'PT10M' }, 201);
  await cluster.advance(minutes(1));
  await watch.ended;
  assert.equal((await kube.call('GET', '/api/v1/nodes')).status, 503);
  await cluster.advance(minutes(10));
  await kube.done('GET', '/api/v1/nodes');
});

/** What is asked of a device while a fault lasts, where somebody would notice it so. */
type Meanwhile = (story: FaultStory) => Promise<void>;

/** Each kind of fault: where it is, and what is tried while it lasts. */
const EACH: Readonly<Record<string, readonly [place: JsonObject, meanwhile?: Meanwhile]>> = {
  uplinkDown: [{}, async (story) => story.ask('put', 'users/anna', USER)],
  uplinkSlow: [{}, async (story) => story.ask('post', 'downloadUpdates')],
  nodeDown: [{ node: 2 }],
  diskFailing: [{ node: 1, disk: 2 }],
  diskFailed: [{ node: 1, disk: 2 }],
  gpuLost: [{ node: 1 }],
  powerLost: [{}, async (story) => story.ask('post', 'scanForUpdates')],
  overTemperature: [{ node: 2 }],
  certificateExpiring: [{}],
  vaultDeleted: [{}, async (story) => story.ask('put', 'users/berta', USER)],
  vaultSecretDeleted: [{}, async (story) => story.ask('put', 'users/berta', USER)],
  witnessOffline: [{}],
  updateFails: [{ stage: 'scan' }, async (story) => story.ask('post', 'scanForUpdates')],
  arcAgentOffline: [{}],
  clockSkew: [{}],
  storageFull: [{}, async (story) => story.ask('put', 'shares/data', LOCAL_SHARE)],
};

/** The GPUs that the capacity of the device shows. */
const gpusOf = (arm: ArmClient) => async () => {
  const capacity = propertiesOf(await arm.get(`${DEVICE}/deviceCapacityInfo/default`));
  const info = (capacity.clusterComputeCapacityInfo ?? {}) as JsonObject;
  const { gpuTotalUnitsCount: total, gpuUsedUnitsCount: used } = (info.gpuCapacity ??
    {}) as JsonObject;
  return { gpus: `${JSON.stringify(used)} of ${JSON.stringify(total)} in use` };
};

test('each fault by itself on a device with two nodes: what it changes, what is refused meanwhile, and its healing', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice(TWO_NODES);
  await arm.done('put', ROLE, KUBERNETES_ROLE);
  await connected(arm);
  await arm.done('post', `${DEVICE}/scanForUpdates`);
  const { value } = await arm.get(`${FAULTS}/kinds`);
  const kinds = (value as JsonObject[]).map(({ kind }) => textOf(kind));
  assert.deepEqual(kinds, Object.keys(EACH), 'every kind has its story');
  for (const [kind, [place, meanwhile]] of Object.entries(EACH)) {
    const story = await FaultStory.begin(arm, gpusOf(arm));
    await story.inject({ kind, ...place, for: 'PT20M' });
    await story.pass(minutes(2));
    await meanwhile?.(story);
    await story.pass(minutes(17));
    const { dataBoxEdgeDeviceStatus: status } = propertiesOf(await arm.get(DEVICE));
    if (status !== 'Online') await story.why(DEVICE);
    await story.pass(minutes(11));
    assertStory(`faults/${kind}`, story);
    // What was asked meanwhile ends before the next story begins.
    await arm.advance(hours(2));
  }
  const files = globSync('golden/faults/*', { cwd: import.meta.dirname });
  assert.deepEqual(files.map((file) => basename(file, '.txt')).sort(), Object.keys(EACH).sort());
});

test('an update fails, and works when it is tried again', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('post', `${DEVICE}/scanForUpdates`);
  await arm.done('post', `${DEVICE}/downloadUpdates`);
  const story = await FaultStory.begin(arm);
  const id = await story.inject({ kind: 'updateFails', stage: 'installSoftware' });
  await story.act('POST installUpdates', async () =>
    arm.accepted('post', `${DEVICE}/installUpdates`),
  );
  await story.pass(hours(1));
  await story.act(`DELETE ${FAULTS}/{id}`, async () => arm.call('delete', `${FAULTS}/${id}`));
  await story.act('POST installUpdates', async () =>
    arm.accepted('post', `${DEVICE}/installUpdates`),
  );
  await story.pass(hours(2));
  await story.why(DEVICE, 'deviceSoftwareVersion');
  assertStory('update-fails', story);
});

test('a fault outlives the process, heals in time, and what waits for it goes on', async (t) => {
  const place = { EDGETWIN_DATA: await temporaryFolder(t) };
  const first = await startService(t, place);
  await first.activeDevice();
  await first.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown', for: 'PT2H' }, 201);
  await first.accepted('put', `${DEVICE}/users/anna`, USER);
  await first.advance(minutes(30));
  await first.service.close();
  const second = await startService(t, place);
  const statusOf = async () => propertiesOf(await second.get(DEVICE)).dataBoxEdgeDeviceStatus;
  assert.equal(await statusOf(), 'Disconnected');
  const [fault] = (await second.get(`${FAULTS}?resource=${DEVICE}`)).value as JsonObject[];
  assert.deepEqual([fault?.kind, fault?.status], ['uplinkDown', 'Active']);
  await second.advance(minutes(95));
  assert.equal(await statusOf(), 'Online');
  assert.equal((await second.get(`${DEVICE}/users/anna`)).name, 'anna');
  assert.deepEqual(await second.get(`${FAULTS}?resource=${DEVICE}`), { value: [] });
});
