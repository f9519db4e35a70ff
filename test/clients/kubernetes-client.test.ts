/** The published JavaScript client: every served kind is made, read, changed and deleted; an informer outlives a forced relist and a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ADD,
  CoreV1Api,
  DELETE,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  makeInformer,
  V1ConfigMap,
} from '@kubernetes/client-node';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { minutes } from '#shared/instant.ts';
import { exampleOf } from '../support/kube-objects.ts';
import { type Cluster, startCluster, withKubectl } from '../support/kubectl.ts';

describe('@kubernetes/client-node', { ...withKubectl, timeout: 120_000 }, () => {
  let cluster: Cluster;
  let config: KubeConfig;
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    cluster = await startCluster({ after: (end) => void ends.push(end as () => Promise<void>) });
    config = new KubeConfig();
    config.loadFromString(cluster.kubeconfig);
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  for (const kind of SERVED.filter(({ kind: name }) => name !== 'Node')) {
    test(`makes, reads, changes and deletes a ${kind.kind} of ${kind.apiVersion}`, async () => {
      const client = KubernetesObjectApi.makeApiClient(config);
      const body = exampleOf(kind);
      const header = { apiVersion: body.apiVersion, kind: body.kind, metadata: body.metadata };
      const made: KubernetesObject = await client.create(body);
      assert.match(made.metadata?.uid ?? '', /^[0-9a-f-]{36}$/);
      const read: KubernetesObject = await client.read(header);
      assert.equal(read.metadata?.uid, made.metadata?.uid);
      const labelled: KubernetesObject = {
        ...read,
        metadata: Object.assign({}, read.metadata, {
          labels: { ...read.metadata?.labels, a: 'b' },
        }),
      };
      const replaced: KubernetesObject = await client.replace(labelled);
      assert.equal(replaced.metadata?.labels?.['a'], 'b');
      await assert.rejects(client.replace(labelled), /has been modified/);
      await client.delete(header);
      // What goes with a grace goes as the clock moves on.
      await cluster.advance(minutes(1));
      await assert.rejects(client.read(header), /not found/);
    });
  }

  test('keeps an informer up to date, through a list that it must begin anew', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const seen = new Map<string, string>();
    const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', async () =>
      core.listNamespacedConfigMap({ namespace: 'default' }),
    );
    const waiting: { name: string; done: () => void }[] = [];
    const note = (type: string, name: string): void => {
      seen.set(name, type);
      for (const one of waiting) if (one.name === `${type} ${name}`) one.done();
    };
    const until = async (name: string): Promise<void> => {
      if (seen.get(name.split(' ')[1] ?? '') === name.split(' ')[0]) return;
      await new Promise<void>((done) => {
        waiting.push({ name, done });
      });
    };
    informer.on(ADD, ({ metadata }) => {
      note('added', metadata?.name ?? '');
    });
    informer.on(DELETE, ({ metadata }) => {
      note('deleted', metadata?.name ?? '');
    });
    let isStopped = false;
    informer.on('error', () => {
      if (!isStopped) void informer.start();
    });
    await informer.start();
    const create = async (name: string): Promise<void> => {
      await core.createNamespacedConfigMap({
        namespace: 'default',
        body: Object.assign(new V1ConfigMap(), { metadata: { name } }),
      });
    };
    await create('one');
    await until('added one');
    // More changes than are kept, while it does not look.
    isStopped = true;
    await informer.stop();
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'one' });
    for (let index = 0; index < 2600; index += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, step) =>
          core.patchNamespacedConfigMap({
            namespace: 'default',
            name: 'kube-root-ca.crt',
            body: [{ op: 'add', path: '/data/n', value: String(index + step) }],
          }),
        ),
      );
    }
    isStopped = false;
    await informer.start();
    await until('deleted one');
    await create('two');
    await until('added two');
    isStopped = true;
    await informer.stop();
  });
});
