/**
 * Reads variables of the environment by kind: texts, numbers, moments, lists. Faults are collected, so that all of them are told at
 * once. Used by `config.ts`, which knows the variables.
 */
import { type Instant, LAST_MOMENT, parseInstant } from '#shared/instant.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #faults: string[];

  constructor(environment: Environment, faults: string[]) {
    this.#environment = environment;
    this.#faults = faults;
  }

  /** Notes what is wrong with a variable. */
  fault(fault: string): void {
    this.#faults.push(fault);
  }

  /** The trimmed value; undefined where it is unset or empty. */
  text(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  optionalNumber(
    name: string,
    range: { least: number; most: number; isWhole?: boolean },
  ): number | undefined {
    return this.text(name) === undefined ? undefined : this.number(name, range.least, range);
  }

  number(
    name: string,
    otherwise: number,
    range: { least: number; most: number; isWhole?: boolean },
  ): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    // `0x50` and `1e3` are numbers to JavaScript only.
    const isGood =
      /^-?\d+(\.\d+)?$/.test(text) &&
      Number.isFinite(value) &&
      value >= range.least &&
      value <= range.most &&
      (range.isWhole !== true || Number.isInteger(value));
    if (isGood) return value;
    const kind = range.isWhole === true ? 'a whole number' : 'a number';
    this.fault(`${name}=${text} must be ${kind} from ${range.least} to ${range.most}`);
    return otherwise;
  }

  oneOf<const V extends string>(name: string, values: readonly V[], otherwise: V): V {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    this.fault(`${name}=${text} must be one of ${values.join(', ')}`);
    return otherwise;
  }

  instant(name: string): Instant | undefined {
    const text = this.text(name);
    if (text === undefined || text === 'now') return undefined;
    const value = parseInstant(text);
    if (value === undefined || value > LAST_MOMENT) {
      this.fault(
        `${name}=${text} must be "now" or a date-time such as 2026-01-01T00:00:00Z, before the year 9990`,
      );
    }
    return value;
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    // The value may hold a password: it is not repeated.
    this.fault(`${name} must be a URL that begins with ${protocols.join(' or ')}//`);
    return undefined;
  }

  /** Entries with commas between them, each of which `isGood`; `what` says what they must be. */
  list(name: string, isGood: (entry: string) => boolean, what: string): readonly string[] {
    const entries = (this.text(name)?.split(',') ?? []).map((entry) => entry.trim());
    if (!entries.every(isGood)) this.fault(`${name} must be ${what}`);
    return entries;
  }
}
