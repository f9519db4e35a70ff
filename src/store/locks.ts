/** Management locks, keyed by their id in lower case. Written by `platform/`. */
import type { Source, Writer } from './database.ts';
import { extensionPage, type ExtensionScopes } from './extension-lists.ts';
import { lookUp, lookUpList } from './look-up.ts';
import { isBelow } from './ranges.ts';
import type { KeyPage } from './resource-lists.ts';
import { signalsOf } from './signals.ts';
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

const TYPE = 'microsoft.authorization/locks';

/** Whether a subscription has locks is cached; those of all are dropped together, since they seldom change. */
const CACHE_PREFIX = 'locks ';

/** Whether the subscription has any lock: asked by every write. */
export async function hasLocks(source: Source, subscriptionId: string): Promise<boolean> {
  return await lookUp(source, CACHE_PREFIX + subscriptionId, async (reader) => {
    const row = await reader
      .selectFrom('locks')
      .select('key')
      .where('subscription_id', '=', subscriptionId)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  });
}

export interface LockPage extends KeyPage {
  readonly limit: number;
  /** ReadOnly ones alone. */
  readonly isReadOnly?: boolean;
}

/** A page of the locks at some scopes, in the order of their keys. */
export async function listLocks(
  source: Source,
  scopes: ExtensionScopes,
  { isReadOnly = false, ...page }: LockPage,
): Promise<readonly LockRow[]> {
  const key = `locks ${JSON.stringify([scopes, isReadOnly, page])}`;
  return await lookUpList(source, key, async (reader) =>
    extensionPage(scopes, { ...page, type: TYPE }, async (prefix, { after, limit }) => {
      let query = reader
        .selectFrom('locks')
        .selectAll()
        .where((eb) => isBelow(eb, 'key', prefix))
        .orderBy('key')
        .limit(limit);
      if (after !== undefined) query = query.where('key', '>', after);
      if (isReadOnly) query = query.where('level', '=', 'ReadOnly');
      return (await query.execute()).map(rowOf);
    }),
  );
}

/** The lock of that id in lower case. */
export async function findLock(source: Source, key: string): Promise<LockRow | undefined> {
  return await lookUpList(source, `lock ${key}`, async (reader) => {
    const row = await reader
      .selectFrom('locks')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined ? undefined : rowOf(row);
  });
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
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
}

export async function removeLock(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('locks').where('key', '=', key).execute();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
}

/** Removes the locks of what is gone, at `scope` and everywhere below it: all, or `limit` at most. How many there were. */
export async function removeLocksBelow(
  writer: Writer,
  scope: string,
  limit?: number,
): Promise<number> {
  const all = writer.deleteFrom('locks').where((eb) => isBelow(eb, 'key', scope));
  const removed = await (limit === undefined
    ? all
    : writer.deleteFrom('locks').where('key', 'in', (eb) =>
        eb
          .selectFrom('locks')
          .select('key')
          .where((own) => isBelow(own, 'key', scope))
          .orderBy('key')
          .limit(limit),
      )
  ).executeTakeFirst();
  signalsOf(writer).touchPrefix(CACHE_PREFIX);
  return Number(removed.numDeletedRows);
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
