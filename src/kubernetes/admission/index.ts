/**
 * Admission: what a new or changed object gets from the world around it, or is refused for. The plugins run in the order of the
 * real server's (plugins.go; kubernetes-facts.md 1.5).
 */
import type { Caller } from '../api/caller.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import type { Kind } from '../kinds/kind.ts';
import { PODS } from '../kinds/pods.ts';
import { PRIORITY_CLASSES } from '../kinds/policies.ts';
import { SERVICES } from '../kinds/services.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../kinds/volumes.ts';
import { isBeingDeleted, type KubeObject, nameOf, namespaceOf } from '../objects/object.ts';
import { forbidden, notFound } from '../status.ts';
import type { World } from '../world.ts';
import { admitClaim } from './claims.ts';
import { applyLimitRanges, checkLimitRanges } from './limit-ranges.ts';
import { admitPod } from './pods.ts';
import { refuseSecondDefault } from './priority.ts';
import { chargeQuota } from './quota.ts';
import { allocateService, reallocateService } from './services.ts';

export interface Admitted {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly caller: Caller;
}

/** What a new object becomes before it is checked. */
export function admit(world: World, { kind, object }: Admitted): KubeObject {
  checkNamespace(world, kind, object);
  if (kind === PODS) return admitPod(world, applyLimitRanges(world, object));
  if (kind === PERSISTENT_VOLUME_CLAIMS) return admitClaim(world, object);
  if (kind === PRIORITY_CLASSES) refuseSecondDefault(world, object);
  return object;
}

/** What a checked new object is refused for, and given last: quota, addresses. A dry run takes nothing away from others. */
export function admitFinally(
  world: World,
  { kind, object }: Admitted,
  isDryRun: boolean,
): KubeObject {
  if (kind === PODS) checkLimitRanges(world, object);
  chargeQuota(world, { kind, object, isDryRun });
  return kind === SERVICES ? allocateService(world, object) : object;
}

/** What a changed object becomes. */
export function admitUpdate(world: World, { kind, object }: Admitted, old: KubeObject): KubeObject {
  if (kind === SERVICES) return reallocateService(world, object, old);
  if (kind === PRIORITY_CLASSES) refuseSecondDefault(world, object);
  return object;
}

/** NamespaceLifecycle: nothing is created in a namespace that is not there or goes. */
function checkNamespace({ store }: World, kind: Kind, object: KubeObject): void {
  if (!kind.isNamespaced) return;
  const name = namespaceOf(object);
  const namespace = store.get(NAMESPACES, '', name);
  if (namespace === undefined) throw notFound(NAMESPACES, name);
  if (!isBeingDeleted(namespace.object)) return;
  const why = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(kind, nameOf(object), {
    why,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
