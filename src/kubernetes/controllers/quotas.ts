/** Quotas: what their namespaces use is counted anew when objects go. Source: controller/resourcequota (kubernetes-facts.md 4.9). */
import type { Pod, ResourceQuota } from 'kubernetes-types/core/v1.d.ts';
import { countUsage, quotaText } from '../admission/quota.ts';
import { putStatus } from '../objects/put-status.ts';
import { KINDS } from '../kinds/index.ts';
import { PODS } from '../kinds/pods.ts';
import { RESOURCE_QUOTAS } from '../kinds/policies.ts';
import { isBeingDeleted } from '../objects/object.ts';
import { milliUnitsOf } from '../schema/quantity.ts';
import type { Controller } from './controller.ts';
import { hasEnded } from './pods.ts';

const COUNTED = KINDS.filter(({ isNamespaced }) => isNamespaced);

export const QUOTA_CONTROLLER: Controller = {
  name: 'quotas',
  keysOf: (world, { entry, type }) => {
    if (entry.kind === RESOURCE_QUOTAS) return type === 'DELETED' ? [] : [entry.namespace];
    const isFreed = type === 'DELETED' || (entry.kind === PODS && hasEnded(entry.object as Pod));
    const matters = isFreed && entry.namespace !== '';
    return matters && world.store.list(RESOURCE_QUOTAS, entry.namespace).length > 0
      ? [entry.namespace]
      : [];
  },
  reconcile: (world, namespace) => {
    const quotas = world.store.list(RESOURCE_QUOTAS, namespace);
    if (quotas.length === 0) return;
    const usage = countUsage(world, namespace, COUNTED);
    for (const entry of quotas) {
      if (isBeingDeleted(entry.object)) continue;
      const { spec } = entry.object as ResourceQuota;
      const hard = spec?.hard ?? {};
      const used = Object.fromEntries(
        Object.keys(hard).map((name) => [name, quotaText(usage.get(name) ?? 0)]),
      );
      // Memory is told in the way it was asked for.
      for (const [name, limit] of Object.entries(hard)) {
        if (milliUnitsOf(limit) === usage.get(name)) used[name] = limit;
      }
      putStatus(world, entry, { hard, used });
    }
  },
};
