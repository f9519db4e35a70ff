/** What is due when: a binary heap of moments and ids, each id at one moment. */
import type { Instant } from '#shared/instant.ts';

interface Item {
  readonly at: Instant;
  readonly order: number;
  readonly id: string;
}

const isBefore = (one: Item, other: Item): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

export class TimeQueue {
  readonly #heap: Item[] = [];
  readonly #current = new Map<string, Item>();
  #order = 0;

  /** Sets the moment of an id, or moves it. */
  set(id: string, at: Instant): void {
    const item = { at, order: this.#order++, id };
    this.#current.set(id, item);
    this.#heap.push(item);
    this.#up(this.#heap.length - 1);
  }

  /** Sets it, unless it is due sooner already. */
  setSooner(id: string, at: Instant): void {
    const known = this.#current.get(id);
    if (known === undefined || at < known.at) this.set(id, at);
  }

  delete(id: string): void {
    this.#current.delete(id);
  }

  /** The earliest moment. */
  get nextAt(): Instant | undefined {
    return this.#first()?.at;
  }

  /** Takes the earliest id if it is due at `now`. */
  take(now: Instant): { readonly id: string; readonly at: Instant } | undefined {
    const first = this.#first();
    if (first === undefined || first.at > now) return undefined;
    this.#current.delete(first.id);
    this.#pop();
    return first;
  }

  #first(): Item | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || this.#current.get(first.id) === first) return first;
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
