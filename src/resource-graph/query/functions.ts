/** The functions of the language that queries on resources use; every other one is refused with its name. */
import type { Json } from '#shared/json.ts';
import { isEmpty, isTrue, memberIn, textOf, type ValueType } from './values.ts';

export interface ScalarFunction {
  readonly least: number;
  readonly most: number;
  readonly type: ValueType;
  /** The column that is made has the name of the argument's, as in Kusto. */
  readonly keepsName?: boolean;
  readonly evaluate: (given: readonly Json[]) => Json;
}

const of = (
  type: ValueType,
  evaluate: (first: Json, second: Json, third: Json) => Json,
  {
    least = 1,
    most = least,
    keepsName = false,
  }: { readonly least?: number; readonly most?: number; readonly keepsName?: boolean } = {},
): ScalarFunction => ({
  ...{ least, most, type, keepsName },
  evaluate: ([first = null, second = null, third = null]) => evaluate(first, second, third),
});

const KEEPS_NAME = { keepsName: true };

function numberOf(value: Json, read: (text: string) => number): Json {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = textOf(value).trim();
  const number = text === '' ? Number.NaN : read(text);
  return Number.isFinite(number) ? number : null;
}

const wholeOf = (value: Json): Json => numberOf(value, (text) => Math.trunc(Number(text)));

/** By name. Those of conditions and texts only: dates, regular expressions and JSON are not simulated. */
export const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  tolower: of('string', (value) => textOf(value).toLowerCase()),
  toupper: of('string', (value) => textOf(value).toUpperCase()),
  tostring: of('string', (value) => textOf(value), KEEPS_NAME),
  toint: of('long', wholeOf, KEEPS_NAME),
  tolong: of('long', wholeOf, KEEPS_NAME),
  toreal: of('real', (value) => numberOf(value, Number), KEEPS_NAME),
  todouble: of('real', (value) => numberOf(value, Number), KEEPS_NAME),
  tobool: of('bool', boolOf, KEEPS_NAME),
  isempty: of('bool', isEmpty),
  isnotempty: of('bool', (value) => !isEmpty(value)),
  isnull: of('bool', (value) => value === null),
  isnotnull: of('bool', (value) => value !== null),
  not: of('bool', (value) => !isTrue(value)),
  strlen: of('long', (value) => textOf(value).length),
  strcat: {
    ...{ least: 1, most: 64, type: 'string' },
    evaluate: (given) => given.map(textOf).join(''),
  },
  substring: of(
    'string',
    (value, start, length) => {
      const from = Math.max(0, Number(start));
      return textOf(value).slice(from, length === null ? undefined : from + Number(length));
    },
    { least: 2, most: 3 },
  ),
  split: of(
    'dynamic',
    (value, by, index) => {
      const parts = textOf(value).split(textOf(by));
      return index === null ? parts : [memberIn(parts, Number(index))];
    },
    { least: 2, most: 3 },
  ),
  array_length: of('long', (value) => (Array.isArray(value) ? value.length : null)),
  iff: of('dynamic', (condition, yes, no) => (isTrue(condition) ? yes : no), { least: 3 }),
  iif: of('dynamic', (condition, yes, no) => (isTrue(condition) ? yes : no), { least: 3 }),
  coalesce: {
    ...{ least: 2, most: 64, type: 'dynamic' },
    evaluate: (given) => given.find((value) => !isEmpty(value)) ?? null,
  },
};

function boolOf(value: Json): Json {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const text = textOf(value).toLowerCase();
  return text === 'true' || text === 'false' ? text === 'true' : null;
}

/** Functions whose type is that of their arguments, from this one on. */
export const TYPED_BY_ARGUMENT: Readonly<Record<string, number>> = { iff: 1, iif: 1, coalesce: 0 };

/** Collects the values of a group. */
export interface Collector {
  readonly add: (values: readonly Json[]) => void;
  readonly result: () => Json;
}

export interface Aggregate {
  readonly least: number;
  readonly most: number;
  /** Undefined: that of the argument. */
  readonly type?: ValueType;
  readonly collect: () => Collector;
}

const numbers = (collect: (values: { sum: number; count: number }) => Json): (() => Collector) => {
  return () => {
    const seen = { sum: 0, count: 0 };
    return {
      add: ([value]) => {
        if (typeof value !== 'number') return;
        seen.sum += value;
        seen.count++;
      },
      result: () => collect(seen),
    };
  };
};

const extreme = (isBetter: (one: Json, other: Json) => boolean) => (): Collector => {
  let best: Json = null;
  return {
    add: ([value = null]) => {
      if (!isEmpty(value) && (best === null || isBetter(value, best))) best = value;
    },
    result: () => best,
  };
};

function counted(isCounted: (value: Json) => boolean): () => Collector {
  return () => {
    let count = 0;
    return {
      add: ([value = null]) => {
        if (isCounted(value)) count++;
      },
      result: () => count,
    };
  };
}

function distinctCount(): Collector {
  const seen = new Set<string>();
  return {
    add: ([value = null]) => {
      if (!isEmpty(value)) seen.add(JSON.stringify(value));
    },
    result: () => seen.size,
  };
}

const isLess = (one: Json, other: Json): boolean =>
  typeof one === 'number' && typeof other === 'number' ? one < other : textOf(one) < textOf(other);

/** The aggregates of `summarize`, by name. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: { least: 0, most: 0, type: 'long', collect: counted(() => true) },
  countif: { least: 1, most: 1, type: 'long', collect: counted(isTrue) },
  dcount: { least: 1, most: 1, type: 'long', collect: distinctCount },
  sum: { least: 1, most: 1, type: 'real', collect: numbers(({ sum }) => sum) },
  avg: {
    ...{ least: 1, most: 1, type: 'real' },
    collect: numbers(({ sum, count }) => (count === 0 ? null : sum / count)),
  },
  min: { least: 1, most: 1, collect: extreme(isLess) },
  max: { least: 1, most: 1, collect: extreme((one, other) => isLess(other, one)) },
};
