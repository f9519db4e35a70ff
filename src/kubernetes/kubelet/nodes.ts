/**
 * Nodes as their kubelets register them, from what the appliance gives.
 * Sources: kubelet_node_status.go, nodestatus/setters.go; controller/nodelifecycle (kubernetes-facts.md 4.8, 9.1); appliance.md 4.3.
 */
import type { Node, NodeCondition, Taint } from 'kubernetes-types/core/v1.d.ts';
import { guid, text } from '#shared/random.ts';
import type { FoundationNode } from '../foundation.ts';
import { addressAt } from '../objects/addresses.ts';
import { timeOf } from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';

const KIB = 1024;
/** Of a worker's disk for images and logs [ours]. */
const DISK_KIB = 101_583_780;
const DISK_SHARE = 0.9;
/** eviction-hard memory.available (kubernetes-facts.md 6.5). */
const EVICTION_KIB = 100 * KIB;
const MAX_PODS = 110;
/** From this minor version on nodes run containerd, before it Docker (appliance.md 5, 2312). */
const FIRST_CONTAINERD = 26;
/** From this minor version on the control plane's label has its present name alone (kubeadm 1.24). */
const FIRST_CONTROL_PLANE_LABEL = 24;

const GPU = 'nvidia.com/gpu';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const FORMER_MASTER = 'node-role.kubernetes.io/master';

/** Size of each node's pod network (kube-controller-manager node-cidr-mask-size). */
const POD_NETWORK = 256;

/** The node without its conditions, which follow from its state. */
export function nodeObject(world: World, given: FoundationNode, index: number): Node {
  const { podSubnet } = world.foundation;
  const podCidr = `${addressAt(podSubnet, index * POD_NETWORK)}/24`;
  const isMaster = given.type === 'Master';
  const roleLabel = roleLabelOf(world);
  return {
    metadata: {
      name: given.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': given.name,
        'kubernetes.io/os': 'linux',
        ...(isMaster
          ? { [roleLabel]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
          : {}),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        'projectcalico.org/IPv4Address': `${given.ipAddress}/24`,
      },
    },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      ...(isMaster ? { taints: [{ key: roleLabel, effect: 'NoSchedule' }] } : {}),
    },
    status: statusOf(world, given),
  };
}

const roleLabelOf = (world: World): string =>
  minorVersion(world) >= FIRST_CONTROL_PLANE_LABEL ? CONTROL_PLANE : FORMER_MASTER;

function statusOf(world: World, given: FoundationNode): NonNullable<Node['status']> {
  const { seed, foundation } = world;
  const { kubernetesVersion } = foundation;
  const memory = Math.floor(given.memoryBytes / KIB);
  const gpus = given.gpuCount > 0 ? { [GPU]: String(given.gpuCount) } : {};
  const isDocker = minorVersion(world) < FIRST_CONTAINERD;
  return {
    addresses: [
      { type: 'InternalIP', address: given.ipAddress },
      { type: 'Hostname', address: given.name },
    ],
    capacity: {
      cpu: String(given.processorCount),
      'ephemeral-storage': `${DISK_KIB}Ki`,
      'hugepages-1Gi': '0',
      'hugepages-2Mi': '0',
      memory: `${memory}Ki`,
      ...gpus,
      pods: String(MAX_PODS),
    },
    allocatable: {
      cpu: String(given.processorCount),
      'ephemeral-storage': String(Math.floor(DISK_KIB * KIB * DISK_SHARE)),
      'hugepages-1Gi': '0',
      'hugepages-2Mi': '0',
      memory: `${memory - EVICTION_KIB}Ki`,
      ...gpus,
      pods: String(MAX_PODS),
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: guid(seed, 'boot', given.name),
      containerRuntimeVersion: isDocker ? 'docker://20.10.14' : 'containerd://1.7.2',
      kernelVersion: '5.4.0-1103-azure',
      kubeProxyVersion: kubernetesVersion,
      kubeletVersion: kubernetesVersion,
      machineID: text('0123456789abcdef', 32, seed, 'machine', given.name),
      operatingSystem: 'linux',
      osImage: 'Ubuntu 18.04.6 LTS',
      systemUUID: guid(seed, 'system', given.name),
    },
  };
}

/** How a node is seen: ready; up, but without its network; lost. */
export type NodeHealth = 'ready' | 'noNetwork' | 'lost';

const CHECKS: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
];
const NO_NETWORK =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

/** The conditions of a node; times of those that stay as they were are kept. */
export function nodeConditions(
  world: World,
  health: NodeHealth,
  before: readonly NodeCondition[] = [],
): NodeCondition[] {
  const now = timeOf(world.now);
  const wanted: Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>[] = [];
  if (health !== 'noNetwork') {
    wanted.push({
      type: 'NetworkUnavailable',
      status: 'False',
      reason: 'CalicoIsUp',
      message: 'Calico is running on this node',
    });
  }
  const isLost = health === 'lost';
  for (const [type, reason, message] of CHECKS) {
    wanted.push(isLost ? unknown(type) : { type, status: 'False', reason, message });
  }
  wanted.push(
    isLost
      ? unknown('Ready')
      : health === 'ready'
        ? {
            type: 'Ready',
            status: 'True',
            reason: 'KubeletReady',
            message: 'kubelet is posting ready status',
          }
        : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: NO_NETWORK },
  );
  return wanted.map((condition) => {
    const earlier = before.find(({ type }) => type === condition.type);
    const isSame = earlier?.status === condition.status;
    return {
      ...condition,
      lastHeartbeatTime: (isSame ? earlier.lastHeartbeatTime : undefined) ?? now,
      lastTransitionTime: (isSame ? earlier.lastTransitionTime : undefined) ?? now,
    };
  });
}

const unknown = (type: string) => ({
  type,
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
});

/** The taints that follow from a node's health; those that others set stay. */
export function nodeTaints(
  world: World,
  health: NodeHealth,
  present: readonly Taint[] = [],
): Taint[] {
  const key =
    health === 'ready'
      ? undefined
      : `node.kubernetes.io/${health === 'lost' ? 'unreachable' : 'not-ready'}`;
  const others = present.filter(
    (taint) =>
      taint.key !== 'node.kubernetes.io/unreachable' &&
      taint.key !== 'node.kubernetes.io/not-ready',
  );
  if (key === undefined) return others;
  const kept = present.filter((taint) => taint.key === key);
  return [
    ...others,
    ...(kept.length > 0
      ? kept
      : [
          { key, effect: 'NoSchedule' },
          { key, effect: 'NoExecute', timeAdded: timeOf(world.now) },
        ]),
  ];
}
