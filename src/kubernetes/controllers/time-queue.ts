/** What is due when: a binary heap of moments and what is due then, each of it at one moment. */
import type { Instant } from '#shared/instant.ts';

interface Item<What> {
  readonly at: Instant;
  readonly order: number;
  readonly what: What;
}

const isBefore = (one: Item<unknown>, other: Item<unknown>): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

export class TimeQueue<What> {
  readonly #heap: Item<What>[] = [];
  readonly #current = new Map<What, Item<What>>();
  #order = 0;

  /** Sets when it is due, or moves that. */
  set(what: What, at: Instant): void {
    const item = { at, order: this.#order++, what };
    this.#current.set(what, item);
    this.#heap.push(item);
    this.#up(this.#heap.length - 1);
  }

  /** Sets it, unless it is due sooner already. */
  setSooner(what: What, at: Instant): void {
    const known = this.#current.get(what);
    if (known === undefined || at < known.at) this.set(what, at);
  }

  delete(what: What): void {
    this.#current.delete(what);
  }

  /** Whether it is due at some time. */
  has(what: What): boolean {
    return this.#current.has(what);
  }

  /** The earliest moment. */
  get nextAt(): Instant | undefined {
    return this.#first()?.at;
  }

  /** Takes the earliest if it is due at `now`. */
  take(now: Instant): { readonly what: What; readonly at: Instant } | undefined {
    const first = this.#first();
    if (first === undefined || first.at > now) return undefined;
    this.#current.delete(first.what);
    this.#pop();
    return first;
  }

  #first(): Item<What> | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || this.#current.get(first.what) === first) return first;
      this.#pop();
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (this.#isLess(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isLess(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #isLess(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    return a !== undefined && b !== undefined && isBefore(a, b);
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }
}
