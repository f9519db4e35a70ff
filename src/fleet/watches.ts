/** The newest changes of a live cluster, for watches that begin a little later, and the watches themselves. */
import type { Kind } from '#kubernetes/kinds/kind.ts';
import type { ChangeEvent } from '#kubernetes/objects/entry.ts';
import { monotonicNow } from '#shared/instant.ts';

/** Hears of what has been saved, in order. */
export interface Watcher {
  readonly kind: Kind;
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined;
  /** Watchers of the same kind and namespace are handed the same list. */
  deliver(events: readonly ChangeEvent[]): void;
  /** No more will come: the cluster is gone, or another process has it. */
  end(): void;
}

/** How many changes are kept: as a watch cache of the real server begins (kubernetes-api.md 4.4). */
const MAX_EVENTS = 2000;
/**
 * Changes that come faster than this, wall, are told together: what a hundred watches cost is writing to a hundred sockets, whether of one
 * change or of ten.
 */
const TELL_EVERY_MS = 10;

const concerns = ({ kind, namespace }: Watcher, { entry }: ChangeEvent): boolean =>
  entry.kind === kind && (namespace === undefined || entry.namespace === namespace);

export class Watches {
  #events: ChangeEvent[] = [];
  /** Changes up to this revision are not kept. */
  #forgottenUpTo: number;
  #revision: number;
  /** Each with the revision up to which it has been told everything. */
  readonly #watchers = new Map<Watcher, number>();
  /** What nobody has been told of yet. */
  #untold: ChangeEvent[] = [];
  /** When they were last told of something, by the monotonic clock. */
  #toldAt = 0;
  #telling: NodeJS.Timeout | undefined;

  constructor(revision: number) {
    this.#forgottenUpTo = revision;
    this.#revision = revision;
  }

  /** Tells everybody what is still to be told; gives the newest revision that anybody may see. */
  tellAll(): number {
    this.#tell();
    return this.#revision;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** The oldest revision from which a watch can begin. */
  get oldest(): number {
    return this.#forgottenUpTo;
  }

  /** What has been saved: everybody may see it from now on. */
  publish(events: readonly ChangeEvent[], revision: number): void {
    this.#events.push(...events);
    const surplus = this.#events.length - MAX_EVENTS;
    if (surplus > MAX_EVENTS / 4) {
      this.#forgottenUpTo = this.#events[surplus - 1]?.entry.revision ?? this.#forgottenUpTo;
      this.#events.splice(0, surplus);
    }
    this.#revision = revision;
    if (this.#watchers.size === 0 || events.length === 0) return;
    this.#untold.push(...events);
    if (this.#telling !== undefined) return;
    const wait = this.#toldAt + TELL_EVERY_MS - monotonicNow();
    if (wait <= 0) this.#tell();
    else {
      // eslint-disable-next-line no-restricted-syntax -- how much is told together is a matter of real time, as sockets are
      this.#telling = setTimeout(() => {
        this.#tell();
      }, wait);
    }
  }

  /** Begins a watch with what has changed since `from`; gives what ends it. */
  begin(watcher: Watcher, from: number): () => void {
    const missed = this.#events.filter(
      (event) => event.entry.revision > from && concerns(watcher, event),
    );
    this.#watchers.set(watcher, this.#revision);
    if (missed.length > 0) watcher.deliver(missed);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Ends every watch, with all that it is to be told. */
  end(): void {
    this.#tell();
    for (const watcher of this.#watchers.keys()) watcher.end();
    this.#watchers.clear();
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const events = this.#untold;
    if (events.length === 0) return;
    this.#untold = [];
    this.#toldAt = monotonicNow();
    const first = events[0]?.entry.revision ?? 0;
    const lists = new Map<string, readonly ChangeEvent[]>();
    for (const [watcher, told] of this.#watchers) {
      this.#watchers.set(watcher, this.#revision);
      const own = listFor(watcher, events, lists);
      // Who began while they waited has been told of the first of them.
      const left = told < first ? own : own.filter(({ entry }) => entry.revision > told);
      if (left.length > 0) watcher.deliver(left);
    }
  }
}

/** The changes of `events` that concern a watcher: one list for all that watch the same. */
function listFor(
  watcher: Watcher,
  events: readonly ChangeEvent[],
  lists: Map<string, readonly ChangeEvent[]>,
): readonly ChangeEvent[] {
  const key = `${watcher.kind.key} ${watcher.namespace ?? '*'}`;
  const known = lists.get(key);
  if (known !== undefined) return known;
  const own = events.filter((event) => concerns(watcher, event));
  lists.set(key, own);
  return own;
}
