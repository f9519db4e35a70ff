/**
 * The outline of a body for the log: its structure and numbers, and the lengths of its strings without their text. A log
 * shows outlines because a secret can't be recognised by its name when the name is what is wrong with the body.
 */
import { isJsonObject, type Json } from './json.ts';

/**
 * The depth that is outlined, more than any real body has. Deeper parts are left out, so that a malicious body can't
 * overflow the stack.
 */
const MAX_DEPTH = 64;
const MAX_LIST_LENGTH = 20;

/** The outline of `json`: `{"a": "text of 5", "b": [1, true, null]}` for `{"a": "hello", "b": [1, true, null]}`. */
export function outlineOf(json: Json, depth = 0): Json {
  if (typeof json === 'string') return `text of ${json.length}`;
  if (typeof json !== 'object' || json === null) return json;
  if (depth > MAX_DEPTH) return 'deeper';
  if (Array.isArray(json)) {
    const outlined = json.slice(0, MAX_LIST_LENGTH).map((item) => outlineOf(item, depth + 1));
    const more = json.length - outlined.length;
    return more > 0 ? [...outlined, `and ${more} more`] : outlined;
  }
  if (!isJsonObject(json)) return typeof json;
  // Object.fromEntries defines members; an assignment to a member called __proto__ would replace the prototype.
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, outlineOf(value, depth + 1)]),
  );
}
