/** Arithmetic and names of Deployments. Sources: controller/deployment/util, hash.go (kubernetes-facts.md 4.1). */
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { annotationsOf, metaOf } from '../objects/object.ts';

export const HASH_LABEL = 'pod-template-hash';
const PREFIX = 'deployment.kubernetes.io/';
export const REVISION = `${PREFIX}revision`;
export const REVISION_HISTORY = `${PREFIX}revision-history`;
export const DESIRED = `${PREFIX}desired-replicas`;
export const MAXIMUM = `${PREFIX}max-replicas`;
/** Annotations that a ReplicaSet does not take over from its Deployment. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAXIMUM,
]);

/** A Deployment with its ReplicaSets, the oldest first. */
export interface Rollout {
  readonly deployment: Deployment;
  readonly sets: readonly ReplicaSet[];
  /** The one of the present template. */
  readonly newest: ReplicaSet | undefined;
}

const SAFE_DIGITS = 'bcdfghjklmnpqrstvwxz2456789';

/** The name of a template among those of its Deployment (FNV-32a; the real one hashes Go's print of the template). */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  const text = JSON.stringify(template) + (collisions > 0 ? String(collisions) : '');
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ (text.charCodeAt(index) & 255), 0x01000193);
  }
  return Array.from(String(hash >>> 0))
    .map((digit) => SAFE_DIGITS.charAt(digit.charCodeAt(0) % SAFE_DIGITS.length))
    .join('');
}

export const specReplicas = ({ spec }: ReplicaSet): number => spec?.replicas ?? 1;
export const desiredReplicas = ({ spec }: Deployment): number => spec?.replicas ?? 1;

/** A number or a percentage of `total`. */
function scaledValue(value: string | number | undefined, total: number, up: boolean): number {
  if (typeof value === 'number') return value;
  const share = (Number((value ?? '0%').replace('%', '')) * total) / 100;
  return up ? Math.ceil(share) : Math.floor(share);
}

/** How many pods there may be more, and how many fewer, while it rolls. */
export function fenceposts(deployment: Deployment): {
  readonly surge: number;
  readonly unavailable: number;
} {
  const { strategy } = deployment.spec ?? {};
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const total = desiredReplicas(deployment);
  const surge = scaledValue(strategy?.rollingUpdate?.maxSurge, total, true);
  const unavailable = scaledValue(strategy?.rollingUpdate?.maxUnavailable, total, false);
  // Nothing would ever move otherwise.
  return surge === 0 && unavailable === 0
    ? { surge, unavailable: 1 }
    : { surge, unavailable: Math.min(unavailable, total) };
}

/** Whether a ReplicaSet is of that template. */
export function isOfTemplate({ spec }: ReplicaSet, template: PodTemplateSpec): boolean {
  const { [HASH_LABEL]: _hash, ...labels } = spec?.template?.metadata?.labels ?? {};
  const own = { ...spec?.template, metadata: { ...spec?.template?.metadata, labels } };
  const given = {
    ...template,
    metadata: { ...template.metadata, labels: template.metadata?.labels ?? {} },
  };
  return deepEqual(own, given);
}

export const revisionOf = (set: ReplicaSet): number => Number(annotationsOf(set)[REVISION] ?? 0);

/** The annotations that a ReplicaSet has from its Deployment. */
export function copiedAnnotations(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(annotationsOf(deployment)).filter(([key]) => !NOT_COPIED.has(key));
  return Object.fromEntries(entries);
}

export const byAge = (one: ReplicaSet, other: ReplicaSet): number => {
  const [first, second] = [metaOf(one), metaOf(other)];
  if (first.creationTimestamp !== second.creationTimestamp) {
    return (first.creationTimestamp ?? '') < (second.creationTimestamp ?? '') ? -1 : 1;
  }
  return (first.name ?? '') < (second.name ?? '') ? -1 : 1;
};
