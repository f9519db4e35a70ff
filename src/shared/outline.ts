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
const MAX_MEMBERS = 50;
/** A name that people give; others may be a secret in the wrong place, so only their length is shown. */
const PLAIN_NAME = /^[A-Za-z_$@][\w$.@-]{0,63}$/;

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
  const entries = Object.entries(json);
  const outlined = entries
    .slice(0, MAX_MEMBERS)
    .map(([name, value]) => [outlineOfName(name), outlineOf(value, depth + 1)] as const);
  const more = entries.length - outlined.length;
  return Object.fromEntries(more > 0 ? [...outlined, ['…', `and ${more} more`]] : outlined);
}

const outlineOfName = (name: string): string =>
  PLAIN_NAME.test(name) ? name : `name of ${name.length}`;

/** The outline of a request's URL: its path, and the names in its query with the values of those that say what is asked for. */
export function outlineOfUrl(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return shortened(path, 2048);
  const parts = query.split('&').slice(0, MAX_LIST_LENGTH);
  const outlined = parts.map((part) => {
    const [name = '', value = ''] = part.split('=', 2);
    return /^(api-version|\$top)$/i.test(name)
      ? part
      : `${outlineOfName(name)}=text of ${value.length}`;
  });
  return `${shortened(path, 2048)}?${outlined.join('&')}`;
}

/** `text`, cut where its JSON would be longer than `most` bytes; for names and values that a message repeats. */
export function shortened(text: string, most = 256): string {
  // No character takes more than six bytes, so nearly every text is known to be short enough without measuring it.
  if (text.length * 6 <= most) return text;
  const isShort = text.length <= most && bytesOf(text) <= most;
  if (isShort) return text;
  let kept = text.slice(0, most);
  while (bytesOf(kept) > most) kept = kept.slice(0, Math.floor(kept.length * 0.8));
  return `${kept}…`;
}

const bytesOf = (text: string): number => new TextEncoder().encode(JSON.stringify(text)).length - 2;
