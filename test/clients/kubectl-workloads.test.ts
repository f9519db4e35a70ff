/**
 * The unmodified kubectl watches and rolls (slices 3 and 4 of kubernetes-api.md 5.1), and Microsoft's documents are walked through word
 * for word: "Create and manage a Kubernetes cluster" and "Deploy a Kubernetes stateless application via kubectl".
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { runClusterCommand } from '../../clients/cluster/commands.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';
import { assertPrinted } from '../support/printed.ts';
import { rowsOf } from '../support/rows.ts';

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

describe('kubectl', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
  });

  test('walks through both documents word for word (issue 10, 1)', async () => {
    const powershell = async (name: string, ...words: string[]): Promise<string> => {
      const answer = await runClusterCommand(name, [DEVICE_URL, ...words], cluster.arm.origin);
      assert.ok('text' in answer, JSON.stringify(answer));
      return answer.text;
    };
    await powershell('New-HcsKubernetesNamespace', '-Namespace', 'myasetest1');
    const config = await powershell('New-HcsKubernetesUser', '-UserName', 'aseuser1');
    assert.match(config, /^current-context: aseuser1@kubernetes$/m);
    await powershell(
      'Grant-HcsKubernetesNamespaceAccess',
      '-Namespace',
      'myasetest1',
      '-UserName',
      'aseuser1',
    );
    const user = await cluster.as('aseuser1');
    const none = await user.kubectl('get pods -n myasetest1');
    assert.deepEqual([none.code, none.err], [0, 'No resources found in myasetest1 namespace.\n']);
    assert.equal(
      await user.k('apply -f - -n myasetest1', NGINX('1.7.9', 2)),
      'deployment.apps/nginx-deployment created\n',
    );
    await cluster.advance(minutes(1));
    assertPrinted(
      await user.k('describe deployment nginx-deployment -n myasetest1'),
      `Name:                   nginx-deployment
Namespace:              myasetest1
CreationTimestamp:      <time>
Labels:                 <none>
Annotations:            deployment.kubernetes.io/revision: 1
Selector:               app=nginx
Replicas:               2 desired | 2 updated | 2 total | 2 available | 0 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 25% max surge
Pod Template:
  Labels:  app=nginx
  Containers:
   nginx:
    Image:         nginx:1.7.9
    Port:          80/TCP
    Host Port:     0/TCP
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Conditions:
  Type           Status  Reason
  ----           ------  ------
  Available      True    MinimumReplicasAvailable
  Progressing    True    NewReplicaSetAvailable
OldReplicaSets:  <none>
NewReplicaSet:   nginx-deployment-<hash> (2/2 replicas created)
Events:
  Type    Reason             Age    From                   Message
  ----    ------             ----   ----                   -------
  Normal  ScalingReplicaSet  <age>  deployment-controller  Scaled up replica set nginx-deployment-<hash> to 2`,
    );
    const pods = await user.k('get pods -l app=nginx -n myasetest1');
    assertPrinted(
      pods,
      `NAME                            READY   STATUS    RESTARTS   AGE
nginx-deployment-<hash>-<end>   1/1     Running   0          <age>
nginx-deployment-<hash>-<end>   1/1     Running   0          <age>`,
    );
    const [[pod = ''] = []] = rowsOf(pods);
    assertPrinted(
      await user.k(`describe pod ${pod} -n myasetest1`),
      `Name:             ${pod}
Namespace:        myasetest1
Priority:         0
Service Account:  default
Node:             <node>/<ip>
Start Time:       <time>
Labels:           app=nginx
                  pod-template-hash=<hash>
Annotations:      <none>
Status:           Running
IP:               <ip>
IPs:
  IP:           <ip>
Controlled By:  ReplicaSet/nginx-deployment-<hash>
Containers:
  nginx:
    Container ID:   docker://<id>
    Image:          nginx:1.7.9
    Image ID:       docker.io/library/nginx@sha256:<id>
    Port:           80/TCP
    Host Port:      0/TCP
    State:          Running
      Started:      <time>
    Ready:          True
    Restart Count:  0
    Environment:    <none>
    Mounts:
      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-<end> (ro)
Conditions:
  Type              Status
  Initialized       True
  Ready             True
  ContainersReady   True
  PodScheduled      True
Volumes:
  kube-api-access-<end>:
    Type:                    Projected (a volume that contains injected data from multiple sources)
    TokenExpirationSeconds:  3607
    ConfigMapName:           kube-root-ca.crt
    ConfigMapOptional:       <nil>
    DownwardAPI:             true
QoS Class:                   BestEffort
Node-Selectors:              <none>
Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
                             node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
Events:
  Type    Reason     Age    From               Message
  ----    ------     ----   ----               -------
  Normal  Scheduled  <age>  default-scheduler  Successfully assigned myasetest1/${pod} to <node>
  Normal  Pulling    <age>  kubelet            Pulling image "nginx:1.7.9"
  Normal  Pulled     <age>  kubelet            Successfully pulled image "nginx:1.7.9" in <seconds> (<seconds> including waiting)
  Normal  Created    <age>  kubelet            Created container nginx
  Normal  Started    <age>  kubelet            Started container nginx`,
    );
    assert.equal(
      await user.k('apply -f - -n myasetest1', NGINX('1.8', 4)),
      'deployment.apps/nginx-deployment configured\n',
    );
    await cluster.advance(minutes(2));
    assertPrinted(
      await user.k('get pods -l app=nginx -n myasetest1'),
      `NAME                            READY   STATUS    RESTARTS   AGE
${'nginx-deployment-<hash>-<end>   1/1     Running   0          <age>\n'.repeat(4)}`,
    );
    assert.equal(
      await user.k('delete deployment nginx-deployment -n myasetest1'),
      'deployment.apps "nginx-deployment" deleted\n',
    );
    await cluster.advance(minutes(1));
    assert.equal(
      (await user.kubectl('get pods -l app=nginx -n myasetest1')).err,
      'No resources found in myasetest1 namespace.\n',
    );
  });

  test('applies, describes, scales, rolls, undoes, exposes and deletes (slice 4)', async () => {
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
      /Pulled +\S+ +kubelet +Container image "nginx:1\.7\.9" already present on machine/,
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

  test('rolls out anew, pauses and goes on, and remembers what it rolled (slice 4)', async () => {
    const name = 'deployment/nginx-deployment';
    await cluster.k('apply -f -', NGINX('1.7.9', 2));
    await cluster.advance(minutes(1));
    assert.equal(
      await cluster.k(`set image ${name} nginx=nginx:1.9`),
      'deployment.apps/nginx-deployment image updated\n',
    );
    await cluster.advance(minutes(1));
    assert.equal(
      await cluster.k(`rollout restart ${name}`),
      'deployment.apps/nginx-deployment restarted\n',
    );
    await cluster.advance(minutes(1));
    assertPrinted(
      await cluster.k(`rollout history ${name}`),
      'deployment.apps/nginx-deployment\nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n3         <none>',
    );
    assertPrinted(
      await cluster.k(`rollout history ${name} --revision=2`),
      `deployment.apps/nginx-deployment with revision #2
Pod Template:
  Labels:	app=nginx
	pod-template-hash=<hash>
  Containers:
   nginx:
    Image:	nginx:1.9
    Port:	80/TCP
    Host Port:	0/TCP
    Environment:	<none>
    Mounts:	<none>
  Volumes:	<none>
  Node-Selectors:	<none>
  Tolerations:	<none>`,
    );
    assert.equal(
      await cluster.k(`rollout pause ${name}`),
      'deployment.apps/nginx-deployment paused\n',
    );
    assert.match(
      await cluster.refused(`rollout undo ${name}`),
      /you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again/,
    );
    assert.equal(
      await cluster.k(`rollout resume ${name}`),
      'deployment.apps/nginx-deployment resumed\n',
    );
    assert.equal(
      await cluster.k(`rollout undo ${name} --to-revision=1`),
      'deployment.apps/nginx-deployment rolled back\n',
    );
    await cluster.advance(minutes(1));
    assert.equal(
      await cluster.k(`get ${name} -o jsonpath={.spec.template.spec.containers[0].image}`),
      'nginx:1.7.9',
    );
    await cluster.k(`delete ${name} --wait=false`);
    await cluster.advance(minutes(1));
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

  test('watches pods come up, as a table that grows (slice 3)', async () => {
    await cluster.k('create ns stream');
    const watching = cluster.meanwhile(
      cluster.kubectl('get po -n stream -w --request-timeout=4s'),
      seconds(1),
    );
    await cluster.k('run one --image=nginx -n stream');
    const { out } = await watching;
    const seen = rowsOf(out).map(
      ([name, ready, status]) => `${name ?? ''} ${ready ?? ''} ${status ?? ''}`,
    );
    for (const line of ['one 0/1 ContainerCreating', 'one 1/1 Running']) {
      assert.ok(seen.includes(line), `${line} in ${out}`);
    }
    await cluster.k('delete ns stream --wait=false');
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
});

const DEVICE_URL =
  '/subscriptions/4385cf00-2d3a-425a-832f-f4285b1c9dce/resourceGroups/GroupForEdgeAutomation/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';
