/** What Deployments, ReplicaSets and Jobs have in common. Source: apps/validation (kubernetes-facts.md 2.6). */
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { selects } from '../objects/selectors.ts';
import { type FieldError, invalid, required } from '../status.ts';
import { podSpecDefaults } from './pod-spec.ts';
import { podSpecErrors } from './pod-validation.ts';

interface WorkloadSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplateSpec;
}

export const NOT_NEGATIVE = 'must be greater than or equal to 0';

export const templateDefaults = (template: PodTemplateSpec): PodTemplateSpec =>
  template.spec === undefined
    ? template
    : { ...template, spec: podSpecDefaults(template.spec, { isPod: false }) };

export function workloadErrors(spec: WorkloadSpec | undefined): FieldError[] {
  const { replicas = 0, minReadySeconds = 0, selector, template } = spec ?? {};
  const errors: FieldError[] = [];
  const labels = template?.metadata?.labels ?? {};
  if (replicas < 0) errors.push(invalid('spec.replicas', replicas, NOT_NEGATIVE));
  if (minReadySeconds < 0) {
    errors.push(invalid('spec.minReadySeconds', minReadySeconds, NOT_NEGATIVE));
  }
  if (selector === undefined) errors.push(required('spec.selector'));
  else if (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  ) {
    errors.push({
      ...invalid('spec.selector', '', 'empty selector is invalid for deployment'),
      shown: goSelector(selector),
    });
  }
  if (!selects(selector, labels)) {
    errors.push(
      invalid(
        'spec.template.metadata.labels',
        labels,
        '`selector` does not match template `labels`',
      ),
    );
  }
  errors.push(
    ...podSpecErrors(template?.spec, {
      path: 'spec.template.spec',
      restartPolicies: ['Always'],
    }),
  );
  return errors;
}

/** A selector never changes. */
export function selectorErrors(
  spec: WorkloadSpec | undefined,
  old: WorkloadSpec | undefined,
): FieldError[] {
  if (deepEqual(spec?.selector, old?.selector)) return [];
  const error = invalid('spec.selector', '', 'field is immutable');
  return [{ ...error, shown: goSelector(spec?.selector ?? {}) }];
}

/** A selector as Go's `%#v` prints it. */
export function goSelector({ matchLabels, matchExpressions }: LabelSelector): string {
  const pairs = Object.entries(matchLabels ?? {})
    .sort()
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const labels =
    matchLabels === undefined ? 'map[string]string(nil)' : `map[string]string{${pairs.join(', ')}}`;
  const expressions = (matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:${JSON.stringify(key)}, Operator:${JSON.stringify(operator)}, Values:${values === undefined ? '[]string(nil)' : `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`}}`,
  );
  const list =
    matchExpressions === undefined
      ? '[]v1.LabelSelectorRequirement(nil)'
      : `[]v1.LabelSelectorRequirement{${expressions.join(', ')}}`;
  return `v1.LabelSelector{MatchLabels:${labels}, MatchExpressions:${list}}`;
}

export const containersText = (template: PodTemplateSpec | undefined): string =>
  (template?.spec?.containers ?? []).map(({ name }) => name).join(',');
export const imagesText = (template: PodTemplateSpec | undefined): string =>
  (template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(',');

/** `a=b,c in (d,e)`, or `<none>`. */
export function selectorText({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector = {}): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`;
    }),
  ].sort();
  return parts.length === 0 ? '<none>' : parts.join(',');
}
