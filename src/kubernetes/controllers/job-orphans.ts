/**
 * Pods that nobody will count any more, because their Job is gone or has ended: nothing holds them.
 * Source: controller/job/job_controller.go syncOrphanPod.
 */
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { TRACKING_FINALIZER } from '../kinds/job-words.ts';
import { JOBS } from '../kinds/jobs.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { controllerUidOf, metaOf, uidOf } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';
import { releaseFinalizer } from './finalizers.ts';
import { isTracked } from './job-pods.ts';
import { endConditionOf } from './job-status.ts';

export const JOB_ORPHANS: Controller = {
  name: 'job-orphans',
  kinds: [JOBS, PODS],
  keysOf: (world, { entry, type }) => {
    if (entry.kind === PODS) {
      return type !== 'DELETED' && isOrphan(world, entry) ? [entry.key] : [];
    }
    const isOver = type === 'DELETED' || endConditionOf(entry.object as Job) !== undefined;
    if (!isOver) return [];
    return world.store
      .dependentsOf(uidOf(entry.object))
      .filter(({ kind, object }) => kind === PODS && isTracked(object as Pod))
      .map(({ key }) => key);
  },
  reconcile: (world, key) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(PODS, namespace, name);
    if (entry !== undefined && isOrphan(world, entry)) {
      releaseFinalizer(world, entry, TRACKING_FINALIZER);
    }
  },
};

/** Whether a pod waits to be counted, and nobody will. */
function isOrphan({ store }: World, { object, namespace }: Entry): boolean {
  if (!isTracked(object as Pod)) return false;
  const uid = controllerUidOf(object);
  const { name = '' } =
    metaOf(object).ownerReferences?.find((owner) => owner.controller === true) ?? {};
  const job = store.get(JOBS, namespace, name);
  return (
    job === undefined ||
    uidOf(job.object) !== uid ||
    endConditionOf(job.object as Job) !== undefined
  );
}
