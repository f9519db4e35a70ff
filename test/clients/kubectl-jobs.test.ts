/** The unmodified kubectl, of both versions, with Jobs: create, wait, describe, logs, delete. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';
import { assertPrinted } from '../support/printed.ts';
import { headOf, rowsOf } from '../support/rows.ts';

/** A Job whose pods fail. */
const FAILING = `apiVersion: batch/v1
kind: Job
metadata:
  name: failing
spec:
  backoffLimit: 1
  template:
    metadata:
      annotations:
        edgetwin/exit-code: "3"
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: busybox
`;

describe('kubectl', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
  });

  test('creates a Job, waits for its end and describes it', async () => {
    assert.equal(
      await cluster.k('create job hello --image=busybox -- echo hi'),
      'job.batch/hello created\n',
    );
    const begun = await cluster.k('get jobs');
    assert.deepEqual(headOf(begun), ['NAME', 'COMPLETIONS', 'DURATION', 'AGE']);
    assert.deepEqual(rowsOf(begun)[0]?.slice(0, 2), ['hello', '0/1']);
    const waiting = cluster.k('wait --for=condition=complete job/hello --timeout=120s');
    assert.equal(await cluster.meanwhile(waiting, seconds(5)), 'job.batch/hello condition met\n');
    assert.deepEqual(rowsOf(await cluster.k('get job hello'))[0]?.slice(0, 2), ['hello', '1/1']);
    assertPrinted(
      await cluster.k('describe job hello'),
      `Name:             hello
Namespace:        default
Selector:         controller-uid=<uid>
Labels:           controller-uid=<uid>
                  job-name=hello
Annotations:      <none>
Parallelism:      1
Completions:      1
Completion Mode:  NonIndexed
Suspend:          false
Backoff Limit:    6
Start Time:       <time>
Completed At:     <time>
Duration:         <age>
Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed
Pod Template:
  Labels:  controller-uid=<uid>
           job-name=hello
  Containers:
   hello:
    Image:      busybox
    Port:       <none>
    Host Port:  <none>
    Command:
      echo
      hi
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Events:
  Type    Reason            Age   From            Message
  ----    ------            ----  ----            -------
  Normal  SuccessfulCreate  <age>  job-controller  Created pod: hello-<end>
  Normal  Completed         <age>   job-controller  Job completed
`,
    );
    assert.match(await cluster.k('get all'), /^job\.batch\/hello +1\/1 +\d+s/m);
    assert.match(
      await cluster.k('get pods -l job-name=hello'),
      /^hello-[a-z0-9]{5} +0\/1 +Completed +0 /m,
    );
  });

  test('tells of one that fails, and deletes it with its pods', async () => {
    assert.equal(await cluster.k('apply -f -', FAILING), 'job.batch/failing created\n');
    const waiting = cluster.k('wait --for=condition=failed job/failing --timeout=300s');
    await cluster.meanwhile(waiting, seconds(10));
    const said = await cluster.k('describe job failing');
    assert.match(said, /^Pods Statuses: +0 Active \(0 Ready\) \/ 0 Succeeded \/ 2 Failed$/m);
    assert.match(
      said,
      /Warning +BackoffLimitExceeded .*Job has reached the specified backoff limit$/m,
    );
    assert.match(await cluster.k('get pods -l job-name=failing'), /^failing-\w{5} +0\/1 +Error /m);
    assert.equal(await cluster.k('delete job failing'), 'job.batch "failing" deleted\n');
    await cluster.advance(seconds(10));
    const left = await cluster.kubectl('get pods -l job-name=failing');
    assert.match(left.err, /^No resources found/);
  });

  test('changes of a Job what may be changed, and is refused the rest', async () => {
    await cluster.k('create job long --image=busybox -- sleep 3600');
    await cluster.advance(seconds(10));
    await cluster.k('patch job long -p {"spec":{"suspend":true}}');
    await cluster.advance(minutes(1));
    const left = await cluster.kubectl('get pods -l job-name=long');
    assert.match(left.err, /^No resources found/);
    assert.equal(
      await cluster.refused('patch job long -p {"spec":{"completions":2}}'),
      'The Job "long" is invalid: spec.completions: Invalid value: 2: field is immutable',
    );
    assert.match(
      await cluster.refused('apply -f -', FAILING.replace('Never', 'Always')),
      /restartPolicy: Required value: valid values: "OnFailure", "Never"$/,
    );
    const path = '/apis/batch/v1/namespaces/default/jobs/long';
    const { out, err } = await cluster.kubectl(`delete --raw ${pathOf(cluster)}${path}`);
    assert.match(out, /"finalizers":\["orphan"\]/);
    assert.match(err, /^Warning: child pods are preserved by default when jobs are deleted; /);
  });

  test('counts Jobs against a quota, and explains their fields', async () => {
    await cluster.k('create namespace few');
    await cluster.k('create quota few --hard=count/jobs.batch=1 -n few');
    await cluster.k('create job one --image=busybox -n few');
    assert.match(
      await cluster.refused('create job two --image=busybox -n few'),
      /exceeded quota: few, requested: count\/jobs\.batch=1, used: count\/jobs\.batch=1, limited: count\/jobs\.batch=1$/,
    );
    assert.match(
      await cluster.k('explain job.spec.backoffLimit'),
      /FIELD: backoffLimit <integer>[^]*number of retries before marking this job failed/,
    );
  });

  test('of 1.28 creates, lists, waits and deletes', async () => {
    const old = async (command: string): Promise<string> => {
      const { code, out, err } = await cluster.kubectl(command, '', 28);
      assert.equal(code, 0, `${command}: ${err}`);
      return out;
    };
    assert.equal(await old('create job old --image=busybox'), 'job.batch/old created\n');
    const waiting = old('wait --for=condition=complete job/old --timeout=120s');
    await cluster.meanwhile(waiting, seconds(5));
    assert.match(
      await old('get jobs -o wide'),
      /^old +1\/1 +\d+s +\d+s +old +busybox +controller-uid=/m,
    );
    assert.match(
      await old('describe job old'),
      /^Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded/m,
    );
    assert.equal(await old('delete job old'), 'job.batch "old" deleted\n');
  });
});

/** The path of the cluster on its server, which `--raw` wants before its own. */
const pathOf = ({ kubeconfig }: Cluster): string =>
  new URL(/server: (\S+)/.exec(kubeconfig)?.[1] ?? '').pathname;
