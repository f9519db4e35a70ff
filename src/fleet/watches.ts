/** The newest changes of a live cluster, for watches that begin a little later, and the watches themselves. */
import type { Kind } from '#kubernetes/kinds/kind.ts';
import type { ChangeEvent } from '#kubernetes/objects/entry.ts';

/** Hears of what has been saved, in order. */
export interface Watcher {
  readonly kind: Kind;
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined;
  deliver(events: readonly ChangeEvent[], revision: number): void;
  /** No more will come: the cluster is gone, or another process has it. */
  end(): void;
}

/** How many changes are kept: as a watch cache of the real server begins (kubernetes-api.md 4.4). */
const MAX_EVENTS = 2000;

const concerns = ({ kind, namespace }: Watcher, { entry }: ChangeEvent): boolean =>
  entry.kind === kind && (namespace === undefined || entry.namespace === namespace);

export class Watches {
  #events: ChangeEvent[] = [];
  /** Changes up to this revision are not kept. */
  #forgottenUpTo: number;
  #revision: number;
  readonly #watchers = new Set<Watcher>();

  constructor(revision: number) {
    this.#forgottenUpTo = revision;
    this.#revision = revision;
  }

  /** The newest revision that anybody may see. */
  get revision(): number {
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
    for (const watcher of this.#watchers) {
      const own = events.filter((event) => concerns(watcher, event));
      if (own.length > 0) watcher.deliver(own, revision);
    }
  }

  /** Begins a watch with what has changed since `from`; gives what ends it. */
  begin(watcher: Watcher, from: number): () => void {
    const missed = this.#events.filter(
      (event) => event.entry.revision > from && concerns(watcher, event),
    );
    this.#watchers.add(watcher);
    if (missed.length > 0) watcher.deliver(missed, this.#revision);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Ends every watch. */
  end(): void {
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
  }
}
