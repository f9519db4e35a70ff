/** Pods. Sources: core/v1 types; registry/core/pod/strategy.go; printers.go printPod (kubernetes-facts.md 1, 2.4, 6.6). */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { AGE, column, NAME, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';
import { podSpecDefaults } from './pod-spec.ts';
import { podSpecErrors, podUpdateErrors } from './pod-validation.ts';
import { readyText, restartsText, statusText } from './pod-words.ts';
import { qosClassOf } from './pod-resources.ts';

export const PODS = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  isNamespaced: true,
  message: 'core.v1.Pod',
  hasStatus: true,
  columns: [
    NAME,
    column<Pod>('Ready', readyText),
    column<Pod>('Status', statusText),
    column<Pod>('Restarts', restartsText),
    AGE,
    wide<Pod>('IP', ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? '<none>'),
    wide<Pod>('Node', ({ spec }) => spec?.nodeName ?? '<none>'),
    wide<Pod>('Nominated Node', ({ status }) => status?.nominatedNodeName ?? '<none>'),
    wide<Pod>('Readiness Gates', readinessGatesText),
  ],
  defaults: (pod) =>
    pod.spec === undefined ? pod : { ...pod, spec: podSpecDefaults(pod.spec, { isPod: true }) },
  prepareCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qosClassOf(pod) } }),
  validate: ({ spec }) => podSpecErrors(spec, { path: 'spec' }),
  validateUpdate: podUpdateErrors,
  selectable: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.host': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.podIPs': status?.podIPs?.map(({ ip }) => ip).join(',') ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
});

function readinessGatesText({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status: is }) => type === conditionType && is === 'True'),
  );
  return `${met.length}/${gates.length}`;
}
