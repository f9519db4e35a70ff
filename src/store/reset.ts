/** Empties the world: everything but the schema. The one writer that touches every table, for `control/` only. */
import type { Writer } from './database.ts';
import { signalsOf } from './signals.ts';
import { removeSecretsOfWorld } from './secrets.ts';

/**
 * Removes all rows of all tables but the service's own keys and the initial values of the world, from which it begins anew.
 * Part of the transaction in which it does; the clock, which has to count its changes, is set anew there (schedule/clock.ts).
 */
export async function emptyWorld(writer: Writer): Promise<void> {
  await writer.deleteFrom('timers').execute();
  await writer.deleteFrom('waits').execute();
  await writer.deleteFrom('operations').execute();
  await writer.deleteFrom('resources').execute();
  await writer.deleteFrom('resource_tags').execute();
  await writer.deleteFrom('appliances').execute();
  await writer.deleteFrom('appliance_tasks').execute();
  await writer.deleteFrom('appliance_jobs').execute();
  await writer.deleteFrom('faults').execute();
  await writer.deleteFrom('kubernetes_objects').execute();
  await writer.deleteFrom('kubernetes_clusters').execute();
  await removeSecretsOfWorld(writer);
  await writer.deleteFrom('journal').execute();
  await writer.deleteFrom('deployment_operations').execute();
  await writer.deleteFrom('deployments').execute();
  await writer.deleteFrom('resource_groups').execute();
  await writer.deleteFrom('locks').execute();
  await writer.deleteFrom('diagnostic_settings').execute();
  await writer.deleteFrom('registrations').execute();
  await writer.deleteFrom('role_assignments').execute();
  await writer.deleteFrom('role_definitions').execute();
  await writer.deleteFrom('role_definition_scopes').execute();
  await writer.deleteFrom('subscriptions').execute();
  signalsOf(writer).touchEverything();
}
