/**
 * ReplicaSets: as many pods as they ask for.
 * Source: controller/replicaset, controller_utils.go (kubernetes-facts.md 4.2).
 */
import type {
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetStatus,
} from 'kubernetes-types/apps/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { type Instant, earlier } from '#shared/instant.ts';
import { systemCaller } from '../api/caller.ts';
import { putStatus } from '../objects/put-status.ts';
import { PODS } from '../kinds/pods.ts';
import { REPLICA_SETS } from '../kinds/replicasets.ts';
import type { Entry } from '../objects/entry.ts';
import {
  annotationsOf,
  instantOf,
  isBeingDeleted,
  labelsOf,
  metaOf,
  nameOf,
  timeOf,
  uidOf,
} from '../objects/object.ts';
import type { StatusError } from '../status.ts';
import type { World } from '../world.ts';
import { adopt, controllerKeys } from './adoption.ts';
import type { Again, Controller } from './controller.ts';
import { BURST, createPod, deletePod, type PodOwner } from './pod-control.ts';
import { availableAt, hasEnded, isActive, isReady, isSeenByOwner } from './pods.ts';

const caller = systemCaller('system:serviceaccount:kube-system:replicaset-controller');
const source = { component: 'replicaset-controller' };

export const REPLICA_SET_CONTROLLER: Controller = {
  name: 'replicasets',
  kinds: [REPLICA_SETS, PODS],
  keysOf: (world, event) => {
    const { entry, type } = event;
    if (entry.kind === REPLICA_SETS) {
      return type === 'DELETED' ? [] : [entry.key];
    }
    if (entry.kind !== PODS || !isSeenByOwner(event)) return [];
    return controllerKeys(world, event, REPLICA_SETS);
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(REPLICA_SETS, namespace, name);
    if (entry !== undefined) sync(world, entry, again);
  },
};

function sync(world: World, entry: Entry, again: Again): void {
  const set = entry.object as ReplicaSet;
  if (!isBeingDeleted(set)) {
    adopt(world, {
      ...{ controller: set, controllerKind: REPLICA_SETS, kind: PODS },
      selector: set.spec?.selector,
      takes: (pod) => isActive(pod as Pod),
    });
  }
  const owned = world.store
    .dependentsOf(uidOf(set))
    .filter((pod) => pod.kind === PODS && !hasEnded(pod.object as Pod));
  const active = owned.filter((pod) => isActive(pod.object as Pod));
  const wanted = set.spec?.replicas ?? 1;
  let failure: StatusError | undefined;
  if (!isBeingDeleted(set)) {
    if (active.length < wanted) {
      failure = createPods(world, set, Math.min(wanted - active.length, BURST));
    } else if (active.length > wanted) {
      const surplus = ranked(world, active).slice(0, Math.min(active.length - wanted, BURST));
      for (const pod of surplus) deletePod(world, ownerOf(set), pod);
    }
  }
  const current = world.store.get(REPLICA_SETS, entry.namespace, entry.name);
  if (current === undefined) return;
  writeStatus(world, current, { failure, again });
  if (failure !== undefined) throw failure;
}

/** Creates pods until one is refused, which is given. */
function createPods(world: World, set: ReplicaSet, count: number): StatusError | undefined {
  const template = set.spec?.template ?? {};
  for (let index = 0; index < count; index++) {
    const failure = createPod(world, ownerOf(set), {
      template,
      generateName: `${nameOf(set)}-`,
    });
    if (failure !== undefined) return failure;
  }
  return undefined;
}

const ownerOf = (object: ReplicaSet): PodOwner => ({ object, kind: REPLICA_SETS, caller, source });

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_RANKS: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Pods in the order in which they are given up. */
function ranked(world: World, pods: readonly Entry[]): readonly Entry[] {
  const perNode = new Map<string, number>();
  for (const { object } of pods) {
    const node = (object as Pod).spec?.nodeName ?? '';
    perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const logAge = (time: string | undefined): number =>
    Math.floor(Math.log2(Math.max(1, world.now - (instantOf(time) ?? world.now))));
  const rank = ({ object }: Entry): number[] => {
    const pod = object as Pod;
    const node = pod.spec?.nodeName ?? '';
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    const restarts = (pod.status?.containerStatuses ?? []).reduce(
      (most, { restartCount }) => Math.max(most, restartCount),
      0,
    );
    return [
      node === '' ? 0 : 1,
      PHASE_RANKS[pod.status?.phase ?? ''] ?? 2,
      isReady(pod) ? 1 : 0,
      Number(annotationsOf(pod)[DELETION_COST] ?? 0),
      -(perNode.get(node) ?? 0),
      isReady(pod) ? logAge(ready?.lastTransitionTime) : 0,
      -restarts,
      logAge(metaOf(pod).creationTimestamp),
    ];
  };
  const ranks = new Map(pods.map((pod) => [pod, rank(pod)]));
  return [...pods].sort((one, other) => {
    const [first, second] = [ranks.get(one) ?? [], ranks.get(other) ?? []];
    const at = first.findIndex((value, index) => value !== second[index]);
    if (at !== -1) return (first[at] ?? 0) - (second[at] ?? 0);
    return uidOf(one.object) < uidOf(other.object) ? -1 : 1;
  });
}

function writeStatus(
  world: World,
  entry: Entry,
  { failure, again }: { readonly failure: StatusError | undefined; readonly again: Again },
): void {
  const set = entry.object as ReplicaSet;
  const { minReadySeconds = 0, template } = set.spec ?? {};
  const pods = world.store
    .dependentsOf(uidOf(set))
    .filter(({ kind, object }) => kind === PODS && isActive(object as Pod))
    .map(({ object }) => object as Pod);
  const labels = Object.entries(template?.metadata?.labels ?? {});
  let nextAt: Instant | undefined;
  const isAvailable = (pod: Pod): boolean => {
    const at = availableAt(pod, minReadySeconds);
    if (at === undefined) return false;
    if (at > world.now) nextAt = nextAt === undefined ? at : earlier(nextAt, at);
    return at <= world.now;
  };
  const counts = {
    fullyLabeledReplicas: pods.filter((pod) =>
      labels.every(([key, value]) => labelsOf(pod)[key] === value),
    ).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: pods.filter(isAvailable).length,
  };
  const conditions = failureConditions(world, set, failure);
  const status: ReplicaSetStatus = {
    replicas: pods.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    observedGeneration: metaOf(set).generation ?? 1,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  putStatus(world, entry, status);
  if (nextAt !== undefined) again.at(nextAt);
}

function failureConditions(
  world: World,
  { status }: ReplicaSet,
  failure: StatusError | undefined,
): ReplicaSetCondition[] {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const before = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  return [
    ...others,
    before ?? {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: failure.message,
      lastTransitionTime: timeOf(world.now),
    },
  ];
}
