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
import { noteHalt, noteReturn, wasHalted } from './controllers/lost-nodes.ts';
import { type Foundation, isHalted } from './foundation.ts';
import { KUBELET, keysOnNode } from './kubelet/kubelet.ts';
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

/** What a controller does about one key: the same object as long as it is to be done, now or at some time. */
interface Work {
  readonly controller: Controller;
  readonly key: string;
}

/** How long a controller waits that was refused (workqueue: 5 ms, doubling; at most so long here). */
const FIRST_BACKOFF_MS = 5;
const MAX_BACKOFF_MS = 60_000;

const WHOLE_FOUNDATION = 'foundation';

export class ControlPlane {
  readonly world: World;
  readonly lists = new Lists();
  /** What is to be done, by controller and key. */
  readonly #works = new Map<Controller, Map<string, Work>>();
  readonly #queue = new Set<Work>();
  /** What waits for the return of the control plane. */
  readonly #held = new Set<Work>();
  /** The master's VM is away, and with it all but what the nodes do by themselves. */
  #isStill: boolean;
  readonly #times = new TimeQueue<Work>();
  readonly #failures = new Map<Work, number>();
  /** How much work is left of what may be done at once. */
  #left = 0;

  constructor({ seed, foundation, saved }: ControlPlaneParts) {
    const store = new ObjectStore(saved?.revision ?? 1);
    this.world = { seed, store, foundation, now: saved?.playedTo ?? foundation.createdAt };
    if (saved === undefined) birth(this.world);
    else for (const entry of saved.entries) store.load(entry);
    // One that came back while no process had it goes on with the first look.
    this.#isStill = isHalted(foundation) || (saved !== undefined && wasHalted(this.world));
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
    const before = this.world.foundation;
    this.world.foundation = foundation;
    if (!isHalted(foundation)) this.#goOn();
    else if (!this.#isStill) this.#standStill();
    for (const { name, isUp } of foundation.nodes) {
      const wasUp = before.nodes.find((node) => node.name === name)?.isUp;
      // What its kubelet left undone goes on, also where the control plane has not heard that it was away.
      if (!isUp || wasUp !== false) continue;
      for (const key of keysOnNode(this.world.store, name)) this.#put(KUBELET, key);
    }
    this.#enqueueAll(WHOLE_FOUNDATION);
  }

  /** Whether nothing is to be done now. */
  get isAtRest(): boolean {
    return this.#queue.size === 0;
  }

  /** What is to be done by the control plane waits from now on. */
  #standStill(): void {
    this.#isStill = true;
    noteHalt(this.world);
    for (const work of this.#queue) {
      if (work.controller.isOnNodes === true) continue;
      this.#queue.delete(work);
      this.#held.add(work);
    }
  }

  /** The control plane is back, if it was away. */
  #goOn(): void {
    if (!this.#isStill) return;
    this.#isStill = false;
    noteReturn(this.world);
    for (const work of this.#held) this.#queue.add(work);
    this.#held.clear();
  }

  #put(controller: Controller, key: string): void {
    this.#enqueue(this.#work(controller, key));
  }

  #work(controller: Controller, key: string): Work {
    let works = this.#works.get(controller);
    if (works === undefined) this.#works.set(controller, (works = new Map<string, Work>()));
    let work = works.get(key);
    if (work === undefined) works.set(key, (work = { controller, key }));
    return work;
  }

  #enqueue(work: Work): void {
    const isHeld = work.controller.isOnNodes !== true && this.#isStill;
    (isHeld ? this.#held : this.#queue).add(work);
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
        if (!this.#isStill || isHalted(this.world.foundation)) return true;
        this.#goOn();
        continue;
      }
      this.world.now = later(this.world.now, due.at);
      this.#enqueue(due.what);
    }
    return false;
  }

  #settle(): boolean {
    const { store } = this.world;
    for (const work of this.#queue) {
      if (this.#left <= 0) return false;
      this.#queue.delete(work);
      const before = store.revision;
      this.#reconcile(work);
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
      for (const key of controller.keysOf(this.world, event)) this.#put(controller, key);
    }
  }

  #enqueueAll(key: string): void {
    for (const controller of CONTROLLERS) {
      if (controller.watchesFoundation === true) this.#put(controller, key);
    }
  }

  #reconcile(work: Work): void {
    const { controller, key } = work;
    this.#times.delete(work);
    try {
      controller.reconcile(this.world, key, {
        at: (moment) => {
          this.#times.setSooner(work, moment);
        },
      });
      this.#failures.delete(work);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const attempt = this.#failures.get(work) ?? 0;
      this.#failures.set(work, attempt + 1);
      const wait = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);
      this.#times.setSooner(work, plus(this.world.now, milliseconds(wait)));
    }
    this.#forgetIfDone(work);
  }

  #forgetIfDone(work: Work): void {
    if (this.#queue.has(work) || this.#held.has(work) || this.#times.has(work)) return;
    this.#works.get(work.controller)?.delete(work.key);
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
