/**
 * Nodes follow the appliance: its VMs register, become ready with the network, and are lost with the machine under them.
 * Sources: kubelet_node_status.go; controller/nodelifecycle (kubernetes-facts.md 4.8, 9.1).
 */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import type { FoundationNode } from '../foundation.ts';
import { nodeConditions, type NodeHealth, nodeObject, nodeTaints } from '../kubelet/nodes.ts';
import { NODES } from '../kinds/nodes.ts';
import { LEASES } from '../kinds/policies.ts';
import { deepEqual } from '../objects/equal.ts';
import { microTimeOf, nameOf, uidOf } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';
import { recordEvent } from './events.ts';

/** Where kubelets renew their leases. */
export const NODE_LEASES = 'kube-node-lease';
const LEASE_SECONDS = 40;

export const NODE_CONTROLLER: Controller = {
  name: 'nodes',
  kinds: [NODES],
  watchesFoundation: true,
  keysOf: (_world, { entry }) => (entry.kind === NODES ? [entry.name] : []),
  reconcile: (world) => {
    const { foundation, store } = world;
    foundation.nodes.forEach((given, index) => {
      follow(world, given, index);
    });
    const names = new Set(foundation.nodes.map(({ name }) => name));
    for (const entry of store.list(NODES)) {
      if (!names.has(entry.name)) store.remove(entry);
    }
  },
};

function healthOf({ foundation }: World, given: FoundationNode): NodeHealth {
  if (!given.isUp) return 'lost';
  return foundation.parts.includes('network') ? 'ready' : 'noNetwork';
}

function follow(world: World, given: FoundationNode, index: number): void {
  const health = healthOf(world, given);
  const entry = world.store.get(NODES, '', given.name);
  const wanted = nodeObject(world, given, index);
  if (entry === undefined) {
    register(world, wanted, health);
    return;
  }
  const node = entry.object as Node;
  const before = node.status?.conditions ?? [];
  const conditions = nodeConditions(world, health, before);
  const taints = nodeTaints(world, health, node.spec?.taints);
  const next: Node = {
    ...node,
    spec: { ...node.spec, ...(taints.length === 0 ? {} : { taints }) },
    status: { ...node.status, ...wanted.status, conditions },
  };
  if (taints.length === 0 && next.spec?.taints !== undefined) delete next.spec.taints;
  if (deepEqual(next, node)) return;
  world.store.put(NODES, next);
  tell(world, node, next);
}

function register(world: World, wanted: Node, health: NodeHealth): void {
  const taints = nodeTaints(world, health, wanted.spec?.taints);
  const node = create(world, {
    kind: NODES,
    namespace: '',
    caller: systemCaller(`system:node:${nameOf(wanted)}`),
    object: {
      ...wanted,
      spec: { ...wanted.spec, ...(taints.length === 0 ? {} : { taints }) },
      status: { ...wanted.status, conditions: nodeConditions(world, health) },
    } as Node,
  }).object as Node;
  const name = nameOf(node);
  const lease: Lease = {
    metadata: {
      name,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uidOf(node) }],
    },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTimeOf(world.now),
    },
  };
  if (world.store.get(LEASES, NODE_LEASES, name) === undefined) {
    create(world, {
      kind: LEASES,
      namespace: NODE_LEASES,
      object: lease,
      caller: systemCaller(`system:node:${name}`),
    });
  }
  recordEvent(world, {
    about: { kind: 'Node', name, uid: name },
    source: { component: 'kubelet', host: name },
    reason: 'Starting',
    message: 'Starting kubelet.',
  });
  recordEvent(world, {
    about: { kind: 'Node', name, uid: uidOf(node) },
    source: { component: 'node-controller' },
    reason: 'RegisteredNode',
    message: `Node ${name} event: Registered Node ${name} in Controller`,
  });
  if (health === 'ready') tellReady(world, name);
}

const readyOf = ({ status }: Node): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status;

function tell(world: World, before: Node, after: Node): void {
  const name = nameOf(after);
  if (readyOf(before) === readyOf(after)) return;
  if (readyOf(after) === 'True') tellReady(world, name);
  else {
    recordEvent(world, {
      about: { kind: 'Node', name, uid: uidOf(after) },
      source: { component: 'node-controller' },
      reason: 'NodeNotReady',
      message: `Node ${name} status is now: NodeNotReady`,
    });
  }
}

const tellReady = (world: World, name: string): void => {
  recordEvent(world, {
    about: { kind: 'Node', name, uid: name },
    source: { component: 'kubelet', host: name },
    reason: 'NodeReady',
    message: `Node ${name} status is now: NodeReady`,
  });
};
