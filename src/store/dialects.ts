/** Opens the engine that a place names: a folder, `:memory:`, or a `postgres://` URL. Used by `database.ts` and `world-copy.ts`. */
import type { Dialect, ExclusiveStore } from './dialect.ts';
import { openPostgres, openPostgresExclusively } from './dialect-postgres.ts';
import { openSqlite, openSqliteExclusively } from './dialect-sqlite.ts';

/** Whether the place is a server, and not a folder. */
export const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//.test(place);

/** Opens PostgreSQL where `place` is a URL of it; else SQLite in that folder, which is made; or in memory (`:memory:`). */
export async function openDialect(place: string): Promise<Dialect> {
  return isPostgres(place) ? await openPostgres(place) : openSqlite(place);
}

/** Opens the store for this process alone; throws a `StoreInUseError` where another one uses it. `isNew`: the folder may be made. */
export async function openExclusively(
  place: string,
  { isNew }: { readonly isNew: boolean },
): Promise<ExclusiveStore> {
  return isPostgres(place)
    ? await openPostgresExclusively(place)
    : openSqliteExclusively(place, { isNew });
}
