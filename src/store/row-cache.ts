/**
 * Rows as they were read last, by a key of their own, until a commit changes them. For what nearly every request reads. Only
 * where the engine tells at once whether another process has committed (`Dialect.externalVersion`); `database.ts` sees to it.
 * test/processes proves that it is never wrong with several processes.
 */
import { LRUCache } from 'lru-cache';
import type { Signals } from './signals.ts';

/** Bytes of rows that are kept, as their texts are long. */
const MAX_BYTES = 24 * 1024 * 1024;
/** What an entry takes besides its text. */
const ENTRY_BYTES = 300;

/** Roughly what a row takes as objects: some three bytes a character of its JSON. */
const bytesOf = (value: unknown): number =>
  value === undefined ? 0 : 3 * JSON.stringify(value).length;

/** A row may be absent: that is cached too. */
interface Entry {
  readonly value: unknown;
  readonly bytes: number;
}

export class RowCache {
  readonly #entries = new LRUCache<string, Entry>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ bytes }, key) => ENTRY_BYTES + key.length + bytes,
  });
  /** Reads under way: a commit that changes their key takes them out, so that their result is not kept. */
  readonly #loading = new Map<string, Promise<unknown>>();

  /** What is kept under `key`; undefined where nothing is. */
  get(key: string): { readonly value: unknown } | undefined {
    return this.#lookUp(key);
  }

  /** What is kept, or what `load` reads, which is then kept. Several callers at once share one read. */
  async getOrLoad<T>(key: string, load: () => Promise<T>): Promise<T> {
    const loading = this.#loading.get(key);
    if (loading !== undefined) return (await loading) as T;
    const begun = load();
    this.#loading.set(key, begun);
    try {
      const value = await begun;
      if (this.#loading.get(key) === begun) {
        this.#entries.set(key, { value, bytes: bytesOf(value) });
      }
      return value;
    } finally {
      if (this.#loading.get(key) === begun) this.#loading.delete(key);
    }
  }

  /**
   * What is kept under each of `keys`, and what one `load` reads of the rest, which is then kept: also that there is nothing. By
   * key, without those that have no value.
   */
  async getOrLoadMany<T>(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    const add = (key: string, value: T | undefined): void => {
      if (value !== undefined) found.set(key, value);
    };
    const missing: string[] = [];
    for (const key of keys) {
      const kept = this.#lookUp(key);
      if (kept === undefined) missing.push(key);
      else add(key, kept.value as T | undefined);
    }
    if (missing.length === 0) return found;
    const loading = load(missing);
    await Promise.all(
      missing.map(async (key) => {
        add(key, await this.getOrLoad(key, async () => (await loading).get(key)));
      }),
    );
    return found;
  }

  /** Drops what a commit has changed. */
  drop({ keys, prefixes, isEverything }: Signals): void {
    if (isEverything) {
      this.clear();
      return;
    }
    for (const key of keys) this.#forget(key);
    if (prefixes.size === 0) return;
    const isBelow = (key: string): boolean => {
      for (const prefix of prefixes) if (key.startsWith(prefix)) return true;
      return false;
    };
    for (const key of [...this.#entries.keys(), ...this.#loading.keys()]) {
      if (isBelow(key)) this.#forget(key);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#loading.clear();
  }

  /** What was used last is told apart only once the cache fills up: to keep that order costs more than to look something up. */
  #lookUp(key: string): Entry | undefined {
    const entries = this.#entries;
    return entries.calculatedSize > MAX_BYTES / 2 ? entries.get(key) : entries.peek(key);
  }

  #forget(key: string): void {
    this.#entries.delete(key);
    this.#loading.delete(key);
  }
}
