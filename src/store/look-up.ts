/** How table files read what a request may depend on: the database by its cache and the request's read set, or a transaction. */
import { Database, type Reader, type Source } from './database.ts';
import { ReadSet } from './read-set.ts';

/**
 * What `load` reads of `source`. Of the database: from the cache, under `key`, and once for a request that may write
 * (`read-set.ts`). In a transaction always anew, since it must see what the transaction has written and, on PostgreSQL, be held
 * against what others write.
 */
export async function lookUp<T>(
  source: Source,
  key: string,
  load: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (!(source instanceof Database)) return await load(source);
  return await readOnce(key, async () => source.cached(key, load), load);
}

/** As `lookUp`, for lists and the like, which are not cached between requests. */
export async function lookUpList<T>(
  source: Source,
  key: string,
  load: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (!(source instanceof Database)) return await load(source);
  return await readOnce(key, async () => load(source.reader), load);
}

/** What `read` gives: once for a request that may write, which confirms it by `load` when it does. */
async function readOnce<T>(
  key: string,
  read: () => Promise<T>,
  load: (reader: Reader) => Promise<T>,
): Promise<T> {
  const reads = ReadSet.current();
  return reads === undefined ? await read() : await reads.read(key, read, load);
}

/** As `lookUp`, for several keys: see `Database.cachedMany`. */
export async function lookUpMany<T>(
  source: Source,
  keys: readonly string[],
  load: (reader: Reader, missing: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<ReadonlyMap<string, T>> {
  if (keys.length === 0) return new Map();
  return source instanceof Database
    ? await source.cachedMany(keys, load)
    : await load(source, keys);
}
