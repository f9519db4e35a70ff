/**
 * What a request has read before it writes. The reads of one request that may write share a read set: each thing is read once, and
 * the transaction that writes first confirms that all of it is still as it was read. So every check that a write depends on holds
 * in that write's transaction, whichever file made it. Where something has changed, nothing is written and the request is
 * carried out again, from the new state (`consistently`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Reader, Writer } from './transaction.ts';

/** How often a request is carried out that others are in the way of. */
const MAX_ATTEMPTS = 100;
/** How long to wait before the next attempt, milliseconds: drawn up to this, where another process is in the way. */
const MAX_BACKOFF_MS = 20;

/** Something that a request has read has changed before it could write. */
export class StaleReadError extends Error {
  /** Of what has changed. */
  readonly key: string;

  constructor(key: string) {
    super(`changed meanwhile: ${key}`);
    this.name = 'StaleReadError';
    this.key = key;
  }
}

/** What of a database is needed here. */
interface Store {
  write<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
  isUnchanged(writer: Writer, key: string, value: unknown): boolean;
}

interface Read {
  readonly value: Promise<unknown>;
  readonly load: (reader: Reader) => Promise<unknown>;
  /** What `value` came to, once it is there. */
  settled?: { readonly value: unknown };
}

const current = new AsyncLocalStorage<ReadSet | undefined>();

export class ReadSet {
  readonly #reads = new Map<string, Read>();

  /** The read set of the request that is being carried out, if it is one that may write. */
  static current(): ReadSet | undefined {
    return current.getStore();
  }

  /** Runs `work` outside of any request: for what serves several, or goes on after the one that began it. */
  static outside(work: () => void): void {
    current.run(undefined, work);
  }

  /** Carries out `work` with this read set as the current one. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    return await current.run(this, work);
  }

  /** What was read under `key`, or what `read` gives now; `load` reads it anew in a transaction. */
  async read<T>(
    key: string,
    read: () => Promise<T>,
    load: (reader: Reader) => Promise<T>,
  ): Promise<T> {
    let known = this.#reads.get(key);
    if (known === undefined) {
      known = { value: read(), load };
      this.#reads.set(key, known);
    }
    const value = await known.value;
    known.settled = { value };
    return value as T;
  }

  /** Forgets all that was read. */
  clear(): void {
    this.#reads.clear();
  }

  /** Throws a `StaleReadError` unless all that was read is the same in the transaction of `writer`. */
  async confirm(store: Store, writer: Writer): Promise<void> {
    const confirmed = [...this.#reads].map(async ([key, { settled, load }]) => {
      if (settled === undefined || store.isUnchanged(writer, key, settled.value)) return;
      if (!isSame(await load(writer), settled.value)) throw new StaleReadError(key);
    });
    for (const one of await Promise.allSettled(confirmed)) {
      if (one.status === 'rejected') throw one.reason;
    }
  }
}

/** Rows are plain JSON with their members always in the same order. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The requests of this process that are being carried out again since this had changed, one after another. */
const turns = new Map<string, Promise<void>>();

/** Runs `work` when no other one of this process runs that waited for the same key. */
async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key);
  const done = Promise.withResolvers<undefined>();
  turns.set(key, done.promise);
  try {
    await before;
    return await work();
  } finally {
    done.resolve(undefined);
    if (turns.get(key) === done.promise) turns.delete(key);
  }
}

/**
 * Carries out `work`, which reads and then writes once, from one consistent state: where what it read has changed before it could
 * write, it is carried out again. Those that have to be, take turns: otherwise most of those that want to change one thing at
 * once would fail again and again. `first` is the read set of the first attempt, where something has been read for it already.
 */
export async function consistently<T>(
  work: (attempt: number) => Promise<T>,
  first = new ReadSet(),
): Promise<T> {
  try {
    return await first.run(async () => work(1));
  } catch (error) {
    if (!(error instanceof StaleReadError)) throw error;
    return await inTurn(error.key, async () => again(work));
  }
}

async function again<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 2; ; attempt++) {
    try {
      return await new ReadSet().run(async () => work(attempt));
    } catch (error) {
      if (!(error instanceof StaleReadError) || attempt >= MAX_ATTEMPTS) throw error;
      await wait(randomInt(MAX_BACKOFF_MS));
    }
  }
}

/**
 * As `Database.write`, for a request that was carried out `consistently`: confirms first that what it has read is still so.
 */
export async function writeConsistently<T>(
  store: Store,
  work: (writer: Writer) => Promise<T>,
): Promise<T> {
  // Taken here: the transaction runs in no request's context.
  const reads = ReadSet.current();
  if (reads === undefined) throw new Error('what writes consistently is called by `consistently`');
  const result = await store.write(async (writer) => {
    await reads.confirm(store, writer);
    return await work(writer);
  });
  // What is read from here on may be what was just written.
  reads.clear();
  return result;
}
