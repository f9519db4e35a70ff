/** How controllers create and delete their pods, and tell of it. Source: controller/controller_utils.go RealPodControl. */
import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { Caller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteEntry } from '../api/delete.ts';
import type { Kind } from '../kinds/kind.ts';
import { PODS } from '../kinds/pods.ts';
import type { Entry } from '../objects/entry.ts';
import { type KubeObject, namespaceOf } from '../objects/object.ts';
import { StatusError } from '../status.ts';
import type { World } from '../world.ts';
import { controllerReference } from './adoption.ts';
import { recordEvent, referenceTo } from './events.ts';

/** A controller's object that has pods, and in whose name they are made. */
export interface PodOwner {
  readonly object: KubeObject;
  readonly kind: Kind;
  readonly caller: Caller;
  readonly source: { readonly component: string };
}

/** How many pods one pass creates or deletes at most: other clusters have their turn between passes (the real one: 500). */
export const BURST = 20;

/** Creates a pod of a template; gives the refusal, if there is one. */
export function createPod(
  world: World,
  { object: owner, kind, caller, source }: PodOwner,
  { template, generateName }: { readonly template: PodTemplateSpec; readonly generateName: string },
): StatusError | undefined {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const pod: Pod = {
    metadata: {
      generateName,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner, kind)],
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  };
  const about = referenceTo(owner);
  try {
    const made = create(world, { kind: PODS, namespace: namespaceOf(owner), object: pod, caller });
    const message = `Created pod: ${made.name}`;
    recordEvent(world, { about, source, reason: 'SuccessfulCreate', message });
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const message = `Error creating: ${error.message}`;
    recordEvent(world, { about, source, type: 'Warning', reason: 'FailedCreate', message });
    return error;
  }
}

/** Deletes a pod. */
export function deletePod(world: World, { object, source }: PodOwner, pod: Entry): void {
  deleteEntry(world, pod, {});
  recordEvent(world, {
    about: referenceTo(object),
    source,
    reason: 'SuccessfulDelete',
    message: `Deleted pod: ${pod.name}`,
  });
}
