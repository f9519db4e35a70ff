/**
 * Binds claims to volumes: those that are there, by name or by class and size, and those that the appliance's provisioner makes once
 * a pod that uses the claim has a node.
 * Sources: controller/volume/persistentvolume (kubernetes-facts.md 4.10); rancher/local-path-provisioner; appliance.md [stor, dynamic, static].
 */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { instant, plus, seconds } from '#shared/instant.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteEntry } from '../api/delete.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES } from '../kinds/volumes.ts';
import type { Entry } from '../objects/entry.ts';
import { annotationsOf, isBeingDeleted, nameOf, uidOf, withMeta } from '../objects/object.ts';
import { putStatus } from '../objects/put-status.ts';
import { milliUnitsOf } from '../schema/quantity.ts';
import { minorVersion, type World } from '../world.ts';
import type { Again, Controller } from './controller.ts';
import { recordEvent, referenceTo } from './events.ts';

/** The node that the scheduler has chosen for the first pod of a claim. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONERS = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** How long the provisioner takes to make a folder on the node: its helper pod's life [ours]. */
const PROVISIONING = seconds(5);
const FIRST_NEW_TEXT = 28;

const caller = systemCaller('system:serviceaccount:kube-system:persistent-volume-binder');

export const VOLUME_CONTROLLER: Controller = {
  name: 'volumes',
  kinds: [PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES],
  keysOf: ({ store }, { entry, type }) => {
    const open = (): string[] =>
      store
        .list(PERSISTENT_VOLUME_CLAIMS)
        .filter(({ object }) => !isBound(object as PersistentVolumeClaim))
        .map(claimKey);
    if (entry.kind === PERSISTENT_VOLUME_CLAIMS) {
      const { volumeName = '' } = (entry.object as PersistentVolumeClaim).spec ?? {};
      return [claimKey(entry), ...(volumeName === '' ? [] : [`volume/${volumeName}`])];
    }
    if (entry.kind === PERSISTENT_VOLUMES) {
      return [...(type === 'DELETED' ? [] : [`volume/${entry.name}`]), ...open()];
    }
    return entry.kind === STORAGE_CLASSES ? open() : [];
  },
  reconcile: (world, key, again) => {
    const [what, ...rest] = key.split('/');
    if (what === 'volume') {
      const entry = world.store.get(PERSISTENT_VOLUMES, '', rest.join('/'));
      if (entry !== undefined) followVolume(world, entry);
      return;
    }
    const [namespace = '', name = ''] = rest;
    const entry = world.store.get(PERSISTENT_VOLUME_CLAIMS, namespace, name);
    if (entry !== undefined && !isBeingDeleted(entry.object)) followClaim(world, entry, again);
  },
};

const claimKey = ({ namespace, name }: Entry): string => `claim/${namespace}/${name}`;

export const isBound = ({ spec, status }: PersistentVolumeClaim): boolean =>
  status?.phase === 'Bound' && (spec?.volumeName ?? '') !== '';

/** The class of a claim, where it waits for its first pod; undefined: it does not wait. */
export function lateClassOf(
  { store }: World,
  { spec }: PersistentVolumeClaim,
): StorageClass | undefined {
  const found = store.get(STORAGE_CLASSES, '', spec?.storageClassName ?? '');
  const one = found?.object as StorageClass | undefined;
  return one?.volumeBindingMode === 'WaitForFirstConsumer' ? one : undefined;
}

function tell(
  world: World,
  claim: PersistentVolumeClaim,
  { reason, message }: { readonly reason: string; readonly message: string },
): void {
  recordEvent(world, {
    about: referenceTo(claim),
    source: { component: 'persistentvolume-controller' },
    type: reason === 'ProvisioningFailed' || reason === 'ClaimLost' ? 'Warning' : 'Normal',
    reason,
    message,
  });
}

function followClaim(world: World, entry: Entry, again: Again): void {
  const claim = entry.object as PersistentVolumeClaim;
  if (isBound(claim)) {
    const isThere = world.store.get(PERSISTENT_VOLUMES, '', claim.spec?.volumeName ?? '');
    if (isThere !== undefined) return;
    putStatus(world, entry, { ...claim.status, phase: 'Lost' });
    tell(world, claim, {
      reason: 'ClaimLost',
      message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    });
    return;
  }
  if (claim.status?.phase === 'Lost') return;
  const late = lateClassOf(world, claim);
  const isChosen = annotationsOf(claim)[SELECTED_NODE] !== undefined;
  const volume =
    late === undefined || isChosen ? volumeFor(world, claim) : reservedFor(world, claim);
  if (volume !== undefined) bindVolume(world, entry, volume);
  else provision(world, entry, { again, isWaiting: late !== undefined && !isChosen });
}

/** The volume that is made for a claim alone, or that it names. */
function reservedFor({ store }: World, claim: PersistentVolumeClaim): Entry | undefined {
  const { volumeName = '' } = claim.spec ?? {};
  return store.list(PERSISTENT_VOLUMES).find(({ object, name }) => {
    const { claimRef } = (object as PersistentVolume).spec ?? {};
    const isOurs =
      claimRef?.namespace === claim.metadata?.namespace &&
      claimRef?.name === nameOf(claim) &&
      (claimRef.uid ?? uidOf(claim)) === uidOf(claim);
    return volumeName === ''
      ? isOurs
      : name === volumeName &&
          (claimRef === undefined || isOurs) &&
          fits(claim, object as PersistentVolume);
  });
}

/** The smallest volume that is free and large enough. */
function volumeFor(world: World, claim: PersistentVolumeClaim): Entry | undefined {
  const reserved = reservedFor(world, claim);
  if (reserved !== undefined || (claim.spec?.volumeName ?? '') !== '') return reserved;
  const sizeOf = ({ object }: Entry): number =>
    milliUnitsOf((object as PersistentVolume).spec?.capacity?.['storage']);
  return world.store
    .list(PERSISTENT_VOLUMES)
    .filter(({ object }) => {
      const { spec, status } = object as PersistentVolume;
      return (
        spec?.claimRef === undefined &&
        status?.phase === 'Available' &&
        !isBeingDeleted(object) &&
        fits(claim, object as PersistentVolume)
      );
    })
    .toSorted((one, other) => sizeOf(one) - sizeOf(other))[0];
}

function fits({ spec: claim }: PersistentVolumeClaim, object: PersistentVolume): boolean {
  const { spec } = object;
  const modes: readonly string[] = spec?.accessModes ?? [];
  return (
    (spec?.storageClassName ?? '') === (claim?.storageClassName ?? '') &&
    (spec?.volumeMode ?? 'Filesystem') === (claim?.volumeMode ?? 'Filesystem') &&
    (claim?.accessModes ?? []).every((mode) => modes.includes(mode)) &&
    milliUnitsOf(spec?.capacity?.['storage']) >=
      milliUnitsOf(claim?.resources?.requests?.['storage'])
  );
}

function bindVolume({ store }: World, entry: Entry, volumeEntry: Entry): void {
  const claim = entry.object as PersistentVolumeClaim;
  const volume = volumeEntry.object as PersistentVolume;
  const { resourceVersion, uid, name, namespace } = claim.metadata ?? {};
  const claimRef = {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    namespace,
    name,
    uid,
    resourceVersion,
  } as NonNullable<NonNullable<PersistentVolume['spec']>['claimRef']>;
  const byController = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
  store.put(PERSISTENT_VOLUMES, {
    ...withMeta(volume, { annotations: { ...annotationsOf(volume), ...byController } }),
    spec: { ...volume.spec, claimRef },
    status: { phase: 'Bound' },
  });
  const named = (claim.spec?.volumeName ?? '') === '' ? byController : {};
  const annotations = {
    ...annotationsOf(claim),
    'pv.kubernetes.io/bind-completed': 'yes',
    ...named,
  };
  store.put(PERSISTENT_VOLUME_CLAIMS, {
    ...withMeta(claim, { annotations }),
    spec: { ...claim.spec, volumeName: volumeEntry.name },
    status: {
      phase: 'Bound',
      accessModes: volume.spec?.accessModes,
      capacity: volume.spec?.capacity,
    },
  } as PersistentVolumeClaim);
}

/** Has a volume made by the class's provisioner; says what the claim waits for. */
function provision(
  world: World,
  entry: Entry,
  { again, isWaiting }: { readonly again: Again; readonly isWaiting: boolean },
): void {
  const claim = entry.object as PersistentVolumeClaim;
  const { storageClassName = '', volumeName = '' } = claim.spec ?? {};
  if (volumeName !== '') return;
  if (storageClassName === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    tell(world, claim, { reason: 'FailedBinding', message });
    return;
  }
  const found = world.store.get(STORAGE_CLASSES, '', storageClassName);
  if (found === undefined) {
    const message = `storageclass.storage.k8s.io "${storageClassName}" not found`;
    tell(world, claim, { reason: 'ProvisioningFailed', message });
    return;
  }
  if (isWaiting) {
    const message = 'waiting for first consumer to be created before binding';
    tell(world, claim, { reason: 'WaitForFirstConsumer', message });
    return;
  }
  const { provisioner } = found.object as StorageClass;
  const isOurs = world.foundation.storageClasses.some((one) => one.provisioner === provisioner);
  const due = entry.simulation?.['provisionedAt'];
  if (due === undefined) {
    askProvisioner(world, entry, { provisioner, isOurs });
    if (isOurs) again.at(plus(world.now, PROVISIONING));
  } else if (isOurs && Number(due) <= world.now) {
    makeVolume(world, claim, found.object as StorageClass);
  } else if (isOurs) again.at(instant(Number(due)));
}

interface Provisioner {
  readonly provisioner: string;
  readonly isOurs: boolean;
}

function askProvisioner(world: World, entry: Entry, { provisioner, isOurs }: Provisioner): void {
  const claim = entry.object as PersistentVolumeClaim;
  const asked = Object.fromEntries(PROVISIONERS.map((name) => [name, provisioner]));
  const annotations = { ...annotationsOf(claim), ...asked };
  const provisionedAt = plus(world.now, PROVISIONING);
  const next = withMeta(claim, { annotations });
  world.store.put(PERSISTENT_VOLUME_CLAIMS, next, { provisionedAt });
  const message =
    minorVersion(world) >= FIRST_NEW_TEXT
      ? `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
      : `waiting for a volume to be created, either by external provisioner "${provisioner}" or manually created by system administrator`;
  tell(world, claim, { reason: 'ExternalProvisioning', message });
  if (!isOurs) return;
  const what = `"${entry.namespace}/${entry.name}"`;
  fromProvisioner(world, claim, {
    provisioner,
    reason: 'Provisioning',
    message: `External provisioner is provisioning volume for claim ${what}`,
  });
}

function fromProvisioner(
  world: World,
  claim: PersistentVolumeClaim,
  {
    provisioner,
    reason,
    message,
  }: { readonly provisioner: string; readonly reason: string; readonly message: string },
): void {
  recordEvent(world, {
    about: referenceTo(claim),
    source: { component: provisioner },
    reason,
    message,
  });
}

/** A folder on the chosen node, as the local-path provisioner makes it. */
function makeVolume(
  world: World,
  claim: PersistentVolumeClaim,
  { provisioner, reclaimPolicy }: Pick<StorageClass, 'provisioner' | 'reclaimPolicy'>,
): void {
  const name = `pvc-${uidOf(claim)}`;
  const node = annotationsOf(claim)[SELECTED_NODE] ?? '';
  const { namespace = '', uid } = claim.metadata ?? {};
  const { accessModes, resources, storageClassName, volumeMode } = claim.spec ?? {};
  const path = `/opt/local-path-provisioner/${name}_${namespace}_${nameOf(claim)}`;
  const volume: PersistentVolume = {
    metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      accessModes: accessModes ?? [],
      persistentVolumeReclaimPolicy: reclaimPolicy ?? 'Delete',
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(volumeMode === undefined ? {} : { volumeMode }),
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        namespace,
        name: nameOf(claim),
        ...(uid === undefined ? {} : { uid }),
      },
      hostPath: { path, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }],
            },
          ],
        },
      },
    },
  };
  create(world, { kind: PERSISTENT_VOLUMES, namespace: '', object: volume, caller });
  fromProvisioner(world, claim, {
    provisioner,
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${name}`,
  });
}

/** A volume becomes available, and is released or removed when its claim has gone. */
function followVolume(world: World, entry: Entry): void {
  const { spec, status } = entry.object as PersistentVolume;
  const { claimRef, persistentVolumeReclaimPolicy: policy } = spec ?? {};
  if (claimRef === undefined) {
    if (status?.phase === 'Pending') putStatus(world, entry, { phase: 'Available' });
    return;
  }
  const { namespace = '', name = '', uid } = claimRef;
  const claim = world.store.get(PERSISTENT_VOLUME_CLAIMS, namespace, name);
  const isHeld = claim !== undefined && (uid === undefined || uidOf(claim.object) === uid);
  if (isHeld) {
    if (status?.phase === 'Pending') putStatus(world, entry, { phase: 'Available' });
    return;
  }
  const isMade = annotationsOf(entry.object)[PROVISIONED_BY] !== undefined;
  if (policy === 'Delete' && isMade) deleteEntry(world, entry, {});
  else putStatus(world, entry, { ...status, phase: 'Released' });
}
