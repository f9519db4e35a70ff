/**
 * Limit ranges: what containers get that do not say what they take, and between which bounds it must lie.
 * Sources: plugin/pkg/admission/limitranger/admission.go (kubernetes-facts.md 1.5).
 */
import type { Container, LimitRange, Pod } from 'kubernetes-types/core/v1.d.ts';
import { PODS } from '../kinds/pods.ts';
import { LIMIT_RANGES } from '../kinds/policies.ts';
import {
  annotationsOf,
  type KubeObject,
  nameOf,
  namespaceOf,
  withMeta,
} from '../objects/object.ts';
import { milliUnitsOf } from '../schema/quantity.ts';
import { forbidden } from '../status.ts';
import type { World } from '../world.ts';

const SET_BY = 'kubernetes.io/limit-ranger';

type Item = NonNullable<LimitRange['spec']>['limits'][number];

const itemsFor = ({ store }: World, namespace: string): readonly Item[] =>
  store
    .list(LIMIT_RANGES, namespace)
    .flatMap(({ object }) => (object as LimitRange).spec?.limits ?? []);

/** The pod with the defaults of its namespace's ranges. */
export function applyLimitRanges(world: World, object: KubeObject): KubeObject {
  const pod = object as Pod;
  const items = itemsFor(world, namespaceOf(pod)).filter(({ type }) => type === 'Container');
  if (items.length === 0 || pod.spec === undefined) return pod;
  const limits = Object.assign({}, ...items.map((item) => item.default ?? {})) as Record<
    string,
    string
  >;
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest ?? {})) as Record<
    string,
    string
  >;
  const set: string[] = [];
  const containers = pod.spec.containers.map((container): Container => {
    const { resources = {} } = container;
    const added = (part: 'requests' | 'limits', defaults: Record<string, string>): string[] =>
      Object.keys(defaults)
        .filter((name) => resources[part]?.[name] === undefined)
        .sort();
    const [newRequests, newLimits] = [added('requests', requests), added('limits', limits)];
    if (newRequests.length > 0) {
      set.push(`${newRequests.join(', ')} request for container ${container.name}`);
    }
    if (newLimits.length > 0) {
      set.push(`${newLimits.join(', ')} limit for container ${container.name}`);
    }
    return {
      ...container,
      resources: {
        ...resources,
        ...(Object.keys(limits).length === 0 ? {} : { limits: { ...limits, ...resources.limits } }),
        ...(Object.keys(requests).length === 0
          ? {}
          : { requests: { ...requests, ...resources.requests } }),
      },
    };
  });
  if (set.length === 0) return pod;
  return withMeta(
    { ...pod, spec: { ...pod.spec, containers } },
    {
      annotations: {
        ...annotationsOf(pod),
        [SET_BY]: `LimitRanger plugin set: ${set.join('; ')}`,
      },
    },
  );
}

/** Refuses a pod whose containers lie outside of the bounds. */
export function checkLimitRanges(world: World, object: KubeObject): void {
  const pod = object as Pod;
  const items = itemsFor(world, namespaceOf(pod)).filter(({ type }) => type === 'Container');
  const faults = items.flatMap((item) =>
    (pod.spec?.containers ?? []).flatMap((container) => boundFaults(item, container)),
  );
  if (faults.length === 0) return;
  throw forbidden(PODS, nameOf(pod), {
    why: faults.length === 1 ? faults.join('') : `[${faults.join(', ')}]`,
  });
}

function boundFaults({ type, min = {}, max = {} }: Item, { resources }: Container): string[] {
  const { requests = {}, limits = {} } = resources ?? {};
  return [
    ...Object.entries(min).flatMap(([name, bound]) => {
      const request = requests[name];
      if (request === undefined) {
        return [`minimum ${name} usage per ${type} is ${bound}.  No request is specified`];
      }
      return milliUnitsOf(request) < milliUnitsOf(bound)
        ? [`minimum ${name} usage per ${type} is ${bound}, but request is ${request}`]
        : [];
    }),
    ...Object.entries(max).flatMap(([name, bound]) => {
      const limit = limits[name];
      if (limit === undefined) {
        return [`maximum ${name} usage per ${type} is ${bound}.  No limit is specified`];
      }
      return milliUnitsOf(limit) > milliUnitsOf(bound)
        ? [`maximum ${name} usage per ${type} is ${bound}, but limit is ${limit}`]
        : [];
    }),
  ];
}
