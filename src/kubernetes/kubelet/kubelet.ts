/**
 * The kubelets of all nodes: each pod that is bound is admitted, gets its network, runs its containers and ends in its grace.
 * Nothing really runs (docs/limits.md); states, events and times are those of a real node.
 * Sources: kubelet.go, kubelet_pods.go, status (kubernetes-facts.md 6).
 */
import type { Container, Node, Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import { instant, later } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import { deleteEntry } from '../api/delete.ts';
import type { Again, Controller } from '../controllers/controller.ts';
import { hasEnded } from '../controllers/pods.ts';
import { NODES } from '../kinds/nodes.ts';
import { PODS } from '../kinds/pods.ts';
import { addressAt } from '../objects/addresses.ts';
import { deepEqual } from '../objects/equal.ts';
import type { ChangeEvent, Entry } from '../objects/entry.ts';
import {
  annotationsOf,
  instantOf,
  isBeingDeleted,
  metaOf,
  timeOf,
  uidOf,
} from '../objects/object.ts';
import type { World } from '../world.ts';
import { phaseOf, podConditions } from './conditions.ts';
import { stepContainer } from './containers.ts';
import { LENGTHS, lifeOf, type PodLife, storedLife } from './life.ts';
import { PodWork } from './pod-work.ts';
import { missingVolume } from './references.ts';

export const KUBELET: Controller = {
  name: 'kubelet',
  isOnNodes: true,
  kinds: [PODS, NODES],
  keysOf: (world, { entry, type, previous }) => {
    if (entry.kind === PODS) {
      // What it remembers of a pod is written by itself alone: so is the change, and all of it is done.
      const isOwn = previous !== undefined && previous.simulation !== entry.simulation;
      if (type === 'DELETED' || isOwn) return [];
      const { nodeName = '' } = (entry.object as Pod).spec ?? {};
      return nodeName === '' ? [] : [entry.key];
    }
    return entry.kind === NODES ? podsOfNode(world, { entry, previous }) : [];
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(PODS, namespace, name);
    if (entry !== undefined) sync(world, entry, again);
  },
};

const readyOf = (entry: Entry | undefined): string | undefined =>
  (entry?.object as Node | undefined)?.status?.conditions?.find(({ type }) => type === 'Ready')
    ?.status;

/** The pods of a node that has come back. */
function podsOfNode(
  { store }: World,
  {
    entry,
    previous,
  }: { readonly entry: Entry; readonly previous: ChangeEvent['previous'] | undefined },
): string[] {
  if (readyOf(entry) !== 'True' || readyOf(previous) === 'True') return [];
  return keysOnNode(store, entry.name);
}

/** The keys of the pods on a node. */
export const keysOnNode = (store: World['store'], node: string): string[] =>
  Array.from(store.podsOn(node), ({ key }) => key);

/** Static pods have no network of the cluster to wait for. */
const usesHostNetwork = ({ spec }: Pod): boolean => spec?.hostNetwork === true;

function sync(world: World, entry: Entry, again: Again): void {
  const pod = entry.object as Pod;
  const given = world.foundation.nodes.find(({ name }) => name === pod.spec?.nodeName);
  // A kubelet that does not run changes nothing.
  if (given?.isUp !== true) return;
  if (!usesHostNetwork(pod) && !world.foundation.parts.includes('network')) return;
  const life = lifeOf(entry.simulation);
  if (isBeingDeleted(pod)) end(world, entry, { life, again });
  else if (hasEnded(pod)) return;
  else if (life === undefined) admit(world, entry, again);
  else step(world, entry, { life, again });
}

/** Takes the pod: its containers wait for their sandbox. */
function admit(world: World, entry: Entry, again: Again): void {
  const pod = entry.object as Pod;
  const life: PodLife = { sandboxAt: world.now + LENGTHS.sandbox, containers: {} };
  const work = new PodWork(world, entry, life);
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const hasInits = initContainers.length > 0;
  for (const container of [...initContainers, ...containers]) {
    work.waiting(container, hasInits ? 'PodInitializing' : 'ContainerCreating');
  }
  write(world, entry, { work, life, changes: { startTime: timeOf(world.now) } });
  again.at(instant(life.sandboxAt));
}

function step(
  world: World,
  entry: Entry,
  { life, again }: { readonly life: PodLife; readonly again: Again },
): void {
  if (life.sandboxAt > world.now) {
    again.at(instant(life.sandboxAt));
    return;
  }
  const work = new PodWork(world, entry, life);
  const { pod } = work;
  const missing = missingVolume(world, pod);
  if (missing !== undefined) {
    work.tell('FailedMount', missing, { isWarning: true });
    const next = { ...life, sandboxAt: world.now + LENGTHS.blocked };
    world.store.remember(entry, storedLife(next));
    again.at(instant(next.sandboxAt));
    return;
  }
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  if (stepInits(work, initContainers)) {
    for (const container of containers) stepContainer(work, container, { isInit: false });
  }
  write(world, entry, { work, life, changes: addressesOf(world, pod) });
  if (work.nextAt !== undefined) again.at(work.nextAt);
}

/** Runs init containers one after another; true when all have ended well. */
function stepInits(work: PodWork, inits: readonly Container[]): boolean {
  for (const container of inits) {
    stepContainer(work, container, { isInit: true });
    if (work.statuses.get(container.name)?.state?.terminated?.exitCode !== 0) return false;
  }
  return true;
}

/** The addresses of a pod whose sandbox stands. */
function addressesOf(world: World, pod: Pod): Partial<PodStatus> {
  const { status, spec } = pod;
  if (status?.podIP !== undefined) return {};
  const node = world.store.get(NODES, '', spec?.nodeName ?? '')?.object as Node | undefined;
  const hostIP = hostIpOf(node);
  const podIP = usesHostNetwork(pod) ? hostIP : freeAddress(world, pod, node);
  return podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] };
}

const hostIpOf = (node: Node | undefined): string | undefined =>
  node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;

const FIRST_POD_HOST = 2;
const POD_HOSTS = 252;

/** A free address of the node's pod network. */
function freeAddress(world: World, pod: Pod, node: Node | undefined): string | undefined {
  const subnet = node?.spec?.podCIDR;
  if (subnet === undefined) return undefined;
  const nodeName = pod.spec?.nodeName ?? '';
  const first = wholeNumber(0, POD_HOSTS - 1, world.seed, 'podIP', uidOf(pod));
  for (let index = 0; index < POD_HOSTS; index++) {
    const address = addressAt(subnet, FIRST_POD_HOST + ((first + index) % POD_HOSTS));
    if (!world.store.hasPodAddress(nodeName, address)) return address;
  }
  return undefined;
}

/** Stores what has become of the pod; only what is remembered where clients see nothing new. */
function write(
  world: World,
  entry: Entry,
  {
    work,
    life,
    changes,
  }: { readonly work: PodWork; readonly life: PodLife; readonly changes: Partial<PodStatus> },
): void {
  const { pod } = work;
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const statusesOf = (list: readonly Container[]) =>
    list.flatMap(({ name }) => work.statuses.get(name) ?? []);
  const node = world.store.get(NODES, '', work.node)?.object as Node | undefined;
  const hostIP = hostIpOf(node);
  const draft: PodStatus = {
    ...pod.status,
    ...changes,
    ...(hostIP === undefined ? {} : { hostIP }),
    containerStatuses: statusesOf(containers).sort((one, other) =>
      one.name < other.name ? -1 : 1,
    ),
    ...(initContainers.length === 0 ? {} : { initContainerStatuses: statusesOf(initContainers) }),
  };
  const phase = phaseOf(pod, draft);
  const status: PodStatus = { ...draft, phase };
  status.conditions = podConditions(world, pod, status);
  const next = storedLife({ ...life, containers: Object.fromEntries(work.lives) });
  if (deepEqual(status, pod.status)) {
    if (!deepEqual(next, entry.simulation)) world.store.remember(entry, next);
  } else world.store.put(PODS, { ...pod, status }, next);
}

/** Ends a pod in its grace, and removes it. */
function end(
  world: World,
  entry: Entry,
  { life, again }: { readonly life: PodLife | undefined; readonly again: Again },
): void {
  const pod = entry.object as Pod;
  const deadline = instantOf(metaOf(pod).deletionTimestamp) ?? world.now;
  if (life === undefined || hasEnded(pod)) {
    remove(world, entry);
    return;
  }
  if (life.endsAt === undefined) {
    const work = new PodWork(world, entry, life);
    for (const container of pod.spec?.containers ?? []) {
      if (work.statuses.get(container.name)?.state?.running === undefined) continue;
      work.tell('Killing', `Stopping container ${container.name}`, { container });
    }
    const endsAt = Math.min(world.now + stopLength(pod), later(deadline, world.now));
    world.store.remember(entry, storedLife({ ...life, endsAt }));
    if (endsAt > world.now) again.at(instant(endsAt));
    else remove(world, entry);
    return;
  }
  const endsAt = Math.min(life.endsAt, deadline);
  if (endsAt > world.now) again.at(instant(endsAt));
  else remove(world, entry);
}

/** How long the containers take to end by themselves; annotation `edgetwin/stop-seconds` says otherwise. */
function stopLength(pod: Pod): number {
  const asked = Number(annotationsOf(pod)['edgetwin/stop-seconds'] ?? Number.NaN);
  return Number.isFinite(asked) && asked >= 0 ? asked * 1000 : LENGTHS.stop;
}

function remove(world: World, entry: Entry): void {
  const current = world.store.get(PODS, entry.namespace, entry.name);
  if (current === undefined) return;
  const { entry: left, isGone } = deleteEntry(world, current, { gracePeriodSeconds: 0 });
  if (isGone) return;
  // Finalizers hold it: it runs no more.
  const pod = left.object as Pod;
  if (!hasEnded(pod))
    world.store.put(PODS, { ...pod, status: { ...pod.status, phase: 'Succeeded' } });
}
