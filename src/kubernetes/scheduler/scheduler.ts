/**
 * The scheduler: binds pods to nodes, says why it cannot, and makes room for those that matter more.
 * Sources: scheduler/schedule_one.go, framework/preemption (kubernetes-facts.md 5).
 */
import type { Node, Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts';
import { minutes, plus } from '#shared/instant.ts';
import { fraction } from '#shared/random.ts';
import { deleteEntry } from '../api/delete.ts';
import { putStatus } from '../objects/put-status.ts';
import type { Again, Controller } from '../controllers/controller.ts';
import { recordEvent, referenceTo } from '../controllers/events.ts';
import { hasEnded } from '../controllers/pods.ts';
import { NODES } from '../kinds/nodes.ts';
import { PODS } from '../kinds/pods.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../kinds/volumes.ts';
import type { ChangeEvent, Entry } from '../objects/entry.ts';
import { isBeingDeleted, nameOf, namespaceOf, timeOf, uidOf } from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';
import { bind } from './binding.ts';
import {
  askedBy,
  type Candidate,
  hostPortsOf,
  lackOf,
  loadOf,
  podsOf,
  type Rejection,
  rejectionOf,
} from './filters.ts';
import { loadOn, noteLoad } from './loads.ts';
import { scoreOf } from './scores.ts';
import { awayFrom, claimsOf, selectNode } from './volumes.ts';

const NAME = 'default-scheduler';
/** Pods that nothing has changed for are tried again after this time. */
const RETRY = minutes(5);

export const SCHEDULER: Controller = {
  name: 'scheduler',
  kinds: [PODS, NODES, PERSISTENT_VOLUME_CLAIMS],
  keysOf: (world, event) => {
    noteLoad(world, event);
    return mayHelp(event) ? pendingKeys(world) : ownKey(event);
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(PODS, namespace, name);
    if (entry !== undefined) schedule(world, entry, again);
  },
};

const isWaiting = (pod: Pod): boolean =>
  (pod.spec?.nodeName ?? '') === '' &&
  pod.spec?.schedulerName === NAME &&
  !isBeingDeleted(pod) &&
  !hasEnded(pod);

function ownKey({ entry, previous, type }: ChangeEvent): string[] {
  if (entry.kind !== PODS || type === 'DELETED' || !isWaiting(entry.object as Pod)) return [];
  // Its own condition is no news to the scheduler.
  const isNews =
    previous === undefined || (previous.object as Pod).spec !== (entry.object as Pod).spec;
  return isNews ? [entry.key] : [];
}

/** Whether a change may make room for pods that wait. */
function mayHelp({ entry, previous, type }: ChangeEvent): boolean {
  if (entry.kind === NODES) {
    const [now, before] = [entry.object as Node, previous?.object as Node | undefined];
    return now.spec !== before?.spec || now.status?.allocatable !== before?.status?.allocatable;
  }
  if (entry.kind === PERSISTENT_VOLUME_CLAIMS) return true;
  if (entry.kind !== PODS || ((entry.object as Pod).spec?.nodeName ?? '') === '') return false;
  const ended = type === 'DELETED' || hasEnded(entry.object as Pod);
  return (
    ended && !(previous !== undefined && hasEnded(previous.object as Pod) && type !== 'DELETED')
  );
}

const pendingKeys = ({ store }: World): string[] =>
  Array.from(store.podsOn(''))
    .filter(({ object }) => isWaiting(object as Pod))
    .sort((one, other) => priorityOf(other.object as Pod) - priorityOf(one.object as Pod))
    .map(({ key }) => key);

const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0;

/** The nodes with their pods as they stand, and what was found out about them. */
interface View {
  readonly nodes: readonly Entry[];
  readonly versions: readonly number[];
  readonly candidates: readonly Candidate[];
  /** Why pods that ask for the same go nowhere. */
  readonly refused: Map<string, string>;
}

const views = new WeakMap<World, View>();

/** The view of now: the last one, where no node and no pod of one has changed since. */
function viewOf(world: World): View {
  const { store } = world;
  const nodes = store.list(NODES);
  const known = views.get(world);
  const versions = nodes.map(({ name }) => store.podVersionOn(name));
  const isSame =
    known?.nodes === nodes && known.versions.every((version, index) => version === versions[index]);
  if (isSame) return known;
  const candidates = nodes.map(({ object, name }): Candidate => {
    let pods: readonly Pod[] | undefined;
    return {
      node: object as Node,
      load: loadOn(world, name),
      // Few pods ask which others there are.
      get pods() {
        pods ??= podsOf(store.podsOn(name)).filter((pod) => !hasEnded(pod));
        return pods;
      },
    };
  });
  const view = { nodes, versions, candidates, refused: new Map<string, string>() };
  views.set(world, view);
  return view;
}

const wishes = new WeakMap<object, string>();

/** What a pod asks of nodes; the same text for pods that ask for the same. Undefined: it depends on other pods or on claims. */
function wishOf({ spec }: Pod): string | undefined {
  if (spec === undefined) return undefined;
  const { affinity, topologySpreadConstraints, volumes = [] } = spec;
  const isPlain =
    affinity?.podAffinity === undefined &&
    affinity?.podAntiAffinity === undefined &&
    topologySpreadConstraints === undefined &&
    volumes.every(({ persistentVolumeClaim }) => persistentVolumeClaim === undefined);
  if (!isPlain) return undefined;
  const known = wishes.get(spec);
  if (known !== undefined) return known;
  const { nodeSelector, tolerations, priority, preemptionPolicy } = spec;
  const wish = JSON.stringify([
    [...askedBy({ spec })],
    ...[hostPortsOf({ spec }), affinity, nodeSelector, tolerations, priority, preemptionPolicy],
  ]);
  wishes.set(spec, wish);
  return wish;
}

function schedule(world: World, entry: Entry, again: Again): void {
  const pod = entry.object as Pod;
  if (!isWaiting(pod)) return;
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    const gates = (pod.spec?.schedulingGates ?? []).map(({ name }) => name).join(' ');
    mark(world, entry, {
      reason: 'SchedulingGated',
      message: `waiting for scheduling gates: [${gates}]`,
    });
    return;
  }
  const { candidates, refused } = viewOf(world);
  const message = refused.size === 0 ? undefined : refused.get(wishOf(pod) ?? '');
  if (message !== undefined) {
    again.at(plus(world.now, RETRY));
    tell(world, entry, message);
    return;
  }
  const claims = claimsOf(world, pod);
  const before = 'reason' in claims ? claims.reason : undefined;
  const homes = 'reason' in claims ? [] : claims.homes;
  const rejections = new Map<Candidate, Rejection>();
  const fitting = candidates.filter((candidate) => {
    const rejection =
      before === undefined
        ? (rejectionOf(pod, candidate, candidates) ?? awayFrom(homes, candidate))
        : { reasons: [before], isFinal: true };
    if (rejection !== undefined) rejections.set(candidate, rejection);
    return rejection === undefined;
  });
  if (fitting.length > 0) {
    const chosen = best(world, pod, fitting);
    const waiting = 'reason' in claims ? [] : claims.waiting;
    // The pod is bound when its claims are, which come back here.
    if (waiting.length > 0) selectNode(world, waiting, nameOf(chosen.node));
    else assign(world, entry, chosen);
    return;
  }
  again.at(plus(world.now, RETRY));
  // What is preempted is asked to go; until it has gone there is nothing to tell.
  if (before === undefined && preempt(world, entry, rejections)) return;
  const why = failureText(world, pod, { candidates, rejections, before });
  const wish = wishOf(pod);
  if (wish !== undefined) refused.set(wish, why);
  tell(world, entry, why);
}

function best(world: World, pod: Pod, fitting: readonly Candidate[]): Candidate {
  const scored = fitting.map((candidate) => ({
    candidate,
    score: scoreOf(pod, candidate),
    // Ties are drawn.
    tie: fraction(world.seed, 'tie', uidOf(pod), uidOf(candidate.node)),
  }));
  scored.sort((one, other) => other.score - one.score || other.tie - one.tie);
  const [first] = scored;
  if (first === undefined) throw new Error('a pod that fits somewhere has a best node');
  return first.candidate;
}

function assign(world: World, entry: Entry, { node }: Candidate): void {
  const name = node.metadata?.name ?? '';
  const bound = bind(world, entry, name);
  recordEvent(world, {
    about: referenceTo(bound.object),
    source: { component: NAME },
    reason: 'Scheduled',
    message: `Successfully assigned ${entry.namespace}/${entry.name} to ${name}`,
    action: 'Binding',
  });
}

/** Writes the condition; true where it says something new. */
function mark(
  world: World,
  entry: Entry,
  { reason, message }: { readonly reason: string; readonly message: string },
): boolean {
  const { status } = entry.object as Pod;
  const before = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (before?.status === 'False' && before.reason === reason && before.message === message) {
    return false;
  }
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastProbeTime: null as unknown as string,
    lastTransitionTime:
      before?.status === 'False' ? (before.lastTransitionTime ?? '') : timeOf(world.now),
  };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  putStatus(world, entry, { ...status, conditions: [...others, condition] });
  return true;
}

interface Failed {
  readonly candidates: readonly Candidate[];
  readonly rejections: ReadonlyMap<Candidate, Rejection>;
  readonly before: string | undefined;
}

/** The text of FailedScheduling. */
function failureText(world: World, pod: Pod, failed: Failed): string {
  const { candidates, rejections, before } = failed;
  if (candidates.length === 0) return 'no nodes available to schedule pods';
  const head = `0/${candidates.length} nodes are available: `;
  const counted = (texts: readonly string[]): string => {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts]
      .map(([text, count]) => `${count} ${text}`)
      .sort()
      .join(', ');
  };
  const all = [...rejections.values()];
  const reasons = before ?? counted(all.flatMap((rejection) => rejection.reasons));
  const preemption =
    pod.spec?.preemptionPolicy === 'Never'
      ? 'not eligible due to preemptionPolicy=Never.'
      : `${head}${counted(
          all.map(({ isFinal }) =>
            isFinal
              ? 'Preemption is not helpful for scheduling'
              : 'No preemption victims found for incoming pod',
          ),
        )}.`;
  // 1.27 and 1.28 end with two dots (kubernetes-facts.md 5.3).
  const minor = minorVersion(world);
  const dot = minor === 27 || minor === 28 ? '.' : '';
  return `${head}${reasons}. preemption: ${preemption}${dot}`;
}

/** Says why the pod goes nowhere, where that is news. */
function tell(world: World, entry: Entry, message: string): void {
  const current = world.store.get(PODS, entry.namespace, entry.name);
  if (current === undefined) return;
  if (!mark(world, current, { reason: 'Unschedulable', message })) return;
  recordEvent(world, {
    about: referenceTo(entry.object),
    source: { component: NAME },
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    action: 'Scheduling',
  });
}

/** Deletes pods of less priority where that makes room; true where it did, or is being waited for. */
function preempt(
  world: World,
  entry: Entry,
  rejections: ReadonlyMap<Candidate, Rejection>,
): boolean {
  const pod = entry.object as Pod;
  if (pod.spec?.preemptionPolicy === 'Never') return false;
  const options = [...rejections]
    .filter(([, { isFinal }]) => !isFinal)
    .flatMap(([candidate]) => {
      const victims = victimsOn(pod, candidate);
      return victims === undefined ? [] : [{ candidate, victims }];
    })
    .sort((one, other) => one.victims.length - other.victims.length);
  const [chosen] = options;
  if (chosen === undefined) return false;
  const node = chosen.candidate.node.metadata?.name ?? '';
  for (const victim of chosen.victims) {
    if (isBeingDeleted(victim)) continue;
    const found = world.store.get(PODS, namespaceOf(victim), victim.metadata?.name ?? '');
    if (found === undefined) continue;
    const by = minorVersion(world) >= 30 ? `pod ${uidOf(pod)}` : 'a pod';
    recordEvent(world, {
      about: referenceTo(victim),
      source: { component: NAME },
      reason: 'Preempted',
      message: `Preempted by ${by} on node ${node}`,
      action: 'Preempting',
    });
    deleteEntry(world, found, {});
  }
  const current = world.store.get(PODS, entry.namespace, entry.name);
  if (current !== undefined) {
    putStatus(world, current, { ...(current.object as Pod).status, nominatedNodeName: node });
  }
  return true;
}

const leastPriorities = new WeakMap<readonly Pod[], number>();

function leastPriorityOf(pods: readonly Pod[]): number {
  const known = leastPriorities.get(pods);
  if (known !== undefined) return known;
  const least = pods.reduce((sum, pod) => Math.min(sum, priorityOf(pod)), Number.POSITIVE_INFINITY);
  leastPriorities.set(pods, least);
  return least;
}

/** The fewest pods of less priority that have to go; undefined where that does not help. */
function victimsOn(pod: Pod, { node, pods }: Candidate): Pod[] | undefined {
  if (priorityOf(pod) <= leastPriorityOf(pods)) return undefined;
  const lower = pods
    .filter((one) => priorityOf(one) < priorityOf(pod))
    .sort((one, other) => priorityOf(one) - priorityOf(other));
  const victims: Pod[] = [];
  let left = [...pods];
  for (const victim of lower) {
    if (lackOf(pod, { node, load: loadOf(left) }).length === 0) break;
    victims.push(victim);
    left = left.filter((one) => one !== victim);
  }
  return victims.length > 0 && lackOf(pod, { node, load: loadOf(left) }).length === 0
    ? victims
    : undefined;
}
