/** Finds fields that stand twice in an object of a JSON text, which `JSON.parse` does not tell. */

interface Frame {
  /** Of an object; undefined: a list. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
  key: string;
}

/** Deeper values than any field has are refused, before something runs out of stack over them. Go's own limit is 10,000. */
const MAX_NESTING = 1000;

/** A text whose values are nested too deeply, as Go's decoder says it. */
class NestingError extends Error {
  constructor() {
    super('exceeded max depth');
  }
}

const BRACE = '{'.charCodeAt(0);
const BRACKET = '['.charCodeAt(0);

const STRING = /"(?:[^"\\]|\\.)*"/y;

/**
 * Paths of the fields that stand twice in `text`, of which `JSON.parse` has made `value`; throws `NestingError`. Most clients send texts
 * without spaces, which can be written anew: one that is the same then has no field twice.
 */
export const duplicatesIn = (text: string, value: unknown): readonly string[] =>
  isShallow(text) && JSON.stringify(value) === text.trimEnd() ? [] : duplicateFields(text);

/** Whether so few objects and lists begin in the text that they cannot be nested too deeply. */
function isShallow(text: string): boolean {
  let left = MAX_NESTING;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code === BRACE || code === BRACKET) && --left < 0) return false;
  }
  return true;
}

/** As `duplicatesIn`, for any JSON. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const stack: Frame[] = [];
  let isKeyNext = false;
  for (let at = 0; at < text.length; at++) {
    const top = stack.at(-1);
    switch (text[at]) {
      case '{':
      case '[': {
        const isObject = text[at] === '{';
        if (stack.length >= MAX_NESTING) throw new NestingError();
        stack.push({
          keys: isObject ? new Set() : undefined,
          path: pathOf(top),
          index: 0,
          key: '',
        });
        isKeyNext = isObject;
        break;
      }
      case '}':
      case ']':
        stack.pop();
        isKeyNext = false;
        break;
      case ',':
        if (top !== undefined) top.index++;
        isKeyNext = top?.keys !== undefined;
        break;
      case '"': {
        STRING.lastIndex = at;
        const [raw = '""'] = STRING.exec(text) ?? [];
        at += raw.length - 1;
        if (!isKeyNext || top?.keys === undefined) break;
        isKeyNext = false;
        top.key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
        if (top.keys.has(top.key)) found.push(pathOf(top));
        top.keys.add(top.key);
        break;
      }
      default:
    }
  }
  return found;
}

/** Where the next value inside a frame stands. */
function pathOf(frame: Frame | undefined): string {
  if (frame === undefined) return '';
  if (frame.keys === undefined) return `${frame.path}[${frame.index}]`;
  return frame.path === '' ? frame.key : `${frame.path}.${frame.key}`;
}
