/** Values of template expressions: their types and equality, and the checks of functions' arguments. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { TemplateError } from './template-error.ts';

/** ARM's own limit of a string that an expression gives, in characters [doc]. */
const MAX_TEXT_LENGTH = 131_072;
/** The limit of an array that an expression gives `[ours]`, so that repeated doubling does not exhaust the memory. */
const MAX_LIST_LENGTH = 100_000;

/** The type's name in ARM's messages. */
export function typeOf(value: Json): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'number':
      return Number.isInteger(value) ? 'Integer' : 'Float';
    case 'boolean':
      return 'Boolean';
    default:
      return 'Object';
  }
}

/** Deep equality; strings are compared with case, members in any order. */
export function isEqual(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isEqual(item, other[index] ?? null))
    );
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && isEqual(one[name] ?? null, other[name] ?? null),
    )
  );
}

/** The member of that name in any case; undefined where there is none. */
export function memberOf(value: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(value, name)) return value[name];
  const lower = name.toLowerCase();
  const found = Object.keys(value).find((known) => known.toLowerCase() === lower);
  return found === undefined ? undefined : value[found];
}

/** A value as `string()` and `concat()` write it: booleans as in .NET. */
export function stringOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return '';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** Refuses values that are too large. */
export function bounded(value: Json, name: string): Json {
  if (typeof value === 'string' && value.length > MAX_TEXT_LENGTH) {
    throw new TemplateError(
      `The string that '${name}' gives is longer than ${MAX_TEXT_LENGTH} characters.`,
    );
  }
  if (Array.isArray(value) && value.length > MAX_LIST_LENGTH) {
    throw new TemplateError(
      `The array that '${name}' gives has more than ${MAX_LIST_LENGTH} elements.`,
    );
  }
  return value;
}

/** The arguments of a call, read by index and type. */
export class Args {
  readonly #name: string;
  readonly all: readonly Json[];

  constructor(name: string, all: readonly Json[]) {
    this.#name = name;
    this.all = all;
  }

  get count(): number {
    return this.all.length;
  }

  at(index: number): Json {
    const value = this.all[index];
    if (value === undefined) throw this.fault(`it needs at least ${index + 1} arguments`);
    return value;
  }

  text(index: number): string {
    const value = this.at(index);
    return typeof value === 'string' ? value : this.#mismatch(index, 'String');
  }

  /** A string, or undefined where the argument is missing. */
  optionalText(index: number): string | undefined {
    return this.count > index ? this.text(index) : undefined;
  }

  number(index: number): number {
    const value = this.at(index);
    return typeof value === 'number' ? value : this.#mismatch(index, 'Integer');
  }

  boolean(index: number): boolean {
    const value = this.at(index);
    return typeof value === 'boolean' ? value : this.#mismatch(index, 'Boolean');
  }

  list(index: number): Json[] {
    const value = this.at(index);
    return Array.isArray(value) ? value : this.#mismatch(index, 'Array');
  }

  object(index: number): JsonObject {
    const value = this.at(index);
    return isJsonObject(value) ? value : this.#mismatch(index, 'Object');
  }

  /** Every argument as a number, or the elements of the only one. */
  numbers(): number[] {
    const values = this.count === 1 && Array.isArray(this.all[0]) ? this.all[0] : this.all;
    return values.map((value) => {
      if (typeof value !== 'number') throw this.fault('all its arguments must be integers');
      return value;
    });
  }

  fault(what: string): TemplateError {
    return new TemplateError(`The template function '${this.#name}' is not valid here: ${what}.`);
  }

  #mismatch(index: number, expected: string): never {
    throw this.fault(
      `its argument ${index + 1} must be of type '${expected}', but is of type '${typeOf(this.at(index))}'`,
    );
  }
}
