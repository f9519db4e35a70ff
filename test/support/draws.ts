/** Random choices of a test that repeat: each from the seed, the number of the request and how many came before. */
import { wholeNumber } from '#shared/random.ts';

export interface Draws {
  /** A whole number from 0 to below `limit`; 0 where that is 0. */
  upTo(limit: number): number;
  /** A member of a list that has one. */
  of<T>(list: readonly T[]): T;
  /** True once in `times`. */
  oneIn(times: number): boolean;
}

export function drawsOf(seed: string, request: number): Draws {
  let drawn = 0;
  const upTo = (limit: number): number =>
    limit === 0 ? 0 : wholeNumber(0, limit - 1, seed, request, drawn++);
  return { upTo, of: (list) => list[upTo(list.length)]!, oneIn: (times) => upTo(times) === 0 };
}
