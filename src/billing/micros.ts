/**
 * Exact decimals: quantities and money are whole millionths (micros) while they are computed, and become JSON numbers
 * of at most six decimals at the end. Decimals are never added as floating-point numbers, where 0.1 + 0.2 is not 0.3.
 * Source: [ours]; six decimals because an hour of a vCPU costs fractions of a cent.
 */
import { assert } from '#shared/assert.ts';

const MICROS = 1_000_000;

/** The decimal of `micros` whole millionths: 1500000 → 1.5. */
export const decimalOf = (micros: number): number => micros / MICROS;

/** `decimal` in whole millionths; the inverse of `decimalOf`. */
export const microsOf = (decimal: number): number => Math.round(decimal * MICROS);

/** The exact sum of decimals that come from `decimalOf`. */
export function exactSum(decimals: Iterable<number>): number {
  let micros = 0;
  for (const decimal of decimals) micros += microsOf(decimal);
  return decimalOf(micros);
}

/** `a × b ÷ divisor`, rounded once, half up; whole numbers ≥ 0 in and out, without overflow in between. */
export function roundedRatio(a: number, b: number, divisor: number): number {
  const whole = [a, b, divisor].every((value) => Number.isSafeInteger(value) && value >= 0);
  assert(whole && divisor > 0, 'the arguments of a ratio are whole numbers');
  const doubled = BigInt(divisor) * 2n;
  return Number((BigInt(a) * BigInt(b) * 2n + BigInt(divisor)) / doubled);
}
