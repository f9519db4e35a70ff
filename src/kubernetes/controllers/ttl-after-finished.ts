/** Jobs go some time after they have ended, where they say so. Source: controller/ttlafterfinished (kubernetes-facts.md 4.5). */
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import { plus, seconds } from '#shared/instant.ts';
import { deleteEntry } from '../api/delete.ts';
import { JOBS } from '../kinds/jobs.ts';
import { instantOf, isBeingDeleted } from '../objects/object.ts';
import type { Controller } from './controller.ts';
import { endConditionOf } from './job-status.ts';

export const TTL_AFTER_FINISHED: Controller = {
  name: 'ttl-after-finished',
  kinds: [JOBS],
  keysOf: (_world, { entry, type }) => {
    const { spec } = entry.object as Job;
    return type !== 'DELETED' && spec?.ttlSecondsAfterFinished !== undefined ? [entry.key] : [];
  },
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(JOBS, namespace, name);
    if (entry === undefined || isBeingDeleted(entry.object)) return;
    const job = entry.object as Job;
    const endedAt = instantOf(endConditionOf(job)?.lastTransitionTime);
    const length = job.spec?.ttlSecondsAfterFinished;
    if (endedAt === undefined || length === undefined) return;
    const at = plus(endedAt, seconds(length));
    if (at <= world.now) deleteEntry(world, entry, { propagationPolicy: 'Foreground' });
    else again.at(at);
  },
};
