/** Live clusters: nothing is seen that a kill could undo, one owner, and what is kept is what was there. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts';
import { CLUSTER_TIMER, Clusters, ClusterLostError, type LiveCluster } from '#fleet/clusters.ts';
import { Fleet } from '#fleet/fleet.ts';
import { aTurn } from '#fleet/live-cluster.ts';
import { systemCaller } from '#kubernetes/api/caller.ts';
import { create } from '#kubernetes/api/create.ts';
import { CONFIG_MAPS } from '#kubernetes/kinds/configmaps.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { minutes } from '#shared/instant.ts';
import { listKubernetesObjects } from '#store/kubernetes.ts';
import { DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { keptLog } from '../support/log.ts';
import { startService } from '../support/service.ts';

const caller = systemCaller('test');

async function start(t: TestContext) {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const { database, clock } = arm.service;
  // What has fallen due in the cluster is worked off by the service, which leaves it alone while the clock stands.
  const leftAlone = async (): Promise<void> => {
    await arm.get(`/_edgetwin/appliances/kubernetes/namespaces?resource=${DEVICE}`);
    for (;;) {
      await arm.service.pump.settle();
      const timer = await database.reader
        .selectFrom('timers')
        .select('due_at')
        .where('kind', '=', CLUSTER_TIMER)
        .executeTakeFirst();
      if (timer === undefined || timer.due_at > clock.now()) return;
      await aTurn();
    }
  };
  const open = async (): Promise<LiveCluster> => {
    await leftAlone();
    const fleet = new Fleet(database, clock, keptLog());
    const clusters = new Clusters({
      ...{ database, clock, fleet, log: keptLog() },
      rootCertificates: async () => 'PEM',
      address: () => undefined,
      playAt: async () => false,
      keeps: true,
    });
    const row = await database.reader
      .selectFrom('appliances')
      .select('id')
      .executeTakeFirstOrThrow();
    const cluster = await clusters.open(row.id);
    assert.ok(cluster !== undefined);
    await cluster.run(() => undefined);
    return cluster;
  };
  return { arm, database, open };
}

const config = (name: string): ConfigMap => ({ metadata: { name }, data: { a: '1' } });

const put = async (cluster: LiveCluster, name: string): Promise<void> => {
  await cluster.run(({ world }) => {
    create(world, { kind: CONFIG_MAPS, namespace: 'default', object: config(name), caller });
  });
};

test('an answer is given when what it shows is in the database, and watches hear of it then', async (t) => {
  const { database, open } = await start(t);
  const cluster = await open();
  const heard: string[] = [];
  cluster.watches.begin(
    {
      kind: CONFIG_MAPS,
      namespace: 'default',
      deliver: (events) => {
        heard.push(...events.map(({ type, entry }) => `${type} ${entry.name}`));
      },
      end: () => undefined,
    },
    cluster.watches.tellAll(),
  );
  const writing = put(cluster, 'one');
  await Promise.resolve();
  assert.deepEqual(heard, [], 'nothing is told before the commit');
  await writing;
  assert.deepEqual(heard, ['ADDED one']);
  const rows = await listKubernetesObjects(database.reader, cluster.id);
  assert.ok(rows.some(({ resource, name }) => resource === '/configmaps' && name === 'one'));
});

test('a cluster that is loaded again is the same, and goes on where it was', async (t) => {
  const { arm, open } = await start(t);
  const cluster = await open();
  await cluster.run(({ world }) => {
    const template = {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'a', image: 'nginx' }] },
    };
    const object = {
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: { matchLabels: { app: 'x' } }, template },
    };
    create(world, { kind: DEPLOYMENTS, namespace: 'default', object, caller });
  });
  const before = [...cluster.plane.world.store.all()].map(({ json }) => json).sort();
  const again = await open();
  assert.deepEqual([...again.plane.world.store.all()].map(({ json }) => json).sort(), before);
  assert.ok(again.plane.revision >= cluster.plane.revision, 'revisions never go back');
  await arm.advance(minutes(5));
  const later = await open();
  const phases = later.plane.world.store
    .list(PODS, 'default')
    .map(({ object }) => (object as { status?: { phase?: string } }).status?.phase);
  assert.deepEqual(phases, ['Running', 'Running']);
});

test('who was replaced as the owner writes nothing, and its watches end', async (t) => {
  const { database, open } = await start(t);
  const first = await open();
  let isEnded = false;
  first.watches.begin(
    {
      kind: CONFIG_MAPS,
      namespace: undefined,
      deliver: () => undefined,
      end: () => {
        isEnded = true;
      },
    },
    first.watches.tellAll(),
  );
  const second = await open();
  await assert.rejects(put(first, 'late'), ClusterLostError);
  assert.ok(isEnded);
  await put(second, 'on-time');
  const names = (await listKubernetesObjects(database.reader, second.id)).map(({ name }) => name);
  assert.deepEqual([names.includes('late'), names.includes('on-time')], [false, true]);
});

test('the cluster goes with its role, and the next one is another', async (t) => {
  const { arm, database, open } = await start(t);
  const cluster = await open();
  await put(cluster, 'old');
  await arm.done('delete', `${DEVICE}/roles/kubernetesRole`, undefined, minutes(30));
  assert.deepEqual(await listKubernetesObjects(database.reader, cluster.id), []);
  await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const next = await open();
  assert.notEqual(next.life, cluster.life);
  assert.equal(next.plane.world.store.get(CONFIG_MAPS, 'default', 'old'), undefined);
});
