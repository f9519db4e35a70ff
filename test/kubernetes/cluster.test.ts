import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCluster } from '#kubernetes/cluster.ts';
import { ARC_AGENTS } from '#kubernetes/components.ts';
import { coreCountOf, masterNameOf, workerNameOf, workerSizeOf } from '#kubernetes/nodes.ts';
import { componentVersionsOf } from '#kubernetes/versions.ts';

const GIB = 1024 ** 3;

test('nodes are named after serial numbers, as in the documented samples', () => {
  assert.equal(workerNameOf('1HWF613', '1HWF613'), 'k8s-1hwf613cl-1hwf613');
  assert.equal(workerNameOf('3Q7LHQ2', '1HXQG13'), 'k8s-3q7lhq2cl-1hxqg13');
  assert.equal(masterNameOf('1HWF613'), 'k8s-1hwf613cl');
});

test('a worker has 30 % of the vCPUs and 25 % of the RAM', () => {
  const size = (usableVcpuCount: number, gib: number) => {
    const { processorCount, memoryBytes } = workerSizeOf({
      usableVcpuCount,
      memoryBytes: gib * GIB,
    });
    return [processorCount, memoryBytes / GIB];
  };
  assert.deepEqual(size(40, 128), [12, 32]);
  assert.deepEqual(size(32, 256), [9, 64]);
  assert.deepEqual(size(24, 48), [7, 12]);
  assert.equal(coreCountOf({ processorCount: 12, memoryBytes: 0 }, 1), 16);
  assert.equal(coreCountOf({ processorCount: 12, memoryBytes: 0 }, 2), 28);
});

test('components fit their Kubernetes; a version between two known ones has those of the older one', () => {
  assert.equal(componentVersionsOf('v1.25.5').calico, 'v3.24.5');
  assert.equal(componentVersionsOf('v1.26').metallb, 'v0.13.9');
  assert.deepEqual(componentVersionsOf('v1.24.1'), componentVersionsOf('v1.22.6'));
  assert.deepEqual(componentVersionsOf('v1.99.0'), componentVersionsOf('v1.28'));
  assert.deepEqual(componentVersionsOf('what'), componentVersionsOf('v1.17.3'));
});

test('ten Arc agents with twenty containers', () => {
  assert.equal(ARC_AGENTS.length, 10);
  assert.equal(
    ARC_AGENTS.reduce((sum, agent) => sum + agent.containerCount, 0),
    20,
  );
});

test('a cluster on two nodes', () => {
  const cluster = describeCluster({
    podSubnet: '172.27.0.0/16',
    serviceSubnet: '172.28.0.0/16',
    kubernetesVersion: 'v1.27.8',
    serialNumbers: ['1HWF613', '3Q7LHQ2'],
    usableVcpuCount: 40,
    memoryBytes: 128 * GIB,
    nodeIps: ['10.1.2.20', '10.1.2.21', '10.1.2.22'],
    port: 'Port2',
    serviceIpRange: '10.1.2.100-10.1.2.119',
  });
  assert.deepEqual(
    cluster.nodes.map((node) => [node.type, node.name, node.ipAddress, node.size.processorCount]),
    [
      ['Master', 'k8s-1hwf613cl', '10.1.2.20', 4],
      ['Worker', 'k8s-1hwf613cl-1hwf613', '10.1.2.21', 12],
      ['Worker', 'k8s-1hwf613cl-3q7lhq2', '10.1.2.22', 12],
    ],
  );
  assert.deepEqual(cluster.loadBalancer.ipRange, ['10.1.2.100-10.1.2.119']);
});
