/**
 * Repeatable randomness: a value is drawn from a seed and from words that say what it is for, never from a stream. The
 * order of draws doesn't matter and nothing is stored: the same seed and words give the same value in every process. Not
 * for keys, which `vault/` makes with node:crypto.
 */

/** Where the hash of a text stands after its first characters (cyrb128): four 32-bit words. */
interface State {
  h1: number;
  h2: number;
  h3: number;
  h4: number;
}

const newState = (): State => ({ h1: 1779033703, h2: 3144134277, h3: 1013904242, h4: 2773480762 });

function copy(from: State, to: State): State {
  to.h1 = from.h1;
  to.h2 = from.h2;
  to.h3 = from.h3;
  to.h4 = from.h4;
  return to;
}

function take(state: State, code: number): void {
  const h1 = state.h2 ^ Math.imul(state.h1 ^ code, 597399067);
  const h2 = state.h3 ^ Math.imul(state.h2 ^ code, 2869860233);
  const h3 = state.h4 ^ Math.imul(state.h3 ^ code, 951274213);
  state.h4 = h1 ^ Math.imul(state.h4 ^ code, 2716044179);
  state.h1 = h1;
  state.h2 = h2;
  state.h3 = h3;
}

function takeText(state: State, text: string): void {
  let { h1, h2, h3, h4 } = state;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  state.h1 = h1;
  state.h2 = h2;
  state.h3 = h3;
  state.h4 = h4;
}

/** The first of the four words of the hash. */
function firstWord({ h1, h2, h3, h4 }: State): number {
  const a = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  const b = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  const c = Math.imul(a ^ (h3 >>> 17), 951274213);
  const d = Math.imul(b ^ (h4 >>> 19), 2716044179);
  return (a ^ b ^ c ^ d) >>> 0;
}

function fourWords({ h1, h2, h3, h4 }: State): readonly [number, number, number, number] {
  const a = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  const b = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  const c = Math.imul(a ^ (h3 >>> 17), 951274213);
  const d = Math.imul(b ^ (h4 >>> 19), 2716044179);
  const first = a ^ b ^ c ^ d;
  return [first >>> 0, (b ^ first) >>> 0, (c ^ first) >>> 0, (d ^ first) >>> 0];
}

/** Where the hash stands after a seed, for the seeds that were used last: they are long, and used again and again. */
const seeds = new Map<string, State>();
const MAX_SEEDS = 1000;

function afterSeed(seed: string): State {
  const known = seeds.get(seed);
  if (known !== undefined) return known;
  if (seeds.size >= MAX_SEEDS) seeds.clear();
  const state = newState();
  takeText(state, seed);
  seeds.set(seed, state);
  return state;
}

const working = newState();

/** The hash of the words with a NUL between each two. What it gives is good until the next call. */
function hashOf(words: readonly (string | number)[]): State {
  const [seed = '', ...rest] = words;
  const state = copy(afterSeed(String(seed)), working);
  for (const word of rest) {
    take(state, 0);
    takeText(state, String(word));
  }
  return state;
}

/** A number in [0, 1). */
export function fraction(...words: readonly (string | number)[]): number {
  return firstWord(hashOf(words)) / 4294967296;
}

/** A whole number from `low` to `high`, both included. */
export function wholeNumber(
  low: number,
  high: number,
  ...words: readonly (string | number)[]
): number {
  return low + Math.floor(fraction(...words) * (high - low + 1));
}

/*
 * Texts are made of character codes at once. What `+` gives V8 keeps as a tree of parts; such a text is put together when it is first
 * needed, and wherever it stands JSON.stringify does not use its fast path (docs/decisions/0028).
 */

/** `length` characters drawn from `alphabet`. */
export function text(
  alphabet: string,
  length: number,
  ...words: readonly (string | number)[]
): string {
  // As `wholeNumber(0, alphabet.length - 1, ...words, index)` of each index.
  const before = copy(hashOf(words), newState());
  if (words.length > 0) take(before, 0);
  const drawn = new Array<number>(length);
  for (let index = 0; index < length; index++) {
    const state = copy(before, working);
    takeText(state, String(index));
    drawn[index] = alphabet.charCodeAt(
      Math.floor((firstWord(state) / 4294967296) * alphabet.length),
    );
  }
  return String.fromCharCode(...drawn);
}

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HYPHEN = '-'.charCodeAt(0);
const GUID_LENGTH = 36;
/** Where the hyphens of a GUID stand. */
const HYPHENS = [8, 13, 18, 23];
/** The codes of the GUID that is being made. */
const codes = new Array<number>(GUID_LENGTH).fill(HYPHEN);
/** Where its digits go. */
const PLACES = [...codes.keys()].filter((place) => !HYPHENS.includes(place));

/** A GUID in lower case, in the form of version 4. */
export function guid(...words: readonly (string | number)[]): string {
  const [a, b, c, d] = fourWords(hashOf(words));
  const version = (b & 0xffff0fff) | 0x4000;
  const variant = (c & 0x3fffffff) | 0x80000000;
  putDigits(a, 0);
  putDigits(version, 8);
  putDigits(variant, 16);
  putDigits(d, 24);
  return String.fromCharCode(...codes);
}

/** Writes the eight hexadecimal digits of a word into `codes`, as the digits of the GUID from `first` on. */
function putDigits(word: number, first: number): void {
  for (let digit = 0; digit < 8; digit++) {
    codes[PLACES[first + digit] ?? 0] = DIGITS[(word >>> (28 - 4 * digit)) & 15] ?? 0;
  }
}
