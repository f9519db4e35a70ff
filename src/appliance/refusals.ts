/**
 * The catalogue of what a machine says no to: codes are stable, texts are for people. Called by every process. Codes are in
 * the style of the one recorded from the real service (`GatewayUserErrorEntityNotFound` [rec]); the others' names are
 * `[ours]`, since no recording shows one.
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
/** Something of that kind or name is there already. */
export const alreadyThere = refusal('EntityAlreadyExists');
/** Something else goes on that has to end first. */
export const busy = refusal('OperationInProgress', 'conflict');
/** Not in the state in which this can be done. */
export const wrongState = refusal('InvalidState');
/** The hardware or the release can't do it. */
export const unsupported = refusal('NotSupported');
/** Something else needs it. */
export const inUse = refusal('EntityInUse');
export const limitReached = refusal('LimitReached', 'limit');
export const reservedName = refusal('ReservedName');
/** What becomes of activity that a reset cuts off. */
export const cutOff = refusal('OperationCanceled');

/** Everything that needs a machine in its place: activated, and not being wiped. */
export function refuseUnlessActive(state: ApplianceState): Failure | undefined {
  return state.isActive
    ? undefined
    : refusal('DeviceNotActivated')(
        'The device is not activated. Activate it with an activation key and retry the operation.',
      );
}

/** No provisioning during an update (upd): shares, clusters and addons wait for its end. */
export function refuseWhileInstalling(state: ApplianceState): Failure | undefined {
  return isRunning(state, 'installUpdates')
    ? busy('The device is installing an update. Retry the operation when the update has ended.')
    : undefined;
}

/** What provisioning needs in any case. */
export const refuseProvisioning = (state: ApplianceState): Failure | undefined =>
  refuseUnlessActive(state) ?? refuseWhileInstalling(state);

/** For what an addon brings into the cluster of `role`. */
export function refuseOnCluster(state: ApplianceState, role: string): Failure | undefined {
  const refused = refuseProvisioning(state);
  if (refused !== undefined) return refused;
  if (state.cluster?.role !== role) return notFound(role);
  return isRunning(state, 'createCluster', 'deleteCluster')
    ? wrongState('The Kubernetes cluster of the device is not in state Created.')
    : undefined;
}
