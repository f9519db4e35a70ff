/** Issue 10, 2: an informer of the published JavaScript client lives through a restart of the service, whose process is a real one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ADD,
  CoreV1Api,
  DELETE,
  KubeConfig,
  makeInformer,
  UPDATE,
  V1ConfigMap,
} from '@kubernetes/client-node';
import supertest from 'supertest';
import { minutes } from '#shared/instant.ts';
import { ArmClient, DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`an informer goes on after a restart by ${signal} (issue 10, 2)`, {
    timeout: 120_000,
  }, async (t) => {
    const settings = {
      EDGETWIN_DATA: await temporaryFolder(t),
      EDGETWIN_CLOCK: 'frozen',
      EDGETWIN_LOG_LEVEL: 'error',
    };
    const first = await ServiceProcess.start(settings);
    t.after(async () => first.end());
    const agent = supertest.agent(first.origin);
    const arm = new ArmClient(agent, async (length) => {
      await agent.post('/_edgetwin/clock/advance').send({ duration: `PT${length / 1000}S` });
    });
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
    const config = new KubeConfig();
    const found = await fetch(`${first.origin}/_edgetwin/appliances/kubeconfig?resource=${DEVICE}`);
    config.loadFromString(await found.text());
    const core = config.makeApiClient(CoreV1Api);
    const create = async (name: string): Promise<void> => {
      await core.createNamespacedConfigMap({
        namespace: 'default',
        body: Object.assign(new V1ConfigMap(), { metadata: { name } }),
      });
    };

    const seen = new Set<string>();
    const waiting = new Map<string, () => void>();
    const note = (what: string): void => {
      seen.add(what);
      waiting.get(what)?.();
    };
    const until = async (what: string): Promise<void> => {
      if (seen.has(what)) return;
      await new Promise<void>((done) => waiting.set(what, done));
    };
    const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', async () =>
      core.listNamespacedConfigMap({ namespace: 'default' }),
    );
    for (const type of [ADD, UPDATE, DELETE] as const) {
      informer.on(type, ({ metadata }) => {
        note(`${type} ${metadata?.name ?? ''}`);
      });
    }
    let isOver = false;
    let back: Promise<unknown> = Promise.resolve();
    informer.on('error', () => {
      // It begins anew when the service is there again.
      if (!isOver) void back.then(async () => informer.start());
    });
    await informer.start();
    await create('before');
    await until('add before');

    let isBack: (() => void) | undefined;
    back = new Promise<void>((done) => {
      isBack = done;
    });
    await first.end(signal);
    const second = await ServiceProcess.start({
      ...settings,
      EDGETWIN_PORT: new URL(first.origin).port,
    });
    t.after(async () => second.end());
    isBack?.();
    await create('after');
    await until('add after');
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'before' });
    await until('delete before');
    isOver = true;
    await informer.stop();
    const { items } = await core.listNamespacedConfigMap({ namespace: 'default' });
    assert.deepEqual(
      items.map(({ metadata }) => metadata?.name),
      ['after', 'kube-root-ca.crt'],
    );
  });
}
