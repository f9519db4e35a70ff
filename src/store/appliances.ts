/**
 * The observed state of every appliance that has been asked to do something: JSON, with a version that grows by one a
 * save. Written by `fleet/` alone. An appliance without a row is as the factory made it.
 */
import type { Database, Writer } from './database.ts';

export interface ApplianceRow {
  /** ARM id of the device it belongs to, as written. */
  readonly resourceId: string;
  readonly state: string;
  readonly version: number;
}

export async function findAppliance(
  database: Database,
  id: string,
): Promise<ApplianceRow | undefined> {
  return (await database.row(
    'select resource_id as resourceId, state, version from appliances where id = ?',
    id,
  )) as ApplianceRow | undefined;
}

/** The version alone: enough to know whether a kept copy is still the newest. 0 where there is no row. */
export async function applianceVersion(database: Database, id: string): Promise<number> {
  return await database.remembered(`appliance ${id}`, async () => {
    const row = (await database.row('select version from appliances where id = ?', id)) as
      | { version: number }
      | undefined;
    return row?.version ?? 0;
  });
}

/**
 * Saves what was made from `fromVersion` (0 = no row yet). False when another writer was quicker: nothing is written
 * then, and the caller begins again from the newer state.
 */
export async function saveAppliance(
  writer: Writer,
  appliance: { readonly id: string; readonly resourceId: string; readonly state: string },
  fromVersion: number,
): Promise<boolean> {
  if (fromVersion === 0) {
    const inserted = await writer
      .insertInto('appliances')
      .values({
        id: appliance.id,
        resource_id: appliance.resourceId,
        state: appliance.state,
        version: 1,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }
  const updated = await writer
    .updateTable('appliances')
    .set({ state: appliance.state, version: fromVersion + 1 })
    .where('id', '=', appliance.id)
    .where('version', '=', fromVersion)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

export async function removeAppliance(writer: Writer, id: string): Promise<void> {
  await writer.deleteFrom('appliances').where('id', '=', id).execute();
}
