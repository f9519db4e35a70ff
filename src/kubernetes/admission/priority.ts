/** Priorities. Source: plugin/pkg/admission/priority/admission.go (kubernetes-facts.md 1.5). */
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.d.ts';
import { PODS } from '../kinds/pods.ts';
import { PRIORITY_CLASSES } from '../kinds/policies.ts';
import { type KubeObject, nameOf } from '../objects/object.ts';
import { forbidden } from '../status.ts';
import type { World } from '../world.ts';

/** The spec with the priority of its class, or of the default one. */
export function withPriority(world: World, pod: Pod, spec: PodSpec): PodSpec {
  const given = spec.priorityClassName ?? '';
  const one = given === '' ? defaultClass(world) : classNamed(world, pod, given);
  const priority = one?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw forbidden(PODS, nameOf(pod), {
      why: `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    });
  }
  return {
    ...spec,
    ...(one === undefined ? {} : { priorityClassName: nameOf(one) }),
    priority,
    preemptionPolicy: spec.preemptionPolicy ?? one?.preemptionPolicy ?? 'PreemptLowerPriority',
  };
}

const defaultClass = ({ store }: World): PriorityClass | undefined =>
  store
    .list(PRIORITY_CLASSES)
    .map(({ object }) => object as PriorityClass)
    .find(({ globalDefault }) => globalDefault === true);

function classNamed({ store }: World, pod: Pod, name: string): PriorityClass {
  const found = store.get(PRIORITY_CLASSES, '', name);
  if (found !== undefined) return found.object as PriorityClass;
  throw forbidden(PODS, nameOf(pod), { why: `no PriorityClass with name ${name} was found` });
}

/** There is one default at most. */
export function refuseSecondDefault(world: World, object: KubeObject): void {
  if ((object as PriorityClass).globalDefault !== true) return;
  const present = defaultClass(world);
  if (present === undefined || nameOf(present) === nameOf(object)) return;
  throw forbidden(PRIORITY_CLASSES, nameOf(object), {
    why: `PriorityClass ${nameOf(present)} is already marked as default. Only one default can exist`,
  });
}
