/** StorageClasses, PersistentVolumes and their claims. Sources: core/v1, storage/v1 defaults and printers (kubernetes-facts.md 1, 2.7, 7.1). */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { annotationsOf, isBeingDeleted, nameOf } from '../objects/object.ts';
import { forbiddenField, required } from '../status.ts';
import { AGE, column, NAME, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

export const isDefaultClass = (one: StorageClass): boolean =>
  annotationsOf(one)[DEFAULT_CLASS] === 'true';

export const STORAGE_CLASSES = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  shortNames: ['sc'],
  isNamespaced: false,
  message: 'storage.v1.StorageClass',
  columns: [
    {
      ...NAME,
      cell: (object) => {
        const one = object as StorageClass;
        return isDefaultClass(one) ? `${nameOf(one)} (default)` : nameOf(one);
      },
    },
    column<StorageClass>('Provisioner', ({ provisioner }) => provisioner),
    column<StorageClass>('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column<StorageClass>(
      'VolumeBindingMode',
      ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    ),
    column<StorageClass>(
      'AllowVolumeExpansion',
      ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    ),
    AGE,
  ],
  defaults: (one) => ({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...one }),
  validate: ({ provisioner }) => (provisioner === '' ? [required('provisioner')] : []),
  validateUpdate: (one, old) =>
    (['parameters', 'provisioner', 'reclaimPolicy'] as const)
      .filter((member) => !deepEqual(one[member], old[member]))
      .map((member) => forbiddenField(member, `updates to ${member} are forbidden.`)),
});

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const modesText = (modes: readonly string[] = []): string =>
  modes.map((mode) => MODES[mode] ?? mode).join(',');

export const PERSISTENT_VOLUMES = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  shortNames: ['pv'],
  isNamespaced: false,
  message: 'core.v1.PersistentVolume',
  hasStatus: true,
  columns: [
    NAME,
    column<PersistentVolume>('Capacity', ({ spec }) => spec?.capacity?.['storage'] ?? ''),
    column<PersistentVolume>('Access Modes', ({ spec }) => modesText(spec?.accessModes)),
    column<PersistentVolume>(
      'Reclaim Policy',
      ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '',
    ),
    column<PersistentVolume>('Status', (volume) =>
      isBeingDeleted(volume) ? 'Terminating' : (volume.status?.phase ?? ''),
    ),
    column<PersistentVolume>('Claim', ({ spec }) =>
      spec?.claimRef === undefined
        ? ''
        : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
    ),
    column<PersistentVolume>('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    column<PersistentVolume>('Reason', ({ status }) => status?.reason ?? ''),
    AGE,
    wide<PersistentVolume>('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ],
  defaults: (volume) => ({
    ...volume,
    spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', ...volume.spec },
  }),
  prepareCreate: (volume) => ({ ...volume, status: { phase: 'Pending' } }),
  validate: ({ spec }) => [
    ...(spec?.capacity === undefined ? [required('spec.capacity')] : []),
    ...((spec?.accessModes ?? []).length === 0 ? [required('spec.accessModes')] : []),
  ],
});

export const PERSISTENT_VOLUME_CLAIMS = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  isNamespaced: true,
  message: 'core.v1.PersistentVolumeClaim',
  hasStatus: true,
  columns: [
    NAME,
    column<PersistentVolumeClaim>('Status', (claim) =>
      isBeingDeleted(claim) ? 'Terminating' : (claim.status?.phase ?? ''),
    ),
    column<PersistentVolumeClaim>('Volume', ({ spec }) => spec?.volumeName ?? ''),
    column<PersistentVolumeClaim>('Capacity', ({ spec, status }) =>
      (spec?.volumeName ?? '') === '' ? '' : (status?.capacity?.['storage'] ?? ''),
    ),
    column<PersistentVolumeClaim>('Access Modes', ({ spec, status }) =>
      (spec?.volumeName ?? '') === '' ? '' : modesText(status?.accessModes),
    ),
    column<PersistentVolumeClaim>('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    AGE,
    wide<PersistentVolumeClaim>('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ],
  defaults: (claim) => ({ ...claim, spec: { volumeMode: 'Filesystem', ...claim.spec } }),
  prepareCreate: (claim) => ({ ...claim, status: { phase: 'Pending' } }),
  validate: ({ spec }) => [
    ...((spec?.accessModes ?? []).length === 0
      ? [required('spec.accessModes', 'at least 1 access mode is required')]
      : []),
    ...(spec?.resources?.requests?.['storage'] === undefined
      ? [required('spec.resources[storage]')]
      : []),
  ],
});
