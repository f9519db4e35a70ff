/** Management locks, keyed by their id in lower case. Written by `platform/`. */
import type { Database, Reader, Writer } from './database.ts';
import type { Tables } from './tables.ts';

export type LockLevel = 'CanNotDelete' | 'ReadOnly';

export interface LockRow {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  /** Key of what it locks: a subscription, a group, a resource. */
  readonly scope: string;
  readonly subscriptionId: string;
  readonly level: LockLevel;
  readonly notes: string | undefined;
}

/** All locks of a subscription; few, and asked for by every write. */
export async function locksOf(
  database: Database,
  subscriptionId: string,
): Promise<readonly LockRow[]> {
  return await database.remembered(`locks ${subscriptionId}`, async () => {
    const rows = await database.reader
      .selectFrom('locks')
      .selectAll()
      .where('subscription_id', '=', subscriptionId)
      .orderBy('key')
      .execute();
    return rows.map(rowOf);
  });
}

export async function findLock(reader: Reader, key: string): Promise<LockRow | undefined> {
  const row = await reader
    .selectFrom('locks')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? undefined : rowOf(row);
}

/** Makes or replaces the lock; the id of the first writing stays. */
export async function putLock(writer: Writer, lock: LockRow): Promise<void> {
  const changing = { level: lock.level, notes: lock.notes ?? null };
  await writer
    .insertInto('locks')
    .values({
      key: lock.key,
      id: lock.id,
      name: lock.name,
      scope: lock.scope,
      subscription_id: lock.subscriptionId,
      ...changing,
    })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(changing))
    .execute();
}

export async function removeLock(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('locks').where('key', '=', key).execute();
}

/** Removes the locks of what is gone: of `scope` and of everything below it. */
export async function removeLocksBelow(writer: Writer, scope: string): Promise<void> {
  await writer
    .deleteFrom('locks')
    .where((eb) =>
      eb.or([
        eb('scope', '=', scope),
        eb.and([eb('scope', '>', `${scope}/`), eb('scope', '<', `${scope}0`)]),
      ]),
    )
    .execute();
}

function rowOf(row: Tables['locks']): LockRow {
  return {
    key: row.key,
    id: row.id,
    name: row.name,
    scope: row.scope,
    subscriptionId: row.subscription_id,
    level: row.level as LockLevel,
    notes: row.notes ?? undefined,
  };
}
