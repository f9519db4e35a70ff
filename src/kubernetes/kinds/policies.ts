/** ResourceQuotas, LimitRanges, PriorityClasses and Leases. Sources: core/v1, scheduling/v1, coordination/v1 (kubernetes-facts.md 1, 2.7). */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { LimitRange, ResourceQuota } from 'kubernetes-types/core/v1.d.ts';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.d.ts';
import { forbiddenField, invalid } from '../status.ts';
import { AGE, column, CREATED_AT, NAME } from '../tables/columns.ts';
import { defineKind } from './kind.ts';

export const RESOURCE_QUOTAS = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  shortNames: ['quota'],
  isNamespaced: true,
  message: 'core.v1.ResourceQuota',
  hasStatus: true,
  columns: [
    NAME,
    AGE,
    column<ResourceQuota>('Request', (quota) => usageText(quota, false)),
    column<ResourceQuota>('Limit', (quota) => usageText(quota, true)),
  ],
});

function usageText({ status }: ResourceQuota, ofLimits: boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([name]) => name.startsWith('limits.') === ofLimits)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`)
    .join(', ');
}

export const LIMIT_RANGES = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  resource: 'limitranges',
  shortNames: ['limits'],
  isNamespaced: true,
  message: 'core.v1.LimitRange',
  isCreatedByPut: true,
  columns: [NAME, CREATED_AT],
  defaults: (range) =>
    range.spec === undefined
      ? range
      : {
          ...range,
          spec: {
            limits: range.spec.limits.map((item) => {
              if (item.type !== 'Container') return item;
              const limits = { ...item.max, ...item.default };
              const requests = { ...item.min, ...limits, ...item.defaultRequest };
              return {
                ...item,
                ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
                ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
              };
            }),
          },
        },
});

/** Above it are the classes of the system (apis/scheduling/types.go). */
const HIGHEST_USER_PRIORITY = 1_000_000_000;

export const PRIORITY_CLASSES = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  shortNames: ['pc'],
  isNamespaced: false,
  message: 'scheduling.v1.PriorityClass',
  generation: 'fixed',
  columns: [
    NAME,
    column<PriorityClass>('Value', ({ value }) => value, 'integer'),
    column<PriorityClass>(
      'Global-Default',
      ({ globalDefault }) => globalDefault ?? false,
      'boolean',
    ),
    AGE,
  ],
  defaults: (one) => ({ preemptionPolicy: 'PreemptLowerPriority', ...one }),
  validate: ({ metadata, value }) => {
    const name = metadata?.name ?? '';
    if (name.startsWith('system-')) return [];
    return value > HIGHEST_USER_PRIORITY
      ? [
          forbiddenField(
            'value',
            `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`,
          ),
        ]
      : [];
  },
  validateUpdate: ({ value }, old) =>
    value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')],
});

export const LEASES = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  isNamespaced: true,
  message: 'coordination.v1.Lease',
  isCreatedByPut: true,
  needsRevision: true,
  columns: [NAME, column<Lease>('Holder', ({ spec }) => spec?.holderIdentity ?? ''), AGE],
  validate: ({ spec }) => {
    const length = spec?.leaseDurationSeconds ?? 1;
    return length > 0
      ? []
      : [invalid('spec.leaseDurationSeconds', length, 'must be greater than 0')];
  },
});
