/** The status of a Deployment. Source: controller/deployment/{sync,progress}.go, util (kubernetes-facts.md 4.1). */
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from 'kubernetes-types/apps/v1.d.ts';
import { plus, seconds } from '#shared/instant.ts';
import { putStatus } from '../objects/put-status.ts';
import type { Entry } from '../objects/entry.ts';
import { instantOf, metaOf, nameOf, timeOf } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Again } from './controller.ts';
import { desiredReplicas, fenceposts, type Rollout, specReplicas } from './deployment-rules.ts';

type Draft = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

function countsOf({ deployment, sets, newest }: Rollout) {
  const sum = (of: (set: Rollout['sets'][number]) => number): number =>
    sets.reduce((total, set) => total + of(set), 0);
  const available = sum(({ status }) => status?.availableReplicas ?? 0);
  return {
    replicas: sum(({ status }) => status?.replicas ?? 0),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(specReplicas) - available),
    desired: desiredReplicas(deployment),
  };
}

/** Whether all pods are of the present template, and available. */
export function isFinished(rollout: Rollout): boolean {
  const { updatedReplicas, replicas, availableReplicas, desired } = countsOf(rollout);
  return (
    rollout.newest !== undefined &&
    updatedReplicas === desired &&
    replicas === desired &&
    availableReplicas === desired
  );
}

export function writeDeploymentStatus(
  world: World,
  entry: Entry,
  { rollout, again }: { readonly rollout: Rollout; readonly again: Again },
): Entry {
  const { deployment } = rollout;
  const { desired: _desired, ...counts } = countsOf(rollout);
  const before = deployment.status?.conditions ?? [];
  const withAvailable = changed(world, before, availability(rollout));
  const conditions = progress(world, rollout, { before: withAvailable, again });
  const failure = rollout.newest?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  const all =
    failure === undefined
      ? others
      : changed(world, conditions, {
          type: 'ReplicaFailure',
          status: failure.status,
          reason: failure.reason ?? '',
          message: failure.message ?? '',
        });
  const { collisionCount } = deployment.status ?? {};
  const status: DeploymentStatus = {
    observedGeneration: metaOf(deployment).generation ?? 1,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: all,
  };
  return putStatus(world, entry, status);
}

/** `conditions` with one that has changed at the end; as they were where it says the same. */
function changed(
  world: World,
  conditions: readonly DeploymentCondition[],
  draft: Draft,
): DeploymentCondition[] {
  const before = conditions.find(({ type }) => type === draft.type);
  return before?.status === draft.status && before.reason === draft.reason
    ? [...conditions]
    : renewed(world, conditions, draft);
}

/** `conditions` with one at the end, said anew now. */
function renewed(
  world: World,
  conditions: readonly DeploymentCondition[],
  draft: Draft,
): DeploymentCondition[] {
  const before = conditions.find(({ type }) => type === draft.type);
  const now = timeOf(world.now);
  return [
    ...conditions.filter(({ type }) => type !== draft.type),
    {
      ...draft,
      lastUpdateTime: now,
      lastTransitionTime:
        before?.status === draft.status ? (before.lastTransitionTime ?? now) : now,
    },
  ];
}

function availability(rollout: Rollout): Draft {
  const { availableReplicas, desired } = countsOf(rollout);
  const least = desired - fenceposts(rollout.deployment).unavailable;
  return availableReplicas >= least
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

const progressing = (
  status: DeploymentCondition['status'],
  reason: string,
  message: string,
): Draft => ({ type: 'Progressing', status, reason, message });

function progress(
  world: World,
  rollout: Rollout,
  { before, again }: { readonly before: readonly DeploymentCondition[]; readonly again: Again },
): DeploymentCondition[] {
  const { deployment, newest } = rollout;
  const present = before.find(({ type }) => type === 'Progressing');
  if (deployment.spec?.paused === true) {
    return changed(
      world,
      before,
      progressing('Unknown', 'DeploymentPaused', 'Deployment is paused'),
    );
  }
  if (newest === undefined) return [...before];
  const subject = `ReplicaSet "${nameOf(newest)}"`;
  if (isFinished(rollout)) {
    const draft = progressing(
      'True',
      'NewReplicaSetAvailable',
      `${subject} has successfully progressed.`,
    );
    return changed(world, before, draft);
  }
  if (present === undefined) {
    const draft = progressing(
      'True',
      'NewReplicaSetCreated',
      `Created new replica set "${nameOf(newest)}"`,
    );
    return changed(world, before, draft);
  }
  if (present.reason === 'DeploymentPaused') {
    return changed(
      world,
      before,
      progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed'),
    );
  }
  if (hasProgressed(deployment, rollout)) {
    const draft = progressing('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
    return renewed(world, before, draft);
  }
  if (present.reason === 'NewReplicaSetAvailable') return [...before];
  const since = instantOf(present.lastUpdateTime) ?? world.now;
  const deadline = plus(since, seconds(deployment.spec?.progressDeadlineSeconds ?? 600));
  if (deadline > world.now) {
    again.at(deadline);
    return [...before];
  }
  return changed(
    world,
    before,
    progressing('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`),
  );
}

/** Whether more pods are new, ready or available than before, or fewer are old. */
function hasProgressed({ status }: Deployment, rollout: Rollout): boolean {
  const { updatedReplicas, replicas, readyReplicas, availableReplicas } = countsOf(rollout);
  const old = replicas - updatedReplicas;
  const oldBefore = (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    updatedReplicas > (status?.updatedReplicas ?? 0) ||
    old < oldBefore ||
    readyReplicas > (status?.readyReplicas ?? 0) ||
    availableReplicas > (status?.availableReplicas ?? 0)
  );
}
