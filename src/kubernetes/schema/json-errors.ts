/**
 * What Go's decoder says of a text that is no JSON: the first character that cannot stand where it does, and where that is.
 * Source: Go encoding/json scanner.go (the texts that API servers pass on).
 */

const SPACE = /[ \t\r\n]/;

/** A character as Go quotes it. */
function quoted(sign: string): string {
  if (sign === "'") return `'\\''`;
  if (sign === '"') return `'"'`;
  const inside = JSON.stringify(sign).slice(1, -1);
  return `'${inside.replace(/\\u00([0-9a-f]{2})/, '\\x$1')}'`;
}

class SyntaxFault extends Error {}

/** Walks a text until something cannot be. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
  }

  #value(): void {
    // Open objects and lists, so that depth costs no stack.
    const open: ('{' | '[')[] = [];
    for (;;) {
      this.#space();
      const sign = this.#text[this.#at];
      if (sign === '{') {
        this.#at++;
        this.#space();
        if (this.#text[this.#at] === '}') this.#at++;
        else {
          open.push('{');
          this.#key('looking for beginning of object key string');
          continue;
        }
      } else if (sign === '[') {
        this.#at++;
        this.#space();
        if (this.#text[this.#at] === ']') this.#at++;
        else {
          open.push('[');
          continue;
        }
      } else this.#scalar();
      if (this.#ended(open)) return;
    }
  }

  /** After a value: ends what it closes; false: another value follows. */
  #ended(open: ('{' | '[')[]): boolean {
    for (;;) {
      const top = open.at(-1);
      if (top === undefined) return true;
      this.#space();
      const sign = this.#text[this.#at];
      if (sign === ',') {
        this.#at++;
        if (top === '{') {
          this.#space();
          this.#key('looking for beginning of object key string');
        }
        return false;
      }
      if (sign !== (top === '{' ? '}' : ']')) {
        this.#fail(top === '{' ? 'after object key:value pair' : 'after array element');
      }
      this.#at++;
      open.pop();
    }
  }

  #key(where: string): void {
    if (this.#text[this.#at] !== '"') this.#fail(where);
    this.#string();
    this.#space();
    if (this.#text[this.#at] !== ':') this.#fail('after object key');
    this.#at++;
  }

  #scalar(): void {
    const sign = this.#text[this.#at] ?? '';
    if (sign === '"') this.#string();
    else if (sign === 't') this.#word('true');
    else if (sign === 'f') this.#word('false');
    else if (sign === 'n') this.#word('null');
    else if (/[-0-9]/.test(sign)) this.#number();
    else this.#fail('looking for beginning of value');
  }

  #word(word: string): void {
    for (const sign of word) {
      if (this.#text[this.#at] !== sign) {
        this.#fail(`in literal ${word} (expecting '${sign}')`);
      }
      this.#at++;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const sign = this.#text[this.#at];
      if (sign === undefined || sign < ' ') this.#fail('in string literal');
      this.#at++;
      if (sign === '"') return;
      if (sign === '\\') this.#escape();
    }
  }

  #escape(): void {
    const sign = this.#text[this.#at] ?? '';
    if (!/^["\\/bfnrtu]$/.test(sign)) this.#fail('in string escape code');
    this.#at++;
    if (sign !== 'u') return;
    for (let count = 0; count < 4; count++, this.#at++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) {
        this.#fail('in \\u hexadecimal character escape');
      }
    }
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/^[-+]$/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(where: string): void {
    const from = this.#at;
    while (/^\d$/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === from) this.#fail(where);
  }

  #space(): void {
    while (SPACE.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #fail(where: string): never {
    const code = this.#text.codePointAt(this.#at);
    throw new SyntaxFault(
      code === undefined
        ? 'unexpected end of JSON input'
        : `invalid character ${quoted(String.fromCodePoint(code))} ${where}`,
    );
  }
}

/** What Go's decoder says of the text; undefined where it is JSON. */
export function jsonFault(text: string): string | undefined {
  try {
    new Scanner(text).run();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxFault) return error.message;
    throw error;
  }
}
