/**
 * Repeatable randomness: a value is drawn from a seed and from words that say what it is for, never from a stream. The
 * order of draws doesn't matter and nothing is stored: the same seed and words give the same value in every process. Not
 * for keys, which `vault/` makes with node:crypto.
 */

/** A 128-bit hash of a text (cyrb128) as four unsigned 32-bit words. */
function hashOf(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0];
}

const keyOf = (words: readonly (string | number)[]): string => words.join('\u0000');

/** A number in [0, 1). */
export function fraction(...words: readonly (string | number)[]): number {
  return hashOf(keyOf(words))[0] / 4294967296;
}

/** A whole number from `low` to `high`, both included. */
export function wholeNumber(
  low: number,
  high: number,
  ...words: readonly (string | number)[]
): number {
  return low + Math.floor(fraction(...words) * (high - low + 1));
}

/** `length` characters drawn from `alphabet`. */
export function text(
  alphabet: string,
  length: number,
  ...words: readonly (string | number)[]
): string {
  let drawn = '';
  for (let index = 0; index < length; index++) {
    drawn += alphabet.charAt(wholeNumber(0, alphabet.length - 1, ...words, index));
  }
  return drawn;
}

/** A GUID in lower case, in the form of version 4. */
export function guid(...words: readonly (string | number)[]): string {
  const hex = hashOf(keyOf(words))
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
