/**
 * Finds where a member stands in the text of a body that has been read: refusals of templates name lines and columns. Takes what
 * `json-body.ts` takes: comments, keys without quotes, single quotes, a comma at the end. Pure.
 */

/** Both count from 1, as ARM's do. */
export interface PlaceInText {
  readonly line: number;
  readonly column: number;
  /** The text of the member `name` of the object that stands there, if it has one. */
  readonly name: string | undefined;
}

/** Blanks and comments; a string; a word or number; a mark. */
const TOKEN =
  /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[^\s{}[\],:"'/]+|[{}[\],:])/y;

/** The place of what `path` leads to; undefined where it leads nowhere. */
export function placeInJson(
  text: string,
  path: readonly (string | number)[],
): PlaceInText | undefined {
  const reader = new Reader(text);
  for (const step of path) if (!reader.enter(step)) return undefined;
  const start = reader.nextStart();
  if (start === undefined) return undefined;
  const before = text.slice(0, start).split('\n');
  const name = reader.enter('name') ? textOf(reader.next() ?? '') : undefined;
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, name };
}

/** A string without its quotes; anything else as it is. Escapes of names are left as they were written. */
const textOf = (token: string): string => (/^["']/.test(token) ? token.slice(1, -1) : token);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Takes the next token. */
  next(): string | undefined {
    TOKEN.lastIndex = this.#at;
    const [, token] = TOKEN.exec(this.#text) ?? [];
    if (token !== undefined) this.#at = TOKEN.lastIndex;
    return token;
  }

  /** Where the next token begins. */
  nextStart(): number | undefined {
    const before = this.#at;
    const token = this.next();
    const start = this.#at - (token?.length ?? 0);
    this.#at = before;
    return token === undefined ? undefined : start;
  }

  /** Goes to the value of a member of the object, or an element of the array, that comes next. The last of equal names counts. */
  enter(step: string | number): boolean {
    const open = this.next();
    if (open !== (typeof step === 'number' ? '[' : '{')) return false;
    let found: number | undefined;
    for (let index = 0; ; index++) {
      const before = this.#at;
      const token = this.next();
      if (token === undefined || token === '}' || token === ']') break;
      if (token === ',') {
        index--;
        continue;
      }
      if (typeof step === 'number') {
        this.#at = before;
        if (index === step) found = before;
      } else {
        if (this.next() !== ':') return false;
        if (textOf(token) === step) found = this.#at;
      }
      this.#skip();
    }
    if (found === undefined) return false;
    this.#at = found;
    return true;
  }

  /** Goes past the value that comes next. */
  #skip(): void {
    let depth = 0;
    do {
      const token = this.next();
      if (token === undefined) return;
      if (token === '{' || token === '[') depth++;
      else if (token === '}' || token === ']') depth--;
    } while (depth > 0);
  }
}
