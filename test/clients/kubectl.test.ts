/** The unmodified kubectl reads and writes (slices 1 and 2 of kubernetes-api.md 5.1), and is refused in the real server's words. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minutes } from '#shared/instant.ts';
import { accessOf } from '../support/kube-http.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';
import { temporaryFolder } from '../support/process.ts';
import { assertPrinted } from '../support/printed.ts';
import { headOf, rowsOf } from '../support/rows.ts';

describe('kubectl', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
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

  test('lists what there is of every kind, as a real cluster prints it (slice 1)', async () => {
    assertPrinted(
      await cluster.k('get all'),
      `NAME                 TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
service/kubernetes   ClusterIP   <ip>         <none>        443/TCP   <age>`,
    );
    const resources = await cluster.k('api-resources');
    for (const line of [
      'NAME SHORTNAMES APIVERSION NAMESPACED KIND',
      'pods po v1 true Pod',
      'deployments deploy apps/v1 true Deployment',
      'events ev events.k8s.io/v1 true Event',
      'clusterroles rbac.authorization.k8s.io/v1 false ClusterRole',
    ]) {
      assert.ok(resources.replace(/ +/g, ' ').split('\n').includes(line), line);
    }
    assert.equal(
      (await cluster.kubectl('get po -l a=b --field-selector status.phase=Running')).err,
      'No resources found in default namespace.\n',
    );
    assert.match(
      await cluster.k(
        'get po -n kube-system -l k8s-app=kube-dns --field-selector status.phase=Running',
      ),
      /^NAME .*\n(coredns-\S+ +1\/1 +Running .*\n){2}$/,
    );
    const { pathname } = new URL(accessOf(cluster.kubeconfig).server);
    assert.equal(
      await cluster.k(`get --raw ${pathname}/readyz?verbose`),
      '[+]ping ok\n[+]log ok\n[+]etcd ok\nreadyz check passed\n',
    );
    assert.equal(await cluster.k(`get --raw ${pathname}/livez/ping`), 'ok');
  });

  test('shows a node with its lease, which its kubelet renews (slice 1)', async () => {
    const node = (await cluster.k('get no -o name')).split('\n')[0]?.replace('node/', '') ?? '';
    const renewed = `get lease ${node} -n kube-node-lease -o jsonpath={.spec.renewTime}`;
    const earlier = await cluster.k(renewed);
    await cluster.advance(minutes(10));
    assert.notEqual(await cluster.k(renewed), earlier);
    const described = await cluster.k(`describe node ${node}`);
    assert.match(described, /Ready +True +.* KubeletReady +kubelet is posting ready status/);
    assert.match(described, /HolderIdentity: +k8s-/);
  });

  test('explains fields in the words of their declarations (slice 2)', async () => {
    assertPrinted(
      await cluster.k('explain deploy.spec.replicas'),
      `GROUP:      apps
KIND:       Deployment
VERSION:    v1

FIELD: replicas <integer>


DESCRIPTION:
    Number of desired pods. This is a pointer to distinguish between explicit
    zero and not specified. Defaults to 1.
`,
    );
    const all = await cluster.k('explain deploy.spec --recursive');
    assert.match(all, /^ {2}template\t<PodTemplateSpec> -required-\n {4}metadata\t<ObjectMeta>/m);
    assert.match(all, /^ {8}image\t<string>$/m);
    const old = await cluster.kubectl('explain pod.spec.containers.ports', '', 28);
    assert.match(old.out, /containerPort\t<integer> -required-/);
    assert.equal(
      await cluster.refused('explain deploy.spec.nothing'),
      'error: field "nothing" does not exist',
    );
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

  test('creates with protobuf what it prints as JSON', async (t) => {
    const folder = await temporaryFolder(t);
    const { cert, key } = accessOf(cluster.kubeconfig);
    const files = { cert: join(folder, 'cert'), key: join(folder, 'key') };
    await writeFile(files.cert, cert);
    await writeFile(files.key, key);
    for (const [command, read] of [
      ['namespace probe', 'ns probe'],
      ['configmap c --from-literal=k=v', 'cm c'],
      ['secret generic s --from-literal=k=v', 'secret s'],
      ['serviceaccount robot', 'sa robot'],
      ['deployment web --image=nginx --replicas=2 --port=80', 'deploy web'],
      ['job once --image=busybox', 'job once'],
      ['service clusterip web --tcp=80:8080', 'svc web'],
      ['role reader --verb=get,list --resource=pods', 'role reader'],
      ['rolebinding readers --role=reader --user=jo', 'rolebinding readers'],
      ['clusterrole viewer --verb=get --resource=nodes', 'clusterrole viewer'],
      ['quota limits --hard=pods=10,cpu=4', 'quota limits'],
      ['priorityclass high --value=1000', 'pc high'],
      ['secret docker-registry r --docker-username=a --docker-password=b', 'secret r'],
      [`secret tls t --cert=${files.cert} --key=${files.key}`, 'secret t'],
      ['service nodeport np --tcp=80:8080 --node-port=30100', 'svc np'],
      ['service loadbalancer lb --tcp=80:8080', 'svc lb'],
      ['service externalname en --external-name=a.example.com', 'svc en'],
      [
        'clusterrolebinding crb --clusterrole=view --user=jo --group=g --serviceaccount=default:default',
        'clusterrolebinding crb',
      ],
      ['clusterrole agg --aggregation-rule=a=b', 'clusterrole agg'],
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

  test('cannot create what is not served, and says so', async () => {
    for (const [command, what] of [
      ['cronjob c --image=busybox --schedule=*/5␣*␣*␣*␣*', 'cronjob'],
      ['ingress i --rule=a/b=c:80', 'ingress'],
      ['poddisruptionbudget p --selector=a=b --min-available=1', 'poddisruptionbudgets'],
    ] as const) {
      assert.equal(
        await cluster.refused(`create ${command}`),
        `error: failed to create ${what}: the server could not find the requested resource`,
      );
    }
    assert.match(await cluster.k('create token default'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
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

  test('of 1.28 reads, applies and creates', async () => {
    const old = async (command: string, input = ''): Promise<string> => {
      const { code, out, err } = await cluster.kubectl(command, input, 28);
      assert.equal(code, 0, err);
      return out;
    };
    assert.match(await old('get nodes -o wide'), /Ready/);
    assert.match(await old('get all -A'), /deployment.apps\/coredns/);
    assert.match(await old('api-resources'), /deployments +deploy +apps\/v1 +true +Deployment/);
    assert.match(await old('version'), /Server Version: v1\.25\.5/);
    const config =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"old"},"data":{"a":"b"}}';
    assert.equal(await old('create -f -', config), 'configmap/old created\n');
    // It checks documents by OpenAPI v2, as protobuf.
    assert.equal(
      await old('apply -f -', config.replace('"b"', '"c"')),
      'configmap/old configured\n',
    );
    assert.match(
      (await cluster.kubectl('create -f -', config.replace('"data"', '"foo"'), 28)).err,
      /strict decoding error: unknown field "foo"/,
    );
    assert.equal(await old('delete configmap old'), 'configmap "old" deleted\n');
    assert.equal(await old('create deployment web --image=nginx'), 'deployment.apps/web created\n');
    assert.equal(
      await old('delete deployment web --wait=false'),
      'deployment.apps "web" deleted\n',
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
