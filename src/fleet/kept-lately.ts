/** The things kept last, by id, up to so many: what was kept longest ago goes first. Called by `fleet.ts`. */
export class KeptLately<T> {
  readonly #most: number;
  readonly #byId = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  keep(id: string, thing: T): void {
    this.#byId.delete(id);
    this.#byId.set(id, thing);
    if (this.#byId.size <= this.#most) return;
    const oldest = this.#byId.keys().next();
    if (oldest.done !== true) this.#byId.delete(oldest.value);
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  forgetAll(): void {
    this.#byId.clear();
  }
}
