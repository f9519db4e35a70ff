/**
 * Who controls what: a controller takes objects that its selector selects and that nobody controls, and lets go what it selects no more.
 * Source: controller/controller_ref_manager.go.
 */
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import type { ChangeEvent } from '../objects/entry.ts';
import {
  isBeingDeleted,
  type KubeObject,
  labelsOf,
  memberOf,
  metaOf,
  nameOf,
  namespaceOf,
  uidOf,
  withMeta,
} from '../objects/object.ts';
import { selects } from '../objects/selectors.ts';
import type { World } from '../world.ts';

export interface Claim {
  readonly controller: KubeObject;
  readonly controllerKind: Kind;
  /** The kind of what is controlled. */
  readonly kind: Kind;
  readonly selector: LabelSelector | undefined;
  /** Whether a free object that is selected is taken; absent: any. */
  readonly takes?: (object: KubeObject) => boolean;
}

/** The reference of a controller in what it controls. */
export const controllerReference = (controller: KubeObject, { apiVersion, kind }: Kind) => ({
  apiVersion,
  kind,
  name: nameOf(controller),
  uid: uidOf(controller),
  controller: true,
  blockOwnerDeletion: true,
});

/** Takes and lets go. */
export function adopt(world: World, claim: Claim): void {
  const { controller, controllerKind, kind, selector, takes } = claim;
  const uid = uidOf(controller);
  for (const entry of world.store.dependentsOf(uid)) {
    if (entry.kind !== kind || selects(selector, labelsOf(entry.object))) continue;
    const left = (metaOf(entry.object).ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    const ownerReferences = left.length === 0 ? undefined : left;
    world.store.put(kind, withMeta(entry.object, { ownerReferences }));
  }
  const free: KubeObject[] = [];
  for (const { object } of world.store.objectsIn(kind, namespaceOf(controller))) {
    if ((metaOf(object).ownerReferences ?? []).length > 0 || isBeingDeleted(object)) continue;
    if (selects(selector, labelsOf(object)) && takes?.(object) !== false) free.push(object);
  }
  for (const object of free.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))) {
    const ownerReferences = [controllerReference(controller, controllerKind)];
    world.store.put(kind, withMeta(object, { ownerReferences }));
  }
}

/** Keys of the controllers of a kind that an object concerns: those that own it or did, or else those that may take it. */
export function controllerKeys(
  { store }: World,
  { entry, previous, type }: ChangeEvent,
  controllerKind: Kind,
): string[] {
  const names = new Set<string>();
  for (const { object } of previous === undefined ? [entry] : [entry, previous]) {
    for (const { kind, name } of metaOf(object).ownerReferences ?? []) {
      if (kind === controllerKind.kind) names.add(name);
    }
  }
  const isFree = (metaOf(entry.object).ownerReferences ?? []).length === 0;
  if (names.size === 0 && type !== 'DELETED' && isFree) {
    for (const controller of store.list(controllerKind, entry.namespace)) {
      const { selector } = memberOf(controller.object, 'spec') as { selector?: LabelSelector };
      if (selects(selector, labelsOf(entry.object))) names.add(controller.name);
    }
  }
  return [...names].map((name) => `${entry.namespace}/${name}`);
}
