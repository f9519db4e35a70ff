/**
 * The catalogue of the machine's refusals: codes are stable, messages are for people. The codes follow the one recorded
 * from the real service (`GatewayUserErrorEntityNotFound` [rec]); the names of the others are `[ours]`, since no recording
 * shows them.
 */
import type { Failure, FailureKind } from '#shared/failure.ts';
import { type ApplianceState, isRunning } from './state.ts';

const refusal =
  (code: string, kind: FailureKind = 'invalid') =>
  (message: string): Failure => ({ kind, code: `GatewayUserError${code}`, message });

export const notFound = (what: string): Failure =>
  refusal(
    'EntityNotFound',
    'notFound',
  )(`Could not find the entity ${what}. Provide a valid entity name and retry the operation.`);
/** Another thing of that kind or name exists. */
export const alreadyThere = refusal('EntityAlreadyExists');
/** Another command has to end first. */
export const busy = refusal('OperationInProgress', 'conflict');
/** The machine is in a state in which this is impossible. */
export const wrongState = refusal('InvalidState');
/** The hardware or the release doesn't support this. */
export const unsupported = refusal('NotSupported');
/** Something else depends on it. */
export const inUse = refusal('EntityInUse');
export const limitReached = refusal('LimitReached', 'limit');
export const reservedName = refusal('ReservedName');
/** The place of a fault does not exist. */
export const invalidPlace = refusal('InvalidPlace');
/** Something that the machine needs in Azure is gone. */
export const vaultGone = (): Failure =>
  refusal('KeyVaultNotFound')(
    'The key vault of the device, or the channel integrity key in it, was deleted, so nothing can be encrypted for it. Recover the key vault or the secret and retry the operation.',
  );
/** The data volume has no space left. */
export const volumeFull = refusal('StorageFull', 'limit');
/** The failure of an update. */
export const updateFailed = refusal('UpdateFailed');
/** The failure of a task that a reset canceled. */
export const canceled = refusal('OperationCanceled');

/** Refuses what only an activated machine can do. */
export function refuseUnlessActive(state: ApplianceState): Failure | undefined {
  return state.isActive
    ? undefined
    : refusal('DeviceNotActivated')(
        'The device is not activated. POST a certificate to its uploadCertificate and wait five simulated minutes, ' +
          'or POST an activation key to /_edgetwin/appliances/activate, and retry the operation.',
      );
}

/** Refuses provisioning during an update (upd): shares, clusters and addons wait for its end. */
export function refuseWhileInstalling(state: ApplianceState): Failure | undefined {
  return isRunning(state, 'installUpdates')
    ? busy('The device is installing an update. Retry the operation when the update has ended.')
    : undefined;
}

/** The refusals that all provisioning has in common. */
export const refuseProvisioning = (state: ApplianceState): Failure | undefined =>
  refuseUnlessActive(state) ?? refuseWhileInstalling(state);

/** The refusals of installing an addon into the cluster of `role`. */
export function refuseOnCluster(state: ApplianceState, role: string): Failure | undefined {
  const refused = refuseProvisioning(state);
  if (refused !== undefined) return refused;
  if (state.cluster?.role !== role) return notFound(role);
  return isRunning(state, 'createCluster', 'deleteCluster')
    ? wrongState('The Kubernetes cluster of the device is not in state Created.')
    : undefined;
}
