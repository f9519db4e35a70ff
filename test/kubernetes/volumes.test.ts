/** Claims are bound as a real cluster binds them: to what is there, or to what the appliance's provisioner makes for the first pod. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';
import { assertPrinted } from '../support/printed.ts';

const claim = (name: string, spec: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '2Gi' } },
      ...spec,
    },
  });
const volume = (name: string, size: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/mnt/${name}` },
    },
  });
const pod = (name: string, claimName: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
      containers: [
        { name: 'a', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      ],
    },
  });

describe('a claim', { ...withKubectl, timeout: 120_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
  });

  test('of the appliance’s class waits for its first pod, and gets a volume where that pod goes', async () => {
    await cluster.k('apply -f -', claim('data', { storageClassName: 'ase-node-local' }));
    assertPrinted(
      await cluster.k('get pvc'),
      `NAME   STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS     AGE
data   Pending                                      ase-node-local   <age>`,
    );
    await cluster.k('apply -f -', pod('db', 'data'));
    await cluster.advance(seconds(1));
    assert.match(await cluster.k('get po db'), /0\/1 +Pending/);
    await cluster.advance(minutes(1));
    assert.match(await cluster.k('get po db'), /1\/1 +Running/);
    assertPrinted(
      await cluster.k('get pvc'),
      `NAME   STATUS   VOLUME        CAPACITY   ACCESS MODES   STORAGECLASS     AGE
data   Bound    pvc-<uid>     2Gi        RWO            ase-node-local   <age>`,
    );
    const described = await cluster.k('describe pvc data');
    for (const line of [
      /WaitForFirstConsumer .* waiting for first consumer to be created before binding/,
      /ExternalProvisioning .* waiting for a volume to be created, either by external provisioner "rancher\.io\/local-path" or manually created by system administrator/,
      /Provisioning .* External provisioner is provisioning volume for claim "default\/data"/,
      /ProvisioningSucceeded .* Successfully provisioned volume pvc-/,
      /volume\.kubernetes\.io\/selected-node: k8s-/,
      /Used By: +db/,
    ]) {
      assert.match(described, line);
    }
    await cluster.k('delete po db --wait=false');
    await cluster.advance(minutes(1));
    await cluster.k('delete pvc data');
    assert.equal((await cluster.kubectl('get pv')).err, 'No resources found\n');
  });

  test('without a class gets the smallest volume that is large enough, and leaves it behind', async () => {
    await cluster.k('apply -f -', claim('plain', { storageClassName: '' }));
    assert.match(
      await cluster.k('describe pvc plain'),
      /FailedBinding .* no persistent volumes available for this claim and no storage class is set/,
    );
    for (const [name, size] of [
      ['large', '10Gi'],
      ['small', '1Gi'],
      ['right', '3Gi'],
    ] as const) {
      await cluster.k('apply -f -', volume(name, size));
    }
    const { out } = await cluster.kubectl(
      'get pvc plain -o jsonpath={.status.phase}|{.spec.volumeName}',
    );
    // The first volume that was there and large enough has it.
    assert.equal(out, 'Bound|large');
    await cluster.k('apply -f -', claim('second', { storageClassName: '' }));
    assert.equal(await cluster.k('get pvc second -o jsonpath={.spec.volumeName}'), 'right');
    await cluster.k('apply -f -', pod('user', 'second'));
    await cluster.advance(minutes(1));
    assert.match(await cluster.k('get po user'), /1\/1 +Running/);
    await cluster.k('delete po user --wait=false');
    await cluster.advance(minutes(1));
    await cluster.k('delete pvc plain second');
    assert.match(await cluster.k('get pv large'), /Released +default\/plain/);
    await cluster.k('delete pv large small right');
  });

  test('that names a volume waits for that one', async () => {
    await cluster.k('apply -f -', claim('named', { storageClassName: '', volumeName: 'mine' }));
    await cluster.k('apply -f -', volume('other', '5Gi'));
    assert.match(await cluster.k('get pvc named'), /Pending/);
    await cluster.k('apply -f -', volume('mine', '5Gi'));
    assert.equal(await cluster.k('get pvc named -o jsonpath={.status.phase}'), 'Bound');
    await cluster.k('delete pvc named');
    await cluster.k('delete pv mine other');
  });

  test('of a class that there is not stays, and says why', async () => {
    await cluster.k('apply -f -', claim('lost', { storageClassName: 'nope' }));
    assert.match(
      await cluster.k('describe pvc lost'),
      /Warning +ProvisioningFailed .* storageclass\.storage\.k8s\.io "nope" not found/,
    );
    await cluster.k('apply -f -', pod('stuck', 'lost'));
    await cluster.advance(seconds(5));
    assert.match(
      await cluster.k('describe po stuck'),
      /FailedScheduling .* 0\/2 nodes are available: pod has unbound immediate PersistentVolumeClaims\./,
    );
    await cluster.k('delete po stuck --wait=false');
    await cluster.k('delete pvc lost');
  });
});
