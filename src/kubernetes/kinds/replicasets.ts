/** ReplicaSets and ControllerRevisions. Sources: apps/v1 types, defaults.go; printers.go (kubernetes-facts.md 1.2, 2.6). */
import type { ControllerRevision, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import { nameOf } from '../objects/object.ts';
import { AGE, column, NAME, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';
import {
  containersText,
  imagesText,
  selectorErrors,
  selectorText,
  templateDefaults,
  workloadErrors,
} from './workloads.ts';

export const REPLICA_SETS = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  isNamespaced: true,
  message: 'apps.v1.ReplicaSet',
  hasStatus: true,
  hasScale: true,
  generation: 'spec',
  columns: [
    NAME,
    column<ReplicaSet>('Desired', ({ spec }) => spec?.replicas ?? 0, 'integer'),
    column<ReplicaSet>('Current', ({ status }) => status?.replicas ?? 0, 'integer'),
    column<ReplicaSet>('Ready', ({ status }) => status?.readyReplicas ?? 0, 'integer'),
    AGE,
    wide<ReplicaSet>('Containers', ({ spec }) => containersText(spec?.template)),
    wide<ReplicaSet>('Images', ({ spec }) => imagesText(spec?.template)),
    wide<ReplicaSet>('Selector', ({ spec }) => selectorText(spec?.selector)),
  ],
  defaults: (set) =>
    set.spec === undefined
      ? set
      : {
          ...set,
          spec: {
            replicas: 1,
            ...set.spec,
            ...(set.spec.template === undefined
              ? {}
              : { template: templateDefaults(set.spec.template) }),
          },
        },
  prepareCreate: (set) => ({ ...set, status: { replicas: 0 } }),
  validate: ({ spec }) => workloadErrors(spec),
  validateUpdate: ({ spec }, old) => selectorErrors(spec, old.spec),
});

export const CONTROLLER_REVISIONS = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  isNamespaced: true,
  message: 'apps.v1.ControllerRevision',
  columns: [
    NAME,
    column<ControllerRevision>('Controller', ({ metadata }) => {
      const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
      if (owner === undefined) return '<none>';
      const group = owner.apiVersion.split('/').length > 1 ? owner.apiVersion.split('/')[0] : '';
      return `${owner.kind.toLowerCase()}${group === '' ? '' : `.${group ?? ''}`}/${nameOf({ metadata: { name: owner.name } })}`;
    }),
    column<ControllerRevision>('Revision', ({ revision }) => revision),
    AGE,
  ],
});
