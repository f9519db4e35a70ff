/**
 * Several processes on one world, and one cluster: whichever is asked, all of them show the same cluster, watches through one hear
 * what is done through another, and when the process that has the cluster dies, or stands still, another one has it with everything
 * that was acknowledged [issue 10, Fleet].
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { ArmClient, DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { KubeHttps } from '../support/kube-https.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import supertest from 'supertest';
import { minutes } from '#shared/instant.ts';

const postgres = await runningPostgres();

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const map = (name: string, n = '0'): object => ({ metadata: { name }, data: { n } });

interface Pair {
  readonly first: ServiceProcess;
  readonly second: ServiceProcess;
  /** The cluster through the first process, and through the second one. */
  readonly here: KubeHttps;
  readonly there: KubeHttps;
  readonly arm: ArmClient;
}

const armAt = (process: ServiceProcess): ArmClient => {
  const client = new ArmClient(supertest.agent(process.origin), async (length) => {
    await client.post('/_edgetwin/clock/advance', { duration: `PT${length / 1000}S` });
  });
  return client;
};

const kubeconfigAt = async ({ origin }: ServiceProcess): Promise<string> => {
  const response = await fetch(`${origin}/_edgetwin/appliances/kubeconfig?resource=${DEVICE}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
};

async function startPair(t: TestContext, place: Settings): Promise<Pair> {
  const settings = { ...place, EDGETWIN_CLOCK: 'frozen', EDGETWIN_LOG_LEVEL: 'error' };
  const start = async (): Promise<ServiceProcess> => {
    const running = await ServiceProcess.start(settings, ['src/main.ts']);
    t.after(async () => running.end());
    return running;
  };
  const first = await start();
  const arm = armAt(first);
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const kubeconfig = await kubeconfigAt(first);
  const here = new KubeHttps(t, kubeconfig);
  // It is the first process that has the cluster: the second one starts when that is so.
  await here.done('GET', '/api/v1/namespaces');
  const second = await start();
  const there = new KubeHttps(t, kubeconfig, second.origin);
  return { first, second, here, there, arm };
}

const revisionOf = async (kube: KubeHttps, path: string): Promise<string> => {
  const { metadata } = await kube.done('GET', path);
  return (metadata as { resourceVersion: string }).resourceVersion;
};

function suite(placeOf: (t: TestContext) => Promise<Settings>): void {
  test('two processes show one cluster, and watches through both hear the same', async (t) => {
    const { here, there, second } = await startPair(t, await placeOf(t));
    const from = await revisionOf(here, MAPS);
    const watches = [await here.watch(MAPS, from), await there.watch(MAPS, from)] as const;
    for (let index = 0; index < 10; index++) {
      const [one, other] = index % 2 === 0 ? [here, there] : [there, here];
      await one.done('POST', MAPS, { body: map(`m${index}`) });
      const { data } = await other.done('GET', `${MAPS}/m${index}`);
      assert.deepEqual(data, { n: '0' }, 'what one process acknowledges the other one shows');
      await other.done('PUT', `${MAPS}/m${index}`, { body: map(`m${index}`, '1') });
      await one.done('DELETE', `${MAPS}/m${index}`);
    }
    await Promise.all(
      watches.map(async (watch) =>
        watch.hears(({ type, object }) => type === 'DELETED' && object.metadata.name === 'm9'),
      ),
    );
    assert.deepEqual(watches[0].events, watches[1].events);
    assert.equal(watches[0].events.length, 30);
    const revisions = watches[0].events.map(({ object }) =>
      Number(object.metadata.resourceVersion),
    );
    assert.deepEqual(
      revisions,
      revisions.toSorted((a, b) => a - b),
    );
    for (const watch of watches) watch.close();
    // What the device's own commands do, too, is done by the process that has the cluster.
    const made = await fetch(`${second.origin}/_edgetwin/appliances/kubernetes/namespaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resource: DEVICE, namespace: 'team' }),
    });
    assert.equal(made.status, 201, await made.text());
    await here.done('GET', '/api/v1/namespaces/team');
    const { clusters } = parse(await kubeconfigAt(second)) as {
      clusters: [{ cluster: { server: string } }];
    };
    assert.equal(new URL(clusters[0].cluster.server).port, new URL(second.origin).port);
  });

  test('a refusal is the same through either, and a stranger is nobody', async (t) => {
    const { here, there, second } = await startPair(t, await placeOf(t));
    for (const [method, path] of [
      ['GET', `${MAPS}/none`],
      ['POST', PODS],
      ['GET', '/api/v1/nothing'],
      ['DELETE', '/api/v1/namespaces'],
    ] as const) {
      assert.deepEqual(await there.call(method, path, '{'), await here.call(method, path, '{'));
    }
    // What one process says to another counts only with their secret.
    const forged = { 'x-edgetwin-peer': 'AAAA', 'x-edgetwin-client-certificate': 'AAAA' };
    assert.equal((await there.call('GET', '/api/v1/nodes', undefined, forged)).status, 200);
    const path = new URL((await kubeconfigServer(second)) + '/api/v1/nodes').pathname;
    const anonymous = await fetch(`${second.origin}${path}`, { headers: forged });
    assert.equal(anonymous.status, 403, await anonymous.text());
  });

  test('time that passes through one process passes in a cluster of the other', async (t) => {
    const { there, here, second } = await startPair(t, await placeOf(t));
    await here.done('POST', PODS, {
      body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    });
    await armAt(second).advance(minutes(5));
    const { status } = await there.done('GET', `${PODS}/p`);
    assert.equal((status as { phase: string }).phase, 'Running');
  });

  test('a killed owner is replaced, with all that it acknowledged', async (t) => {
    const { first, here, there } = await startPair(t, await placeOf(t));
    const watch = await there.watch(MAPS, await revisionOf(there, MAPS));
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        here.done('POST', MAPS, { body: map(`m${index}`) }),
      ),
    );
    const last = await there.done('GET', `${MAPS}/m19`);
    await first.end();
    await watch.ended;
    const { items } = await there.done('GET', MAPS);
    const names = (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    assert.equal(names.filter((name) => /^m\d+$/.test(name)).length, 20);
    const next = await there.done('POST', MAPS, { body: map('after') });
    const numberOf = ({ metadata }: typeof next): number =>
      Number((metadata as { resourceVersion: string }).resourceVersion);
    assert.ok(numberOf(next) > numberOf(last), 'revisions never go back');
    for (const { object } of watch.events) {
      assert.ok(names.includes(object.metadata.name ?? ''), 'nothing was told that is not so');
    }
  });

  test('an owner that stood still past its lease writes nothing and shows nothing old', async (t) => {
    const { first, here, there } = await startPair(t, await placeOf(t));
    await here.done('POST', MAPS, { body: map('m') });
    first.signal('SIGSTOP');
    try {
      // Whoever asks meanwhile is answered once the lease is over; of a write it is not known what became of it.
      await there.done('GET', `${MAPS}/m`);
      await there.done('PUT', `${MAPS}/m`, { body: map('m', 'new') });
    } finally {
      first.signal('SIGCONT');
    }
    const { data } = await here.done('GET', `${MAPS}/m`);
    assert.deepEqual(data, { n: 'new' });
    await here.done('PUT', `${MAPS}/m`, { body: map('m', 'newer') });
    assert.deepEqual((await there.done('GET', `${MAPS}/m`)).data, { n: 'newer' });
  });

  test('a world that one process empties is empty in the other', async (t) => {
    const { here, there, second } = await startPair(t, await placeOf(t));
    await here.done('POST', MAPS, { body: map('m') });
    const answer = await fetch(`${second.origin}/_edgetwin/reset`, { method: 'POST' });
    assert.equal(answer.status, 200, await answer.text());
    for (const kube of [here, there]) {
      assert.equal((await kube.call('GET', `${MAPS}/m`)).status, 404);
    }
    // The same world again: the same cluster by name, and another one by its keys.
    const arm = armAt(second);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
    await kubeconfigAt(second);
    for (const kube of [here, there]) {
      const { status } = await kube.call('GET', MAPS);
      assert.ok(status === 401 || status === 404, `keys of the former world: ${status}`);
    }
  });
}

async function kubeconfigServer(process: ServiceProcess): Promise<string> {
  const { clusters } = parse(await kubeconfigAt(process)) as {
    clusters: [{ cluster: { server: string } }];
  };
  return clusters[0].cluster.server;
}

describe('on SQLite', () => {
  suite(async (t) => ({ EDGETWIN_DATA: await temporaryFolder(t) }));
});

describe('on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  suite(async (t) => {
    assert.ok('url' in postgres);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
    };
  });
});
