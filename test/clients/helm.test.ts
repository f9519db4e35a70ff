/** The unmodified Helm, as it comes beside kubectl: a chart is installed, upgraded, rolled back and removed. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { seconds } from '#shared/instant.ts';
import { helmPath, run, type Said, startCluster, withKubectl } from '../support/kubectl.ts';
import { temporaryFolder } from '../support/process.ts';

const CHART: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: "1.0"\n',
  'values.yaml': 'replicas: 1\nimage: nginx:1.7.9\ngreeting: hello\n',
  'templates/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  greeting: {{ .Values.greeting | quote }}
  revision: {{ .Release.Revision | quote }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: { app: shop }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: { app.kubernetes.io/managed-by: {{ .Release.Service }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: web
          image: {{ .Values.image }}
          ports: [{ containerPort: 80 }]
`,
};

test('helm install, upgrade, rollback, history and uninstall (issue 10)', {
  ...withKubectl,
  timeout: 240_000,
}, async (t) => {
  const cluster = await startCluster(t);
  const folder = await temporaryFolder(t);
  const chart = join(folder, 'shop');
  await mkdir(join(chart, 'templates'), { recursive: true });
  for (const [name, text] of Object.entries(CHART)) await writeFile(join(chart, name), text);
  const config = join(folder, 'config');
  await writeFile(config, cluster.kubeconfig, { mode: 0o600 });
  const helm = async (command: string): Promise<Said> =>
    await run(helmPath(), command.split(' '), {
      environment: { KUBECONFIG: config, HOME: folder, XDG_CACHE_HOME: folder },
    });
  /** The output of a command that must succeed, while the clock goes on. */
  const done = async (command: string): Promise<string> => {
    const { code, out, err } = await cluster.meanwhile(helm(command), seconds(5));
    assert.equal(code, 0, `helm ${command}: ${out}${err}`);
    return out;
  };
  const image = 'get deploy one -o jsonpath={.spec.template.spec.containers[0].image}';
  const data = 'get cm one-settings -o jsonpath={.data.greeting}|{.data.revision}';

  assert.match(
    await done(`install one ${chart} --wait --timeout 120s`),
    /STATUS: deployed\nREVISION: 1/,
  );
  assert.equal(await cluster.k(image), 'nginx:1.7.9');
  assert.equal(await cluster.k(data), 'hello|1');
  assert.match(
    await cluster.k('get secret'),
    /sh\.helm\.release\.v1\.one\.v1 +helm\.sh\/release\.v1 +1/,
  );
  assert.match(
    await done(
      `upgrade one ${chart} --set replicas=3,image=nginx:1.8,greeting=bye --wait --timeout 120s`,
    ),
    /has been upgraded\. Happy Helming!/,
  );
  assert.equal(await cluster.k(image), 'nginx:1.8');
  assert.equal(await cluster.k(data), 'bye|2');
  assert.equal(await cluster.k('get deploy one -o jsonpath={.status.readyReplicas}'), '3');
  assert.match(
    await done('rollback one 1 --wait --timeout 120s'),
    /Rollback was a success! Happy Helming!/,
  );
  assert.equal(await cluster.k(image), 'nginx:1.7.9');
  assert.equal(await cluster.k(data), 'hello|1');
  const history = await done('history one -o json');
  assert.deepEqual(
    (JSON.parse(history) as { revision: number; status: string }[]).map(
      ({ revision, status }) => `${revision} ${status}`,
    ),
    ['1 superseded', '2 superseded', '3 deployed'],
  );
  assert.match(await done('list'), /^one\s+default\s+3\s+.*deployed\s+shop-0\.1\.0\s+1\.0/m);
  assert.equal(await done('uninstall one --wait --timeout 120s'), 'release "one" uninstalled\n');
  assert.match(await cluster.refused('get deploy one'), /deployments\.apps "one" not found/);
  assert.doesNotMatch((await cluster.kubectl('get secret')).out, /sh\.helm/);
});
