/** What one cluster is asked for takes neither the time nor the memory of another one: everything has a limit [issue 10, bad input]. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { KubeHttps } from '../support/kube-https.ts';
import { startCluster } from '../support/kubectl.ts';

const OTHER = DEVICE.replace('edge1', 'edge2');
const MAPS = '/api/v1/namespaces/default/configmaps';
const MAX_OBJECTS = 20_000;
const MAX_WATCHES = 1000;
const MAX_IN_FLIGHT = 400;

interface Two {
  readonly busy: KubeHttps;
  readonly quiet: KubeHttps;
}

async function twoClusters(t: TestContext): Promise<Two> {
  const cluster = await startCluster(t);
  const { arm } = cluster;
  await arm.activeDevice({}, OTHER);
  await arm.done('put', `${OTHER}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const other = await fetch(`${arm.origin}/_edgetwin/appliances/kubeconfig?resource=${OTHER}`);
  return {
    busy: new KubeHttps(t, cluster.kubeconfig),
    quiet: new KubeHttps(t, await other.text()),
  };
}

test('work without end in one cluster leaves the other one its turns, and ends at so many objects', async (t) => {
  const { busy, quiet } = await twoClusters(t);
  const labels = { app: 'many' };
  const spec = {
    replicas: 1_000_000,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  };
  await busy.done('POST', '/apis/apps/v1/namespaces/default/deployments', {
    body: { metadata: { name: 'many' }, spec },
  });
  // A call waits for the work of its own cluster, and calls of the other one are answered meanwhile.
  const looked = { isOver: false };
  const looking = busy.done('GET', '/api/v1/pods?limit=1').finally(() => {
    looked.isOver = true;
  });
  let answers = 0;
  for (; !looked.isOver; answers++) await quiet.done('GET', MAPS);
  await looking;
  assert.ok(answers > 20, `the other cluster had ${answers} answers while this one grew`);
  const refused = await busy.call('POST', MAPS, { metadata: { name: 'one-more' } });
  assert.equal(refused.status, 403, refused.body);
  assert.match(refused.body, new RegExp(`holds at most ${MAX_OBJECTS} objects`));
  await quiet.done('POST', MAPS, { body: { metadata: { name: 'one-more' } } });
  await busy.done('DELETE', '/apis/apps/v1/namespaces/default/deployments/many');
});

test('bodies and patches that would take too long are refused with a 413', async (t) => {
  const { busy } = await twoClusters(t);
  await busy.done('POST', MAPS, {
    body: { metadata: { name: 'm' }, data: { a: 'x'.repeat(1000) } },
  });
  const json = 'application/json-patch+json';
  const copies = Array.from({ length: 30 }, (_, index) => ({
    op: 'copy',
    from: '/data',
    path: `/data/c${index}`,
  }));
  const names = (from: number): string[] =>
    Array.from({ length: 1500 }, (_, index) => `example.com/f${from + index}`);
  await busy.done('PATCH', `${MAPS}/m`, {
    body: { metadata: { finalizers: names(0) } },
    type: 'application/merge-patch+json',
  });
  const strategic = 'application/strategic-merge-patch+json';
  for (const [what, method, path, body, type] of [
    ['copies of copies', 'PATCH', `${MAPS}/m`, copies, json],
    [
      'many operations',
      'PATCH',
      `${MAPS}/m`,
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '' })),
      json,
    ],
    ['long lists', 'PATCH', `${MAPS}/m`, { metadata: { finalizers: names(9000) } }, strategic],
    [
      'long deletions',
      'PATCH',
      `${MAPS}/m`,
      { metadata: { '$deleteFromPrimitiveList/finalizers': names(1) } },
      strategic,
    ],
    [
      'a long order',
      'PATCH',
      `${MAPS}/m`,
      { metadata: { '$setElementOrder/finalizers': names(1) } },
      strategic,
    ],
    [
      'long YAML',
      'POST',
      MAPS,
      `metadata: {name: y}\ndata:\n${'  a: b\n'.repeat(40_000)}`,
      'application/yaml',
    ],
    ['a long body', 'POST', MAPS, `"${'x'.repeat(4 * 1024 * 1024)}"`, 'application/json'],
  ] as const) {
    const { status, body: said } = await busy.call(method, path, body, {
      'content-type': type,
    });
    assert.equal(status, 413, `${what}: ${said.slice(0, 300)}`);
    assert.equal((JSON.parse(said) as { reason: string }).reason, 'RequestEntityTooLarge');
  }
  const { data } = await busy.done('GET', `${MAPS}/m`);
  assert.deepEqual(data, { a: 'x'.repeat(1000) });
});

test('watches and requests under way are counted for each cluster', async (t) => {
  const { busy, quiet } = await twoClusters(t);
  const watches = [];
  while (watches.length < MAX_WATCHES) {
    const some = Array.from({ length: 50 }, async () => busy.watch(MAPS, ''));
    watches.push(...(await Promise.all(some)));
  }
  assert.equal((await busy.call('GET', `${MAPS}?watch=1`)).status, 429);
  (await quiet.watch(MAPS, '')).close();
  watches.pop()?.close();
  // Until the server has heard of that.
  for (;;) {
    const { status } = await busy.call('GET', `${MAPS}?watch=1&timeoutSeconds=1`);
    if (status === 200) break;
    assert.equal(status, 429);
  }
  for (const watch of watches) watch.close();
  const ends = Array.from({ length: MAX_IN_FLIGHT }, () => busy.halfSend(MAPS));
  for (;;) {
    const { status, body } = await busy.call('GET', MAPS);
    if (status === 429) break;
    assert.equal(status, 200, body);
  }
  await quiet.done('GET', MAPS);
  for (const end of ends) end();
  for (;;) {
    const { status } = await busy.call('GET', MAPS);
    if (status === 200) break;
    assert.equal(status, 429);
  }
});
