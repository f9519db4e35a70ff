/**
 * The budget of a deployment's expressions: how much evaluating its template may cost, so that no template holds up or ends the
 * process that evaluates it. ARM has a budget of its own, whose size is in no source: these are `[ours]`, far above any real template.
 */
import { isJsonObject, type Json } from '#shared/json.ts';
import { TemplateError } from './template-error.ts';

/** Evaluated nodes, iterations and made elements together. */
const MAX_WORK = 1_000_000;
/** Characters of one value when it is written out; ARM's own limit of an expanded template is 4 MB [doc]. */
const MAX_VALUE_CHARACTERS = 4 * 1024 * 1024;
/** So many characters that a function reads or writes cost as much as one node. */
const CHARACTERS_A_UNIT = 256;

export class Budget {
  #left = MAX_WORK;
  /** The sizes of arrays and objects: expressions share them, so a small template can describe a huge value. */
  readonly #sizes = new WeakMap<object, number>();

  /** Takes `work` from the budget; throws a TemplateError where nothing is left. */
  spend(work: number): void {
    this.#left -= work;
    if (this.#left < 0) {
      throw new TemplateError(
        `The expressions of the template need more than ${MAX_WORK} steps and elements.`,
      );
    }
  }

  /** Takes what reading the whole of `values` costs. */
  spendOnReading(values: readonly Json[]): void {
    let characters = 0;
    for (const value of values) characters += this.#sizeOf(value);
    this.spend(Math.ceil(characters / CHARACTERS_A_UNIT));
  }

  /** Takes what a made value costs, and refuses one that is too large to be written out. */
  spendOnMaking(value: Json, name: string): void {
    if (typeof value === 'object' && value !== null && !this.#sizes.has(value)) {
      this.spend(Array.isArray(value) ? value.length : Object.keys(value).length);
    }
    if (this.#sizeOf(value) > MAX_VALUE_CHARACTERS) {
      throw new TemplateError(
        `The value that '${name}' gives is larger than ${MAX_VALUE_CHARACTERS} characters.`,
      );
    }
  }

  #sizeOf(value: Json): number {
    if (typeof value === 'string') return value.length + 2;
    if (typeof value !== 'object' || value === null) return 8;
    let size = this.#sizes.get(value);
    if (size === undefined) {
      size = 2;
      if (Array.isArray(value)) for (const item of value) size += this.#sizeOf(item) + 1;
      else if (isJsonObject(value)) {
        for (const name in value) size += name.length + 4 + this.#sizeOf(value[name] ?? null);
      }
      this.#sizes.set(value, size);
    }
    return size;
  }
}
