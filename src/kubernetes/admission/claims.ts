/** What new claims get: the default class and protection while they are used. Sources: plugin/pkg/admission/storage (kubernetes-facts.md 1.5). */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { isDefaultClass, STORAGE_CLASSES } from '../kinds/volumes.ts';
import { type KubeObject, nameOf } from '../objects/object.ts';
import type { World } from '../world.ts';

export function admitClaim({ store }: World, object: KubeObject): PersistentVolumeClaim {
  const claim = object as PersistentVolumeClaim;
  if (claim.spec?.storageClassName !== undefined) return claim;
  const newest = store
    .list(STORAGE_CLASSES)
    .map((entry) => entry.object as StorageClass)
    .filter(isDefaultClass)
    .sort((one, other) =>
      (one.metadata?.creationTimestamp ?? '') < (other.metadata?.creationTimestamp ?? '') ? 1 : -1,
    )[0];
  return newest === undefined
    ? claim
    : { ...claim, spec: { ...claim.spec, storageClassName: nameOf(newest) } };
}
