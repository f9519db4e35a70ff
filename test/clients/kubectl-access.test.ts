/** What kubectl's callers may do (slice 5 of kubernetes-api.md 5.1): roles, users of the device's PowerShell, tokens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runClusterCommand } from '../../clients/cluster/commands.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';

describe('kubectl', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
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

  test('lists what a caller may do, and who he is (slice 5)', async () => {
    const list = await cluster.k('auth can-i --list --as stranger');
    assert.deepEqual(
      list
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().replace(/ {2,}/g, ' | ')),
      [
        'Resources | Non-Resource URLs | Resource Names | Verbs',
        'selfsubjectreviews.authentication.k8s.io | [] | [] | [create]',
        'selfsubjectaccessreviews.authorization.k8s.io | [] | [] | [create]',
        'selfsubjectrulesreviews.authorization.k8s.io | [] | [] | [create]',
      ],
    );
    assert.match(
      await cluster.k('auth whoami'),
      /Username +kubernetes-admin\nGroups +\[system:masters system:authenticated\]/,
    );
    const token = (await cluster.k('create token default')).trim();
    assert.match(
      await cluster.k('auth can-i --list --as system:serviceaccount:default:default'),
      /\[\/.well-known\/openid-configuration\]/,
    );
    assert.equal(token.split('.').length, 3);
  });

  test('works as soon as it is granted, and no longer when that is taken back (slice 5)', async () => {
    const list = 'get cm -n default --as eve';
    const forbidden =
      'Error from server (Forbidden): configmaps is forbidden: User "eve" cannot list resource "configmaps" in API group "" in the namespace "default"';
    assert.equal(await cluster.refused(list), forbidden);
    await cluster.k('create role reader --verb=list --resource=configmaps');
    await cluster.k('create rolebinding readers --role=reader --user=eve');
    assert.match(await cluster.k(list), /kube-root-ca\.crt/);
    await cluster.k('delete rolebinding readers');
    assert.equal(await cluster.refused(list), forbidden);
    await cluster.k('delete role reader');
  });

  test('is led through what the device’s PowerShell can do (issue 10)', async () => {
    const powershell = async (name: string, ...words: string[]): Promise<string> => {
      const answer = await runClusterCommand(name, [DEVICE_URL, ...words], cluster.arm.origin);
      return 'text' in answer ? answer.text : `refused: ${answer.refused}`;
    };
    await powershell('New-HcsKubernetesNamespace', '-Namespace', 'shop');
    assert.match(await powershell('Get-HcsKubernetesNamespaces'), /^shop$/m);
    await powershell('New-HcsKubernetesUser', '-UserName', 'ann');
    const access = ['-Namespace', 'shop', '-UserName', 'ann'];
    await powershell('Grant-HcsKubernetesNamespaceAccess', ...access);
    const ann = await cluster.as('ann');
    assert.equal(await ann.k('create cm mine -n shop'), 'configmap/mine created\n');
    assert.match(
      await powershell('Get-HcsKubernetesUserConfig', '-UserName', 'ann'),
      /ann@kubernetes/,
    );
    await powershell('Revoke-HcsKubernetesNamespaceAccess', ...access);
    assert.equal(
      await ann.refused('get cm -n shop'),
      'Error from server (Forbidden): configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" in the namespace "shop"',
    );
    await powershell('Remove-HcsKubernetesNamespace', '-Namespace', 'shop');
    assert.doesNotMatch(await powershell('Get-HcsKubernetesNamespaces'), /^shop$/m);
    await powershell('Remove-HcsKubernetesUser', '-UserName', 'ann');
    assert.match(
      await powershell(
        'Grant-HcsKubernetesNamespaceAccess',
        '-Namespace',
        'default',
        '-UserName',
        'ann',
      ),
      /^refused: /,
    );
  });

  test('puts cluster roles together by their labels (issue 10)', async () => {
    await cluster.k('create clusterrole all --aggregation-rule=team=gold');
    await cluster.k('create clusterrolebinding all --clusterrole=all --user=kim');
    assert.equal((await cluster.kubectl('auth can-i get secrets --as kim')).out, 'no\n');
    await cluster.k('create clusterrole part --verb=get --resource=secrets');
    await cluster.k('label clusterrole part team=gold');
    assert.equal((await cluster.kubectl('auth can-i get secrets --as kim')).out, 'yes\n');
    await cluster.k('label clusterrole part team-');
    assert.equal((await cluster.kubectl('auth can-i get secrets --as kim')).out, 'no\n');
    await cluster.k('create clusterrole wider --verb=list --resource=leases');
    await cluster.k('label clusterrole wider rbac.authorization.k8s.io/aggregate-to-view=true');
    await cluster.k('create clusterrolebinding viewer --clusterrole=view --user=lee');
    assert.equal((await cluster.kubectl('auth can-i list leases --as lee')).out, 'yes\n');
  });

  test('refuses to give more than its author has (issue 10)', async () => {
    await cluster.k('create ns loop');
    await cluster.k('create rolebinding admins --clusterrole=admin --user=mo -n loop');
    assert.equal(
      await cluster.refused('create role root --verb=get --resource=nodes -n loop --as mo'),
      'Error from server (Forbidden): roles.rbac.authorization.k8s.io "root" is forbidden: user "mo" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
    );
  });
});

const DEVICE_URL =
  '/subscriptions/4385cf00-2d3a-425a-832f-f4285b1c9dce/resourceGroups/GroupForEdgeAutomation/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';
