/** What pods ask for. Sources: apis/core/v1/helper/qos; scheduler noderesources/fit.go. */
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { milliOf, milliUnitsOf } from '../schema/quantity.ts';

/** Amounts by resource, in milli-units. */
export type Amounts = ReadonlyMap<string, number>;

/** What a pod requests: the sum of its containers, or its greediest init container where that is more; with its overhead. */
export function requestsOf(spec: PodSpec | undefined): Amounts {
  const sums = new Map<string, number>();
  for (const { resources } of spec?.containers ?? []) {
    for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
      sums.set(name, (sums.get(name) ?? 0) + milliUnitsOf(amount));
    }
  }
  for (const { resources } of spec?.initContainers ?? []) {
    for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
      sums.set(name, Math.max(sums.get(name) ?? 0, milliUnitsOf(amount)));
    }
  }
  for (const [name, amount] of Object.entries(spec?.overhead ?? {})) {
    sums.set(name, (sums.get(name) ?? 0) + milliUnitsOf(amount));
  }
  return sums;
}

/** The class of a pod's quality of service, fixed when it is created. */
export function qosClassOf({ spec }: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const asks = containers.map(({ resources }) => {
    const counted = (amounts: Readonly<Record<string, string>> = {}): Record<string, bigint> =>
      Object.fromEntries(
        ['cpu', 'memory'].flatMap((name) => {
          const milli = milliOf(amounts[name] ?? '0') ?? 0n;
          return milli === 0n ? [] : [[name, milli]];
        }),
      );
    return { requests: counted(resources?.requests), limits: counted(resources?.limits) };
  });
  const isEmpty = (amounts: object): boolean => Object.keys(amounts).length === 0;
  if (asks.every(({ requests, limits }) => isEmpty(requests) && isEmpty(limits))) {
    return 'BestEffort';
  }
  const isGuaranteed = asks.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (name) => limits[name] !== undefined && limits[name] === (requests[name] ?? limits[name]),
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
