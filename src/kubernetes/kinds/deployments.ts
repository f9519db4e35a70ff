/** Deployments. Sources: apps/v1/defaults.go; apps/validation; printers.go printDeployment (kubernetes-facts.md 1.2, 2.6). */
import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.d.ts';
import { maybe } from '../objects/object.ts';
import { type FieldError, forbiddenField, invalid, unsupported } from '../status.ts';
import { AGE, column, NAME, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';
import {
  containersText,
  imagesText,
  NOT_NEGATIVE,
  selectorErrors,
  selectorText,
  templateDefaults,
  workloadErrors,
} from './workloads.ts';

export const DEPLOYMENTS = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  isNamespaced: true,
  message: 'apps.v1.Deployment',
  hasStatus: true,
  hasScale: true,
  generation: 'specAndAnnotations',
  columns: [
    NAME,
    column<Deployment>(
      'Ready',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    ),
    column<Deployment>('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column<Deployment>('Available', ({ status }) => status?.availableReplicas ?? 0),
    AGE,
    wide<Deployment>('Containers', ({ spec }) => containersText(spec?.template)),
    wide<Deployment>('Images', ({ spec }) => imagesText(spec?.template)),
    wide<Deployment>('Selector', ({ spec }) => selectorText(spec?.selector)),
  ],
  defaults: (deployment) =>
    deployment.spec === undefined
      ? deployment
      : { ...deployment, spec: specDefaults(deployment.spec) },
  validate: ({ spec }) => [...workloadErrors(spec), ...strategyErrors(spec)],
  validateUpdate: ({ spec }, old) => selectorErrors(spec, old.spec),
});

function specDefaults(spec: DeploymentSpec): DeploymentSpec {
  const { strategy = {} } = spec;
  const type = strategy.type ?? 'RollingUpdate';
  return {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...spec,
    strategy: {
      ...strategy,
      type,
      ...(type === 'RollingUpdate'
        ? { rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate } }
        : {}),
    },
    template: templateDefaults(maybe(spec.template) ?? {}),
  };
}

function strategyErrors(spec: DeploymentSpec | undefined): FieldError[] {
  const { type = '', rollingUpdate } = spec?.strategy ?? {};
  const errors: FieldError[] = [];
  if (type === 'Recreate' && rollingUpdate !== undefined) {
    errors.push(
      forbiddenField(
        'spec.strategy.rollingUpdate',
        "may not be specified when strategy `type` is 'Recreate'",
      ),
    );
  } else if (type === 'RollingUpdate') {
    const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
    const isNone = (value: string | number | undefined): boolean => value === 0 || value === '0%';
    if (isNone(maxUnavailable) && isNone(maxSurge)) {
      errors.push({
        ...invalid(
          'spec.strategy.rollingUpdate.maxUnavailable',
          0,
          'may not be 0 when `maxSurge` is 0',
        ),
        shown: String(maxUnavailable),
      });
    }
  } else if (type !== 'Recreate') {
    errors.push(unsupported('spec.strategy', type, ['Recreate', 'RollingUpdate']));
  }
  const limit = spec?.revisionHistoryLimit ?? 0;
  if (limit < 0) errors.push(invalid('spec.revisionHistoryLimit', limit, NOT_NEGATIVE));
  const deadline = spec?.progressDeadlineSeconds ?? Number.POSITIVE_INFINITY;
  if (deadline <= (spec?.minReadySeconds ?? 0)) {
    errors.push(
      invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'),
    );
  }
  return errors;
}
