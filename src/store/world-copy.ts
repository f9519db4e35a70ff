/**
 * Copies a world from one store to another, on either engine: every row of every table, in one transaction of the target. The source
 * stays as it is. Both are closed to other processes meanwhile. Called by `migrate-store.ts`.
 *
 * The target gets the tables of the release that used the source last, so that rows go over as they are; what is newer is done by the
 * next start, as with any store of an earlier release.
 */
import { assert } from '#shared/assert.ts';
import { type ExclusiveStore, run, type TableShape } from './dialect.ts';
import { openExclusively } from './dialects.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './tables.ts';
import { StoreInUseError, UnusableStoreError } from './unusable.ts';

/** Why a world cannot be copied, in one line for the person at the terminal. */
export class WorldCopyError extends UnusableStoreError {}

export interface WorldCopy {
  /** A folder or a `postgres://` URL. */
  readonly from: string;
  /** The same; holds nothing yet. */
  readonly to: string;
  /** Called before the copy is committed: what must be there for it to be of use. */
  readonly beforeCommit: () => Promise<void>;
}

/** What was copied. */
export interface Copied {
  readonly tables: number;
  readonly rows: number;
}

/** Of the processes that use a store, and not of its world. */
const NOT_COPIED = new Set(['leases', 'migrations']);
/** Rows that are read, and written, at once. */
const BATCH = 500;

/** Copies it; throws a `WorldCopyError` where that cannot be, and then the target is as it was. */
export async function copyWorld({ from, to, beforeCommit }: WorldCopy): Promise<Copied> {
  const source = await openAlone(from, { is: 'source', isNew: false });
  let isCopied = false;
  try {
    const target = await openAlone(to, { is: 'target', isNew: true });
    try {
      const copied = await copyAll(source, target, beforeCommit);
      isCopied = true;
      return copied;
    } finally {
      await target.close(isCopied);
    }
  } finally {
    await source.close(true);
  }
}

async function openAlone(
  place: string,
  { is, isNew }: { readonly is: 'source' | 'target'; readonly isNew: boolean },
): Promise<ExclusiveStore> {
  try {
    return await openExclusively(place, { isNew });
  } catch (error) {
    if (error instanceof StoreInUseError) {
      throw new WorldCopyError(`The ${is} is in use. Stop every process that uses it first.`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorldCopyError(`The ${is} cannot be opened: ${reason}`, { cause: error });
  }
}

async function copyAll(
  source: ExclusiveStore,
  target: ExclusiveStore,
  beforeCommit: () => Promise<void>,
): Promise<Copied> {
  await run(source.connection, source.begin);
  await run(target.connection, target.begin);
  try {
    const tables = await source.tables();
    const seen = await checkedMigrations(source, tables);
    if ((await target.tables()).length > 0) {
      throw new WorldCopyError('The target is not empty. Name a new folder, or an empty schema.');
    }
    await target.migrate(migrations().filter(({ name }) => seen.has(name)));
    const copied = tables.filter(({ name }) => !NOT_COPIED.has(name));
    let rows = 0;
    for (const table of copied) rows += await copyTable(source, target, table);
    await beforeCommit();
    await run(target.connection, 'commit');
    return { tables: copied.length, rows };
  } catch (error) {
    await run(target.connection, 'rollback');
    throw error;
  } finally {
    await run(source.connection, 'rollback');
  }
}

/** The migrations that the source has seen; refuses what holds no world, and what a newer release has written. */
async function checkedMigrations(
  { connection }: ExclusiveStore,
  tables: readonly TableShape[],
): Promise<ReadonlySet<string>> {
  const nothing = new WorldCopyError('The source holds no world.');
  if (!tables.some(({ name }) => name === 'migrations')) throw nothing;
  const seen = await connection
    .selectFrom('migrations' as 'world')
    .select('name')
    .execute();
  const known = new Set(migrations().map(({ name }) => name));
  const newer = seen.find(({ name }) => !known.has(name));
  if (newer !== undefined) {
    throw new WorldCopyError(
      `The source was written by a newer release (it has '${newer.name}'). Use that release to move it.`,
    );
  }
  const world = await connection
    .selectFrom('world')
    .select('name')
    .where('name', '=', 'id')
    .executeTakeFirst();
  if (world === undefined) throw nothing;
  return new Set(seen.map(({ name }) => name));
}

type Row = Readonly<Record<string, string | number | null>>;
/** Every table is read and written alike here; for the compiler, one stands for all. */
const AS_TYPED = 'world' satisfies keyof Tables;

async function copyTable(
  source: ExclusiveStore,
  target: ExclusiveStore,
  table: TableShape,
): Promise<number> {
  assert(table.key.length > 0, `the table ${table.name} has a primary key`);
  let rows = 0;
  for (let after: Row | undefined; ; ) {
    const batch = await readBatch(source, table, after);
    if (batch.length > 0) {
      await target.connection
        .insertInto(table.name as typeof AS_TYPED)
        .values(batch as unknown as Tables[typeof AS_TYPED][])
        .execute();
    }
    rows += batch.length;
    if (batch.length < BATCH) break;
    after = batch.at(-1);
  }
  if (table.identity !== undefined) {
    const last = await source.lastDrawn(table.name, table.identity);
    await target.setLastDrawn(table.name, table.identity, last);
  }
  return rows;
}

/** The rows after the one of `after`, in the order of the primary key. */
async function readBatch(
  { connection }: ExclusiveStore,
  { name, columns, key }: TableShape,
  after: Row | undefined,
): Promise<readonly Row[]> {
  const keyColumns = key as readonly 'name'[];
  let query = connection
    .selectFrom(name as typeof AS_TYPED)
    .select(columns as readonly 'name'[])
    .limit(BATCH);
  for (const column of keyColumns) query = query.orderBy(column);
  const [first] = keyColumns;
  if (after !== undefined && first !== undefined) {
    const valueOf = (column: string): string => after[column] as never;
    query = query
      // Says nothing new, but leads the database to the place in its index.
      .where(first, '>=', valueOf(first))
      .where((eb) =>
        eb.or(
          keyColumns.map((column, index) =>
            eb.and([
              ...keyColumns.slice(0, index).map((equal) => eb(equal, '=', valueOf(equal))),
              eb(column, '>', valueOf(column)),
            ]),
          ),
        ),
      );
  }
  return await query.execute();
}
