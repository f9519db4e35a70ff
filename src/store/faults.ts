/** Which machine a fault belongs to, by the fault's id. Written by `fleet/` with the facts of faults that begin and end. */
import type { Reader, Writer } from './database.ts';
import { inParts } from './ranges.ts';

/** The appliance that has the fault of that id; undefined where it has ended, or there never was one. */
export async function applianceOfFault(reader: Reader, id: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('faults')
    .select('appliance')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.appliance;
}

/** How many faults and campaigns all machines have that have not ended. */
export async function countFaults(reader: Reader): Promise<number> {
  const { count } = await reader
    .selectFrom('faults')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function addFaults(
  writer: Writer,
  appliance: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await writer
    .insertInto('faults')
    .values(ids.map((id) => ({ id, appliance })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export async function removeFaults(writer: Writer, ids: readonly string[]): Promise<void> {
  for (const part of inParts(ids)) {
    await writer.deleteFrom('faults').where('id', 'in', part).execute();
  }
}

/** Removes those of a machine that is gone. */
export async function removeFaultsOf(writer: Writer, appliance: string): Promise<void> {
  await writer.deleteFrom('faults').where('appliance', '=', appliance).execute();
}
