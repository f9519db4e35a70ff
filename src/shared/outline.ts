/**
 * The outline of a body, for a log: its names, numbers and the lengths of its texts, but no text. What is secret cannot be
 * told by name where the name itself is what is wrong with the body. Called by whoever logs what a client sent.
 */
import { isJsonObject, type Json } from './json.ts';

/** Deeper than any real body; what lies below is left out, so that a hostile one cannot overflow the stack. */
const DEEPEST = 64;
const LONGEST_LIST = 20;

/** `{"a": "text of 5", "b": [1, true, null]}` for `{"a": "hello", "b": [1, true, null]}`. */
export function outlineOf(json: Json, depth = 0): Json {
  if (typeof json === 'string') return `text of ${json.length}`;
  if (typeof json !== 'object' || json === null) return json;
  if (depth > DEEPEST) return 'deeper';
  if (Array.isArray(json)) {
    const outlined = json.slice(0, LONGEST_LIST).map((item) => outlineOf(item, depth + 1));
    const more = json.length - outlined.length;
    return more > 0 ? [...outlined, `and ${more} more`] : outlined;
  }
  if (!isJsonObject(json)) return typeof json;
  // fromEntries defines members; assigning would let one called __proto__ replace the prototype.
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, outlineOf(value, depth + 1)]),
  );
}
