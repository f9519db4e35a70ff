/** Empties the world: everything but the schema. The one writer that touches every table, for `control/` only. */
import type { Database } from './database.ts';
import { signalsOf } from './signals.ts';
import { removeSecretsOfWorld } from './secrets.ts';

/** Removes all rows of all tables, the clock too; only the service's own keys stay, and what the world was born with: it begins anew from there. */
export async function emptyWorld(database: Database): Promise<void> {
  await database.write(async (writer) => {
    await writer.deleteFrom('timers').execute();
    await writer.deleteFrom('waits').execute();
    await writer.deleteFrom('operations').execute();
    await writer.deleteFrom('resources').execute();
    await writer.deleteFrom('resource_tags').execute();
    await writer.deleteFrom('appliances').execute();
    await writer.deleteFrom('appliance_tasks').execute();
    await writer.deleteFrom('appliance_jobs').execute();
    await removeSecretsOfWorld(writer);
    await writer.deleteFrom('journal').execute();
    await writer.deleteFrom('deployment_operations').execute();
    await writer.deleteFrom('deployments').execute();
    await writer.deleteFrom('resource_groups').execute();
    await writer.deleteFrom('locks').execute();
    await writer.deleteFrom('registrations').execute();
    await writer.deleteFrom('role_assignments').execute();
    await writer.deleteFrom('role_definitions').execute();
    await writer.deleteFrom('subscriptions').execute();
    await writer.deleteFrom('clock').execute();
    signalsOf(writer).touchEverything();
  });
}
