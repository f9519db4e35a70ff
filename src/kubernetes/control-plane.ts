/**
 * The front of a live cluster: its objects, and the controllers, scheduler and kubelets that work on them. It is synchronous and
 * knows no time but the one it is given: `advanceTo` plays what falls due on the way, `settle` lets the controllers come to rest.
 * `fleet/` saves what has changed before anybody sees it.
 */
import { type Instant, later, milliseconds, plus } from '#shared/instant.ts';
import { Lists } from './api/list.ts';
import { birth } from './components/birth.ts';
import type { Controller } from './controllers/controller.ts';
import { CONTROLLERS } from './controllers/index.ts';
import { TimeQueue } from './controllers/time-queue.ts';
import type { Foundation } from './foundation.ts';
import type { Kind } from './kinds/kind.ts';
import type { ChangeEvent, Entry } from './objects/entry.ts';
import { type Changes, ObjectStore } from './objects/store.ts';
import { StatusError } from './status.ts';
import type { World } from './world.ts';

export interface ControlPlaneParts {
  readonly seed: string;
  readonly foundation: Foundation;
  /** Of the saved cluster; absent: a new one, which is filled as of its creation. */
  readonly saved?: {
    readonly revision: number;
    readonly entries: Iterable<Entry>;
    /** Up to when it was played. */
    readonly playedTo: Instant;
  };
}

/** How long a controller waits that was refused (workqueue: 5 ms, doubling; at most so long here). */
const FIRST_BACKOFF_MS = 5;
const MAX_BACKOFF_MS = 60_000;

const WHOLE_FOUNDATION = 'foundation';

export class ControlPlane {
  readonly world: World;
  readonly lists = new Lists();
  readonly #queue = new Map<string, { readonly controller: Controller; readonly key: string }>();
  readonly #times = new TimeQueue();
  readonly #failures = new Map<string, number>();
  /** How much work is left of what may be done at once. */
  #left = 0;

  constructor({ seed, foundation, saved }: ControlPlaneParts) {
    const store = new ObjectStore(saved?.revision ?? 1);
    this.world = { seed, store, foundation, now: saved?.playedTo ?? foundation.createdAt };
    if (saved === undefined) birth(this.world);
    else for (const entry of saved.entries) store.load(entry);
    store.listener = (event) => {
      this.#hear(event);
    };
    for (const entry of store.all()) this.#hear({ type: 'ADDED', entry });
    this.#enqueueAll(WHOLE_FOUNDATION);
  }

  /** The newest revision. */
  get revision(): number {
    return this.world.store.revision;
  }

  /** What the appliance gives from now on. */
  setFoundation(foundation: Foundation): void {
    this.world.foundation = foundation;
    this.#enqueueAll(WHOLE_FOUNDATION);
  }

  /** When something happens next without a request; undefined: never. */
  get dueAt(): Instant | undefined {
    return this.#queue.size > 0 ? this.world.now : this.#times.nextAt;
  }

  /** Lets the controllers do work of at most `limit`: each piece counts one, and one more for each change; true: they are at rest. */
  settle(limit: number): boolean {
    this.#left = limit;
    return this.#settle();
  }

  /** Plays everything that falls due up to `moment`, work of at most `limit`; true: it has got there. */
  advanceTo(moment: Instant, limit: number): boolean {
    this.#left = limit;
    while (this.#settle()) {
      const due = this.#times.take(moment);
      if (due === undefined) {
        this.world.now = later(this.world.now, moment);
        return true;
      }
      this.world.now = later(this.world.now, due.at);
      this.#enqueue(due.id);
    }
    return false;
  }

  #settle(): boolean {
    const { store } = this.world;
    for (const [id, work] of this.#queue) {
      if (this.#left <= 0) return false;
      this.#queue.delete(id);
      const before = store.revision;
      this.#reconcile(id, work);
      this.#left -= 1 + store.revision - before;
    }
    return true;
  }

  get hasChanges(): boolean {
    return this.world.store.hasChanges;
  }

  takeChanges(): Changes {
    return this.world.store.takeChanges();
  }

  #hear(event: ChangeEvent): void {
    for (const controller of hearersOf(event.entry.kind)) {
      for (const key of controller.keysOf(this.world, event)) {
        this.#queue.set(`${controller.name} ${key}`, { controller, key });
      }
    }
  }

  #enqueueAll(key: string): void {
    for (const controller of CONTROLLERS) {
      if (controller.watchesFoundation === true) {
        this.#queue.set(`${controller.name} ${key}`, { controller, key });
      }
    }
  }

  #enqueue(id: string): void {
    const at = id.indexOf(' ');
    const name = id.slice(0, at);
    const controller = CONTROLLERS.find((one) => one.name === name);
    if (controller !== undefined) this.#queue.set(id, { controller, key: id.slice(at + 1) });
  }

  #reconcile(
    id: string,
    { controller, key }: { readonly controller: Controller; readonly key: string },
  ): void {
    this.#times.delete(id);
    try {
      controller.reconcile(this.world, key, {
        at: (moment) => {
          this.#times.setSooner(id, moment);
        },
      });
      this.#failures.delete(id);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const attempt = this.#failures.get(id) ?? 0;
      this.#failures.set(id, attempt + 1);
      const wait = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);
      this.#times.setSooner(id, plus(this.world.now, milliseconds(wait)));
    }
  }
}

const hearers = new Map<Kind, readonly Controller[]>();

/** The controllers that changes of a kind may make work for. */
function hearersOf(kind: Kind): readonly Controller[] {
  const known = hearers.get(kind);
  if (known !== undefined) return known;
  const found = CONTROLLERS.filter(({ kinds }) => kinds?.includes(kind) !== false);
  hearers.set(kind, found);
  return found;
}
