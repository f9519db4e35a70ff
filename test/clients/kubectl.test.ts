/** The unmodified kubectl works with a cluster: it reads, applies, scales, rolls, describes and deletes, and is refused in the real server's words. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { type Cluster, startCluster, withKubectl } from '../support/kubectl.ts';

/** The deployment of Microsoft's walk-through (azure-stack-edge-gpu-deploy-stateless-application-kubernetes). */
const NGINX = (image: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
spec:
  selector:
    matchLabels:
      app: nginx
  replicas: ${replicas}
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:${image}
        ports:
        - containerPort: 80
`;

/** The cells of a table without its head, ages and drawn parts of names taken out. */
const rowsOf = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s{2,}/));
const headOf = (table: string): string[] =>
  table
    .split('\n')[0]
    ?.trim()
    .split(/\s{2,}/) ?? [];

describe('kubectl', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    cluster = await startCluster({ after: (end) => void ends.push(end as () => Promise<void>) });
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  test('sees the nodes that the role shows, ready, with the version of the release', async () => {
    const table = await cluster.k('get nodes -o wide');
    assert.deepEqual(headOf(table), [
      ...['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION', 'INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE'],
      ...['KERNEL-VERSION', 'CONTAINER-RUNTIME'],
    ]);
    const role = await cluster.arm.get(
      `${(await cluster.arm.get(DEVICE_URL)).id as string}/roles/kubernetesRole`,
    );
    const shown = rowsOf(table).map(([name, status, roles, , version]) => [
      name,
      status,
      roles,
      version,
    ]);
    const { kubernetesRoleResources: resources } = role.properties as {
      kubernetesRoleResources: { compute: unknown };
    };
    assert.ok(resources.compute !== undefined);
    assert.deepEqual(
      shown.map(([, ...rest]) => rest),
      [
        ['Ready', 'control-plane', 'v1.25.5'],
        ['Ready', '<none>', 'v1.25.5'],
      ],
    );
    assert.match(await cluster.k('version'), /Server Version: v1\.25\.5/);
    const path = '-o jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    assert.equal(await cluster.k(`get no ${path}`), 'True True');
  });

  test('lists what the appliance has installed, all of it running', async () => {
    const pods = rowsOf(await cluster.k('get pods -A')).map(
      ([namespace, name = '', ready, status]) =>
        [
          namespace,
          name.replace(/-(k8s-.*|[a-z0-9]{8,10}-[a-z0-9]{5}|[a-z0-9]{5})$/, ''),
          ready,
          status,
        ].join(' '),
    );
    for (const expected of [
      'kube-system calico-node 1/1 Running',
      'kube-system coredns 1/1 Running',
      'kube-system etcd 1/1 Running',
      'kube-system kube-apiserver 1/1 Running',
      'metallb-system speaker 1/1 Running',
      'kubernetes-dashboard kubernetes-dashboard 1/1 Running',
    ]) {
      assert.ok(pods.includes(expected), `${expected} in ${pods.join('; ')}`);
    }
    assert.match(
      await cluster.k('get all -A'),
      /service\/kube-dns +ClusterIP +172\.28\.0\.10 +<none> +53\/UDP,53\/TCP,9153\/TCP/,
    );
    assert.match(
      await cluster.k('get sc'),
      /ase-node-local +rancher\.io\/local-path +Delete +WaitForFirstConsumer +false/,
    );
    const resources = await cluster.k('api-resources -o name');
    assert.ok(resources.includes('deployments.apps') && !resources.includes('statefulsets'));
  });

  test('walks through the document: apply, describe, scale, roll, undo, expose, delete', async () => {
    assert.equal(
      await cluster.k('apply -f -', NGINX('1.7.9', 2)),
      'deployment.apps/nginx-deployment created\n',
    );
    const rollout = cluster.k('rollout status deployment/nginx-deployment');
    assert.match(
      await cluster.meanwhile(rollout, seconds(5)),
      /deployment "nginx-deployment" successfully rolled out/,
    );
    assert.deepEqual(rowsOf(await cluster.k('get deployment nginx-deployment'))[0]?.slice(0, 4), [
      'nginx-deployment',
      '2/2',
      '2',
      '2',
    ]);
    const described = await cluster.k('describe deployment nginx-deployment');
    assert.match(
      described,
      /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/,
    );
    assert.match(described, /RollingUpdateStrategy: +25% max unavailable, 25% max surge/);
    assert.match(
      described,
      /ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set nginx-deployment-[a-z0-9]+ to 2/,
    );
    const pod = await cluster.k('describe pods -l app=nginx');
    for (const message of [
      /Scheduled +\S+ +default-scheduler +Successfully assigned default\/nginx-deployment-\S+ to k8s-/,
      /Pulling +\S+ +kubelet +Pulling image "nginx:1\.7\.9"/,
      /Pulled +\S+ +kubelet +Successfully pulled image "nginx:1\.7\.9" in \S+s \(\S+s including waiting\)/,
      /Started +\S+ +kubelet +Started container nginx/,
    ]) {
      assert.match(pod, message);
    }
    assert.equal(
      await cluster.k('apply -f -', NGINX('1.8', 2)),
      'deployment.apps/nginx-deployment configured\n',
    );
    await cluster.advance(minutes(2));
    assert.match(
      await cluster.k('rollout history deployment/nginx-deployment'),
      /1 +<none>\n2 +<none>/,
    );
    assert.equal(
      await cluster.k('get po -l app=nginx -o jsonpath={.items[0].spec.containers[0].image}'),
      'nginx:1.8',
    );
    assert.equal(
      await cluster.k('rollout undo deployment/nginx-deployment'),
      'deployment.apps/nginx-deployment rolled back\n',
    );
    await cluster.advance(minutes(2));
    assert.equal(
      await cluster.k('get po -l app=nginx -o jsonpath={.items[*].spec.containers[0].image}'),
      'nginx:1.7.9 nginx:1.7.9',
    );
    assert.equal(
      await cluster.k('scale deployment nginx-deployment --replicas 4'),
      'deployment.apps/nginx-deployment scaled\n',
    );
    await cluster.advance(minutes(1));
    assert.equal(rowsOf(await cluster.k('get pods -l app=nginx')).length, 4);
    assert.equal(
      await cluster.k('expose deployment nginx-deployment --port 80 --type LoadBalancer'),
      'service/nginx-deployment exposed\n',
    );
    const [service = []] = rowsOf(await cluster.k('get svc nginx-deployment'));
    assert.deepEqual(
      [
        service[1],
        /^10\.\d+\.\d+\.100$/.test(service[3] ?? ''),
        /^80:3\d{4}\/TCP$/.test(service[4] ?? ''),
      ],
      ['LoadBalancer', true, true],
    );
    assert.match(await cluster.k('get endpoints nginx-deployment'), / \+ 1 more\.\.\./);
    assert.equal(
      await cluster.k('delete deployment nginx-deployment --wait=false'),
      'deployment.apps "nginx-deployment" deleted\n',
    );
    await cluster.advance(minutes(1));
    assert.equal(
      (await cluster.kubectl('get pods -l app=nginx')).err,
      'No resources found in default namespace.\n',
    );
    await cluster.k('delete svc nginx-deployment');
  });

  test('applies, labels, annotates and patches in every way', async () => {
    const config = (value: string): string =>
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"a":"1","b":"${value}"}}`;
    assert.equal(await cluster.k('apply -f -', config('1')), 'configmap/settings created\n');
    assert.equal(await cluster.k('apply -f -', config('1')), 'configmap/settings unchanged\n');
    assert.match(await cluster.k('diff -f -', config('1')), /^$/);
    assert.equal(await cluster.k('apply -f -', config('2')), 'configmap/settings configured\n');
    assert.equal(
      await cluster.k('apply --dry-run=server -f -', config('3')),
      'configmap/settings configured (server dry run)\n',
    );
    await cluster.k('label cm settings tier=gold');
    await cluster.k('annotate cm settings note=x');
    await cluster.k('patch cm settings --type=merge -p {"data":{"a":null}}');
    await cluster.k('patch cm settings --type=json -p [{"op":"add","path":"/data/c","value":"3"}]');
    await cluster.k('patch cm settings -p {"data":{"d":"4"}}');
    assert.deepEqual(JSON.parse(await cluster.k('get cm settings -o jsonpath={.data}')), {
      b: '2',
      c: '3',
      d: '4',
    });
    assert.match(await cluster.k('get cm -l tier=gold'), /settings +3 /);
    const managers = await cluster.k(
      'get cm settings --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}',
    );
    assert.deepEqual(managers.split(' ').sort(), [
      'kubectl-annotate',
      'kubectl-client-side-apply',
      'kubectl-label',
      'kubectl-patch',
    ]);
    assert.equal(await cluster.k('delete cm settings'), 'configmap "settings" deleted\n');
  });

  test('creates with protobuf what it prints as JSON', async () => {
    for (const [command, read] of [
      ['namespace probe', 'ns probe'],
      ['configmap c --from-literal=k=v', 'cm c'],
      ['secret generic s --from-literal=k=v', 'secret s'],
      ['serviceaccount robot', 'sa robot'],
      ['deployment web --image=nginx --replicas=2 --port=80', 'deploy web'],
      ['service clusterip web --tcp=80:8080', 'svc web'],
      ['role reader --verb=get,list --resource=pods', 'role reader'],
      ['rolebinding readers --role=reader --user=jo', 'rolebinding readers'],
      ['clusterrole viewer --verb=get --resource=nodes', 'clusterrole viewer'],
      ['quota limits --hard=pods=10,cpu=4', 'quota limits'],
      ['priorityclass high --value=1000', 'pc high'],
    ] as const) {
      const expected = JSON.parse(
        await cluster.k(`create ${command} --dry-run=client -o json`),
      ) as Record<string, unknown>;
      await cluster.k(`create ${command}`);
      const found = JSON.parse(await cluster.k(`get ${read} -o json`)) as Record<string, unknown>;
      assertContains(
        found,
        {
          ...expected,
          metadata: { name: (expected.metadata as { name: string }).name },
          status: undefined,
        },
        command,
      );
      await cluster.k(`delete ${read} --wait=false`);
    }
  });

  test('is told in the real server’s words what is wrong', async () => {
    const refusals: readonly (readonly [command: string, error: string, input?: string])[] = [
      ['get pods nope', 'Error from server (NotFound): pods "nope" not found'],
      ['get deploy nope', 'Error from server (NotFound): deployments.apps "nope" not found'],
      ['create cm x -n nope', 'error: failed to create configmap: namespaces "nope" not found'],
      [
        'delete ns default',
        'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
      ],
      [
        'get pods --field-selector=spec.foo=1',
        'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo',
      ],
      [
        'create -f -',
        'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"',
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"foo":1}',
      ],
      [
        'create -f -',
        'The Pod "y" is invalid: spec.containers: Required value',
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"y"},"spec":{"containers":[]}}',
      ],
      [
        'create -f -',
        `The ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"A_b"}}',
      ],
      [
        'create -f -',
        'Error from server (Forbidden): error when creating "STDIN": pods "y" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"y"},"spec":{"serviceAccountName":"none","containers":[{"name":"a","image":"a"}]}}',
      ],
    ];
    for (const [command, error, input] of refusals)
      assert.equal(await cluster.refused(command, input), error);
  });

  test('watches, waits and reads lists in pages', async () => {
    await cluster.k('create ns watching');
    await cluster.k('run a --image=nginx -n watching');
    const waiting = cluster.meanwhile(
      cluster.k('wait --for=condition=Ready pod/a -n watching --timeout=60s'),
      seconds(1),
    );
    await cluster.k('run b --image=nginx -n watching');
    await cluster.k('run c --image=nginx -n watching');
    await cluster.advance(minutes(1));
    assert.equal(await waiting, 'pod/a condition met\n');
    assert.equal(rowsOf(await cluster.k('get po -n watching --chunk-size=2')).length, 3);
    const gone = cluster.meanwhile(cluster.k('delete ns watching'), seconds(10));
    assert.equal(await gone, 'namespace "watching" deleted\n');
  });

  test('sees pods that fail as a real node shows them', async () => {
    await cluster.k('run crash --image=busybox --command -- sh -c exit␣3');
    await cluster.k('run missing --image=nginx:does-not-exist');
    await cluster.k('run once --image=busybox --restart=Never --command -- sleep 5');
    await cluster.k(
      'run hungry --image=nginx --overrides={"spec":{"containers":[{"name":"hungry","image":"nginx","resources":{"requests":{"cpu":"64"}}}]}}',
    );
    await cluster.advance(minutes(3));
    const status = new Map(
      rowsOf(await cluster.k('get pods')).map(([name = '', ready, word]) => [
        name,
        `${ready ?? ''} ${word ?? ''}`,
      ]),
    );
    assert.equal(status.get('crash'), '0/1 CrashLoopBackOff');
    assert.equal(status.get('missing'), '0/1 ImagePullBackOff');
    assert.equal(status.get('once'), '0/1 Completed');
    assert.equal(status.get('hungry'), '0/1 Pending');
    assert.match(
      await cluster.k('describe pod hungry'),
      /FailedScheduling .* 0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) had untolerated taint \{node-role\.kubernetes\.io\/control-plane: \}\. preemption: 0\/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling\./,
    );
    assert.match(await cluster.k('describe pod crash'), /Back-off restarting failed container/);
    assert.match(await cluster.k('logs once'), /started/);
    await cluster.k('delete pod crash missing once hungry --wait=false');
    await cluster.advance(minutes(1));
    assert.equal(
      (await cluster.kubectl('get pods')).err,
      'No resources found in default namespace.\n',
    );
  });

  test('may do what the roles say: a user of the device’s PowerShell', async () => {
    const post = async (path: string, body: object): Promise<Response> =>
      await fetch(`${cluster.arm.origin}/_edgetwin/appliances/kubernetes/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resource: DEVICE_URL, ...body }),
      });
    assert.equal((await post('namespaces', { namespace: 'team' })).status, 201);
    assert.equal((await post('users', { user: 'jo' })).status, 201);
    const jo = await cluster.as('jo');
    assert.equal(
      await jo.refused('get pods -n team'),
      'Error from server (Forbidden): pods is forbidden: User "jo" cannot list resource "pods" in API group "" in the namespace "team"',
    );
    assert.equal((await post('access', { namespace: 'team', user: 'jo' })).status, 200);
    assert.equal(
      await jo.k('create deployment web --image=nginx -n team'),
      'deployment.apps/web created\n',
    );
    assert.equal(
      await jo.refused('get nodes'),
      'Error from server (Forbidden): nodes is forbidden: User "jo" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    assert.equal((await jo.kubectl('auth can-i delete pods -n team')).out, 'yes\n');
    assert.equal((await jo.kubectl('auth can-i delete pods -n default')).out, 'no\n');
    assert.match(await jo.k('auth whoami'), /Username +jo/);
    assert.match(await cluster.k('get pods -n team --as jo'), /web-/);
    const reserved = await cluster.as('aseuser');
    assert.match(await reserved.k('get pods -n kube-system'), /coredns/);
    assert.match(
      await reserved.refused('delete pod x -n kube-system'),
      /cannot delete resource "pods"/,
    );
    for (const [path, body] of [
      ['namespaces', { namespace: 'kube-system' }],
      ['users', { user: 'aseuser' }],
      ['access', { namespace: 'default', user: 'jo' }],
    ] as const) {
      assert.equal((await post(path, body)).status, 400, path);
    }
    const token = (await cluster.k('create token default -n team')).trim();
    const answer = await cluster.kubectl(`get pods -n team --token=${token}`);
    assert.ok(answer.code === 0, 'a certificate goes before a token');
  });

  test('of 1.28 reads and creates', async () => {
    assert.match((await cluster.kubectl('get nodes', '', 28)).out, /Ready/);
    assert.equal(
      (await cluster.kubectl('create configmap old --from-literal=a=b', '', 28)).out,
      'configmap/old created\n',
    );
    assert.equal(
      (await cluster.kubectl('delete configmap old', '', 28)).out,
      'configmap "old" deleted\n',
    );
  });
});

const DEVICE_URL =
  '/subscriptions/4385cf00-2d3a-425a-832f-f4285b1c9dce/resourceGroups/GroupForEdgeAutomation/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';

/** Whether everything that is expected is there. */
function assertContains(found: unknown, expected: unknown, at: string): void {
  if (typeof expected !== 'object' || expected === null) {
    assert.deepEqual(found, expected, at);
    return;
  }
  for (const [name, value] of Object.entries(expected)) {
    const isEmpty =
      value === null ||
      value === undefined ||
      (typeof value === 'object' && Object.keys(value).length === 0);
    if (isEmpty) continue;
    assertContains((found as Record<string, unknown> | undefined)?.[name], value, `${at}.${name}`);
  }
}
