/**
 * Deployments: a ReplicaSet a template, scaled up and down so that enough pods are there all the time.
 * Source: controller/deployment/{sync,rolling,recreate,progress}.go (kubernetes-facts.md 4.1).
 */
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteEntry } from '../api/delete.ts';
import { DEPLOYMENTS } from '../kinds/deployments.ts';
import { PODS } from '../kinds/pods.ts';
import { REPLICA_SETS } from '../kinds/replicasets.ts';
import { deepEqual } from '../objects/equal.ts';
import type { ChangeEvent, Entry } from '../objects/entry.ts';
import {
  annotationsOf,
  isBeingDeleted,
  metaOf,
  nameOf,
  uidOf,
  withMeta,
} from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';
import { adopt, controllerKeys, controllerReference } from './adoption.ts';
import type { Again, Controller } from './controller.ts';
import {
  byAge,
  copiedAnnotations,
  DESIRED,
  desiredReplicas,
  fenceposts,
  HASH_LABEL,
  isOfTemplate,
  MAXIMUM,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
  type Rollout,
  specReplicas,
  templateHash,
} from './deployment-rules.ts';
import { isFinished, writeDeploymentStatus } from './deployment-status.ts';
import { recordEvent, referenceTo } from './events.ts';

const caller = systemCaller('system:serviceaccount:kube-system:deployment-controller');
const source = { component: 'deployment-controller' };
/** From this minor version on an event of scaling says from how many, for a new ReplicaSet, too. */
const FIRST_FROM_ZERO = 32;

export const DEPLOYMENT_CONTROLLER: Controller = {
  name: 'deployments',
  kinds: [DEPLOYMENTS, REPLICA_SETS, PODS],
  keysOf: (world, event) => {
    const { entry, type } = event;
    if (entry.kind === DEPLOYMENTS) {
      return type === 'DELETED' ? [] : [entry.key];
    }
    if (entry.kind === REPLICA_SETS) return controllerKeys(world, event, DEPLOYMENTS);
    return entry.kind === PODS && type === 'DELETED' ? deploymentsOfPod(world, event) : [];
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(DEPLOYMENTS, namespace, name);
    if (entry !== undefined) sync(world, entry, again);
  },
};

const ownersOf = ({ object, namespace }: Entry): string[] =>
  (metaOf(object).ownerReferences ?? [])
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ name }) => `${namespace}/${name}`);

/** A Deployment that recreates waits for the last pod of the old template. */
function deploymentsOfPod({ store }: World, { entry }: ChangeEvent): string[] {
  return (metaOf(entry.object).ownerReferences ?? []).flatMap(({ kind, name }) => {
    const set = kind === 'ReplicaSet' ? store.get(REPLICA_SETS, entry.namespace, name) : undefined;
    return set === undefined ? [] : ownersOf(set);
  });
}

function rolloutOf({ store }: World, entry: Entry): Rollout {
  const deployment = entry.object as Deployment;
  const sets = store
    .dependentsOf(uidOf(deployment))
    .filter(({ kind }) => kind === REPLICA_SETS)
    .map(({ object }) => object as ReplicaSet)
    .sort(byAge);
  const template = deployment.spec?.template ?? {};
  return { deployment, sets, newest: sets.find((set) => isOfTemplate(set, template)) };
}

function sync(world: World, entry: Entry, again: Again): void {
  if (!isBeingDeleted(entry.object)) {
    const { selector } = (entry.object as Deployment).spec ?? {};
    const claim = { controller: entry.object, controllerKind: DEPLOYMENTS, kind: REPLICA_SETS };
    adopt(world, { ...claim, selector });
  }
  const before = rolloutOf(world, entry);
  const { deployment } = before;
  if (isBeingDeleted(deployment)) {
    writeDeploymentStatus(world, entry, { rollout: before, again });
    return;
  }
  const isPaused = deployment.spec?.paused === true;
  if (isPaused || isScaling(before)) scale(world, before);
  else if (deployment.spec?.strategy?.type === 'Recreate') recreate(world, entry);
  else roll(world, entry);
  const current = world.store.get(DEPLOYMENTS, entry.namespace, entry.name);
  if (current === undefined) return;
  const after = rolloutOf(world, current);
  const written = writeDeploymentStatus(world, current, { rollout: after, again });
  if (isFinished(after) && !isPaused) cleanUp(world, after);
  noteRevision(world, written, after);
}

/** Whether the wanted count has changed since the ReplicaSets were last scaled. */
const isScaling = ({ deployment, sets }: Rollout): boolean =>
  sets.some((set) => {
    const desired = annotationsOf(set)[DESIRED];
    return (
      specReplicas(set) > 0 &&
      desired !== undefined &&
      Number(desired) !== desiredReplicas(deployment)
    );
  });

/** The ReplicaSet of the present template, which is made where there is none. */
function ensureNewest(
  world: World,
  entry: Entry,
  replicas: (rollout: Rollout) => number,
): ReplicaSet {
  const rollout = rolloutOf(world, entry);
  const { deployment, sets, newest } = rollout;
  const last = Math.max(0, ...sets.filter((set) => set !== newest).map(revisionOf));
  if (newest !== undefined) return renumbered(world, rollout, { newest, last });
  const template = deployment.spec?.template ?? {};
  const hash = templateHash(template, deployment.status?.collisionCount ?? 0);
  const count = replicas(rollout);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const { surge } = fenceposts(deployment);
  const namespace = metaOf(deployment).namespace ?? '';
  const made: ReplicaSet = {
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace,
      labels,
      annotations: {
        ...copiedAnnotations(deployment),
        [DESIRED]: String(desiredReplicas(deployment)),
        [MAXIMUM]: String(desiredReplicas(deployment) + surge),
        [REVISION]: String(last + 1),
      },
      ownerReferences: [controllerReference(deployment, DEPLOYMENTS)],
    },
    spec: {
      replicas: count,
      ...(deployment.spec?.minReadySeconds === undefined
        ? {}
        : { minReadySeconds: deployment.spec.minReadySeconds }),
      selector: {
        ...deployment.spec?.selector,
        matchLabels: { ...deployment.spec?.selector.matchLabels, [HASH_LABEL]: hash },
      },
      template: labelled(template, labels),
    },
  };
  const { object } = create(world, { kind: REPLICA_SETS, namespace, object: made, caller });
  if (count > 0) {
    tellScaled(world, deployment, { set: nameOf(made), from: 0, to: count, isNew: true });
  }
  return object as ReplicaSet;
}

const labelled = (template: PodTemplateSpec, labels: Record<string, string>): PodTemplateSpec => ({
  ...template,
  metadata: { ...template.metadata, labels },
});

/** A ReplicaSet that is used again gets the next revision, and the Deployment's annotations. */
function renumbered(
  world: World,
  { deployment }: Rollout,
  { newest, last }: { readonly newest: ReplicaSet; readonly last: number },
): ReplicaSet {
  const annotations: Record<string, string> = {
    ...annotationsOf(newest),
    ...copiedAnnotations(deployment),
  };
  const own = revisionOf(newest);
  if (own < last + 1) {
    annotations[REVISION] = String(last + 1);
    if (own > 0) {
      const history = annotations[REVISION_HISTORY];
      annotations[REVISION_HISTORY] = history === undefined ? String(own) : `${history},${own}`;
    }
  }
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  const isSame =
    deepEqual(annotations, annotationsOf(newest)) &&
    minReadySeconds === (newest.spec?.minReadySeconds ?? 0);
  if (isSame) return newest;
  const next: ReplicaSet = withMeta(newest, { annotations });
  const spec = { ...next.spec, minReadySeconds } as NonNullable<ReplicaSet['spec']>;
  return world.store.put(REPLICA_SETS, { ...next, spec }).object as ReplicaSet;
}

/** Gives the Deployment the revision of its newest ReplicaSet. */
function noteRevision(world: World, entry: Entry, { newest }: Rollout): void {
  if (newest === undefined) return;
  const revision = annotationsOf(newest)[REVISION] ?? '';
  const deployment = entry.object as Deployment;
  if (annotationsOf(deployment)[REVISION] === revision) return;
  world.store.put(
    DEPLOYMENTS,
    withMeta(deployment, {
      annotations: { ...annotationsOf(deployment), [REVISION]: revision },
    }),
  );
}

/** One step of a rolling update. */
function roll(world: World, entry: Entry): void {
  const newest = ensureNewest(world, entry, newReplicas);
  const rollout = rolloutOf(world, entry);
  const wanted = newReplicas({ ...rollout, newest });
  if (wanted !== specReplicas(newest)) {
    scaleSet(world, rollout.deployment, { set: newest, to: wanted });
    return;
  }
  scaleDownOld(world, { ...rollout, newest });
}

/** How many replicas the newest ReplicaSet shall have now. */
function newReplicas({ deployment, sets, newest }: Rollout): number {
  const wanted = desiredReplicas(deployment);
  if (deployment.spec?.strategy?.type === 'Recreate') return wanted;
  const all = sets.reduce((sum, set) => sum + specReplicas(set), 0);
  const most = wanted + fenceposts(deployment).surge;
  const own = newest === undefined ? 0 : specReplicas(newest);
  if (own > wanted) return wanted;
  if (all >= most) return own;
  return own + Math.min(most - all, wanted - own);
}

function scaleDownOld(world: World, { deployment, sets, newest }: Rollout): void {
  const old = sets.filter((set) => uidOf(set) !== (newest === undefined ? '' : uidOf(newest)));
  const oldCount = old.reduce((sum, set) => sum + specReplicas(set), 0);
  if (oldCount === 0) return;
  const available = (list: readonly ReplicaSet[]): number =>
    list.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
  const least = desiredReplicas(deployment) - fenceposts(deployment).unavailable;
  const newUnavailable =
    newest === undefined ? 0 : specReplicas(newest) - (newest.status?.availableReplicas ?? 0);
  const all = oldCount + (newest === undefined ? 0 : specReplicas(newest));
  let left = all - least - newUnavailable;
  if (left <= 0) return;
  // First those that do not run anyway.
  const counts = new Map(old.map((set) => [set, specReplicas(set)]));
  for (const set of old) {
    const count = counts.get(set) ?? 0;
    const unhealthy = Math.min(left, count - (set.status?.availableReplicas ?? 0));
    if (unhealthy <= 0) continue;
    counts.set(set, count - unhealthy);
    left -= unhealthy;
  }
  let spare = Math.min(
    available([...old, ...(newest === undefined ? [] : [newest])]) - least,
    oldCount,
  );
  for (const set of old) {
    const count = counts.get(set) ?? 0;
    const fewer = Math.min(Math.max(spare, 0), count);
    counts.set(set, count - fewer);
    spare -= fewer;
  }
  for (const [set, to] of counts) scaleSet(world, deployment, { set, to });
}

/** Ends all old pods before the first new one. */
function recreate(world: World, entry: Entry): void {
  const { deployment, sets, newest } = rolloutOf(world, entry);
  const old = sets.filter((set) => set !== newest);
  const running = old.filter((set) => specReplicas(set) > 0);
  for (const set of running) scaleSet(world, deployment, { set, to: 0 });
  const hasPods = old.some((set) =>
    world.store.dependentsOf(uidOf(set)).some(({ kind }) => kind === PODS),
  );
  if (hasPods) return;
  const made = ensureNewest(world, entry, newReplicas);
  scaleSet(world, deployment, { set: made, to: desiredReplicas(deployment) });
}

/** Spreads a changed count over the ReplicaSets that have pods, by their shares. */
function scale(world: World, { deployment, sets, newest }: Rollout): void {
  const active = sets.filter((set) => specReplicas(set) > 0);
  const wanted = desiredReplicas(deployment);
  const only = active.length === 1 ? active[0] : active.length === 0 ? newest : undefined;
  if (only !== undefined) {
    scaleSet(world, deployment, { set: only, to: wanted });
    return;
  }
  if (active.length === 0) return;
  const { surge } = fenceposts(deployment);
  const all = active.reduce((sum, set) => sum + specReplicas(set), 0);
  let left = (wanted > 0 ? wanted + surge : 0) - all;
  const bySize = [...active].sort(
    (one, other) => specReplicas(other) - specReplicas(one) || byAge(other, one),
  );
  const shares = new Map<ReplicaSet, number>();
  for (const set of bySize) {
    const before = Number(annotationsOf(set)[MAXIMUM] ?? all);
    const share =
      Math.round((specReplicas(set) * (wanted + surge)) / Math.max(before, 1)) - specReplicas(set);
    const allowed =
      left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left);
    shares.set(set, specReplicas(set) + allowed);
    left -= allowed;
  }
  const [largest] = bySize;
  if (largest !== undefined && left !== 0) {
    shares.set(largest, Math.max(0, (shares.get(largest) ?? 0) + left));
  }
  for (const [set, to] of shares) scaleSet(world, deployment, { set, to });
}

/** Scales a ReplicaSet, and notes for which count of the Deployment that was. */
function scaleSet(
  world: World,
  deployment: Deployment,
  { set, to }: { readonly set: ReplicaSet; readonly to: number },
): void {
  const { surge } = fenceposts(deployment);
  const annotations = {
    ...annotationsOf(set),
    [DESIRED]: String(desiredReplicas(deployment)),
    [MAXIMUM]: String(desiredReplicas(deployment) + surge),
  };
  const from = specReplicas(set);
  if (from === to && deepEqual(annotations, annotationsOf(set))) return;
  const current = world.store.get(REPLICA_SETS, metaOf(set).namespace ?? '', nameOf(set));
  if (current === undefined) return;
  const object = current.object as ReplicaSet;
  const generation = metaOf(object).generation ?? 1;
  const next = withMeta(object, {
    annotations,
    generation: from === to ? generation : generation + 1,
  });
  world.store.put(REPLICA_SETS, { ...next, spec: { ...object.spec, replicas: to } });
  if (from !== to) tellScaled(world, deployment, { set: nameOf(set), from, to, isNew: false });
}

function tellScaled(
  world: World,
  deployment: Deployment,
  of: { readonly set: string; readonly from: number; readonly to: number; readonly isNew: boolean },
): void {
  const { set, from, to, isNew } = of;
  const direction = to > from ? 'up' : 'down';
  const isNewest = minorVersion(world) >= FIRST_FROM_ZERO;
  const counts = isNewest ? `from ${from} to ${to}` : isNew ? `to ${to}` : `to ${to} from ${from}`;
  recordEvent(world, {
    about: referenceTo(deployment),
    source,
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${set} ${counts}`,
  });
}

/** Removes the oldest ReplicaSets beyond the history. */
function cleanUp(world: World, { deployment, sets, newest }: Rollout): void {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const old = sets.filter((set) => set !== newest);
  for (const set of old.slice(0, Math.max(0, old.length - limit))) {
    const isUsed = specReplicas(set) > 0 || (set.status?.replicas ?? 0) > 0;
    if (isUsed || isBeingDeleted(set)) continue;
    const entry = world.store.get(REPLICA_SETS, metaOf(set).namespace ?? '', nameOf(set));
    if (entry !== undefined) deleteEntry(world, entry, { propagationPolicy: 'Background' });
  }
}
