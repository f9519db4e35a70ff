/** Numeric, comparison and logical functions [doc: template functions, numeric, comparison, logical]. */
import type { Json } from '#shared/json.ts';
import type { PureFunction } from './texts.ts';
import { type Args, isEqual } from './values.ts';

function integer(args: Args): number {
  const value = args.at(0);
  const number =
    typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') throw args.fault('its argument is not an integer');
  return Math.trunc(number);
}

function boolean(args: Args): boolean {
  const value = args.at(0);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string' && /^(true|1)$/i.test(value)) return true;
  if (typeof value === 'string' && /^(false|0)$/i.test(value)) return false;
  throw args.fault('its argument is neither true nor false');
}

function divided(args: Args): number {
  if (args.number(1) === 0) throw args.fault('division by zero');
  return Math.trunc(args.number(0) / args.number(1));
}

/** Compares two integers, or two strings by their characters: negative, zero or positive. */
function order(args: Args): number {
  const [one, other] = [args.at(0), args.at(1)];
  if (typeof one === 'string' && typeof other === 'string') {
    return one < other ? -1 : one > other ? 1 : 0;
  }
  return args.number(0) - args.number(1);
}

function range(args: Args): Json {
  const count = args.number(1);
  if (count < 0 || count > 10_000) throw args.fault('its count must be from 0 to 10000');
  return Array.from({ length: count }, (_, index) => args.number(0) + index);
}

const all = (args: Args): boolean[] => args.all.map((_, index) => args.boolean(index));

export const NUMBER_FUNCTIONS: Readonly<Record<string, PureFunction>> = {
  add: (args) => args.number(0) + args.number(1),
  sub: (args) => args.number(0) - args.number(1),
  mul: (args) => args.number(0) * args.number(1),
  div: divided,
  mod: (args) => args.number(0) - args.number(1) * divided(args),
  int: integer,
  float: (args) => Number(args.at(0)),
  min: (args) => Math.min(...args.numbers()),
  max: (args) => Math.max(...args.numbers()),
  range,
  bool: boolean,
  true: () => true,
  false: () => false,
  null: () => null,
  not: (args) => !args.boolean(0),
  xor: (args) => args.boolean(0) !== args.boolean(1),
  and: (args) => all(args).every(Boolean),
  or: (args) => all(args).some(Boolean),
  equals: (args) => isEqual(args.at(0), args.at(1)),
  less: (args) => order(args) < 0,
  lessorequals: (args) => order(args) <= 0,
  greater: (args) => order(args) > 0,
  greaterorequals: (args) => order(args) >= 0,
  coalesce: (args) => args.all.find((value) => value !== null) ?? null,
};
