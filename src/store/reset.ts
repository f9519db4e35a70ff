/** Empties the world: everything but the schema. The one writer that touches every table, for `control/` only. */
import type { Database } from './database.ts';

/** Removes all rows of all tables; the clock and the world's birth values too. */
export async function emptyWorld(database: Database): Promise<void> {
  await database.write(async (writer) => {
    await writer.deleteFrom('timers').execute();
    await writer.deleteFrom('operations').execute();
    await writer.deleteFrom('resources').execute();
    await writer.deleteFrom('appliances').execute();
    await writer.deleteFrom('secrets').execute();
    await writer.deleteFrom('journal').execute();
    await writer.deleteFrom('resource_groups').execute();
    await writer.deleteFrom('locks').execute();
    await writer.deleteFrom('registrations').execute();
    await writer.deleteFrom('subscriptions').execute();
    await writer.deleteFrom('counters').execute();
    await writer.deleteFrom('world').execute();
    await writer.deleteFrom('clock').execute();
  });
}
