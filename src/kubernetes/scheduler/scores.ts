/** Which of the nodes is best. Source: noderesources, nodeaffinity, tainttoleration scores (kubernetes-facts.md 5.1). */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { milliUnitsOf } from '../schema/quantity.ts';
import { controllerUidOf } from '../objects/object.ts';
import { askedBy, type Candidate, matchesTerm, tolerates } from './filters.ts';

/** What a container counts that asks for nothing: 100m, 200 MiB. */
const DEFAULTS: Readonly<Record<string, number>> = { cpu: 100, memory: 200 * 1024 * 1024 * 1000 };

export function scoreOf(pod: Pod, candidate: Candidate): number {
  const {
    node,
    load: { used },
  } = candidate;
  const fractions = ['cpu', 'memory'].map((name) => {
    const total = milliUnitsOf(node.status?.allocatable?.[name]);
    const asked = askedBy(pod).get(name) ?? DEFAULTS[name] ?? 0;
    return total === 0 ? 1 : Math.min(1, ((used.get(name) ?? 0) + asked) / total);
  });
  const [cpu = 1, memory = 1] = fractions;
  const least = ((1 - cpu + (1 - memory)) / 2) * 100;
  const balanced = (1 - Math.abs(cpu - memory) / 2) * 100;
  const avoided = (node.spec?.taints ?? []).filter(
    (taint) =>
      taint.effect === 'PreferNoSchedule' && !tolerates(pod.spec?.tolerations ?? [], taint),
  ).length;
  const preferred = (
    pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  )
    .filter(({ preference }) => matchesTerm(preference, node))
    .reduce((sum, { weight }) => sum + weight, 0);
  // Pods of one workload are spread over the nodes.
  const owner = controllerUidOf(pod);
  const siblings =
    owner === undefined ? 0 : candidate.pods.filter((one) => controllerUidOf(one) === owner).length;
  return least + balanced + preferred * 2 - avoided * 300 - siblings * 20;
}
