/**
 * What the claims of a pod mean for its node: the volumes that are bound stand somewhere, and claims that wait for their first pod are
 * told which node it will have.
 * Source: scheduler/framework/plugins/volumebinding (kubernetes-facts.md 5).
 */
import type {
  NodeSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from 'kubernetes-types/core/v1.d.ts';
import { isBound, lateClassOf, SELECTED_NODE } from '../controllers/volumes.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../kinds/volumes.ts';
import type { Entry } from '../objects/entry.ts';
import { annotationsOf, isBeingDeleted, nameOf, namespaceOf, withMeta } from '../objects/object.ts';
import type { World } from '../world.ts';
import { type Candidate, matchesTerm, type Rejection } from './filters.ts';

interface PodClaims {
  /** Where bound volumes can be reached from, and which nodes were chosen already. */
  readonly homes: readonly (NodeSelector | string)[];
  /** Claims that are not bound yet. */
  readonly waiting: readonly Entry[];
}

/** The claims of a pod, or what no node can help with. */
export function claimsOf(world: World, pod: Pod): PodClaims | { readonly reason: string } {
  const homes: (NodeSelector | string)[] = [];
  const waiting: Entry[] = [];
  for (const { persistentVolumeClaim } of pod.spec?.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const { claimName } = persistentVolumeClaim;
    const entry = world.store.get(PERSISTENT_VOLUME_CLAIMS, namespaceOf(pod), claimName);
    if (entry === undefined) return { reason: `persistentvolumeclaim "${claimName}" not found` };
    if (isBeingDeleted(entry.object)) {
      return { reason: `persistentvolumeclaim "${claimName}" is being deleted` };
    }
    const claim = entry.object as PersistentVolumeClaim;
    if (isBound(claim)) {
      const volume = world.store.get(PERSISTENT_VOLUMES, '', claim.spec?.volumeName ?? '');
      const required = (volume?.object as PersistentVolume | undefined)?.spec?.nodeAffinity
        ?.required;
      if (required !== undefined) homes.push(required);
      continue;
    }
    if (lateClassOf(world, claim) === undefined) {
      return { reason: 'pod has unbound immediate PersistentVolumeClaims' };
    }
    const chosen = annotationsOf(claim)[SELECTED_NODE];
    if (chosen !== undefined) homes.push(chosen);
    waiting.push(entry);
  }
  return { homes, waiting };
}

/** Why a node is none for a pod whose volumes stand elsewhere. */
export function awayFrom(homes: PodClaims['homes'], { node }: Candidate): Rejection | undefined {
  const isHome = homes.every((home) =>
    typeof home === 'string'
      ? home === nameOf(node)
      : home.nodeSelectorTerms.some((term) => matchesTerm(term, node)),
  );
  return isHome
    ? undefined
    : { reasons: ['node(s) had volume node affinity conflict'], isFinal: true };
}

/** Tells the claims which node their first pod will have. */
export function selectNode({ store }: World, claims: readonly Entry[], node: string): void {
  for (const { object } of claims) {
    if (annotationsOf(object)[SELECTED_NODE] !== undefined) continue;
    const annotations = { ...annotationsOf(object), [SELECTED_NODE]: node };
    store.put(PERSISTENT_VOLUME_CLAIMS, withMeta(object, { annotations }));
  }
}
