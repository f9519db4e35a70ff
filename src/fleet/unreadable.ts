/**
 * What is to be seen of a machine that cannot be read: a state that no release has written, or one that breaks the simulation. It
 * costs that machine alone; lists, other machines and the deletion of its device go on. Called by `fleet.ts`.
 */
import { createAppliance, observationOf } from '#appliance/appliance.ts';
import type { Observation } from '#appliance/observation.ts';
import type { Failure } from '#shared/failure.ts';
import type { MachineHandle } from './machine-store.ts';

/** Why such a machine refuses a command. */
export const failureOf = (correlationId: string): Failure => ({
  kind: 'internal',
  code: 'InternalServerError',
  message: `The stored state of the device cannot be read. Delete the device, or ask whoever runs the service to look for the correlation id ${correlationId} in its log.`,
});

/** A machine as it left the factory, that needs attention and has one alert which says why. */
export function observationOfUnreadable(
  { spec }: MachineHandle,
  correlationId: string,
): Observation {
  const { at, ...fresh } = observationOf(createAppliance(spec));
  return {
    ...fresh,
    at,
    status: 'NeedsAttention',
    alerts: [
      {
        name: correlationId,
        type: 'DeviceStateUnreadable',
        title: 'The stored state of the device cannot be read.',
        recommendation: failureOf(correlationId).message,
        severity: 'Critical',
        appearedAt: at,
        occurrences: 1,
        details: { correlationId },
      },
    ],
  };
}
