/**
 * The language of template expressions: the text between the brackets of `"[concat(parameters('a'), 'b')]"`, as a tree.
 * Literals, calls, members (`.name`) and elements (`[0]`); no operators (aka.ms/arm-template-expressions).
 */
import { TemplateError } from './template-error.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'element'; readonly of: Expression; readonly index: Expression };

/** ARM's own limit of an expression's length, in characters [doc]. */
const MAX_EXPRESSION_LENGTH = 24_576;
/** Of nested calls `[ours]`. */
const MAX_DEPTH = 100;

/** Whether a string of a template is an expression: in brackets, and not starting with `[[`, an escaped bracket. */
export const isExpression = (text: string): boolean =>
  text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');

const parsed = new Map<string, Expression>();
const MAX_CACHED = 2000;

/** The tree of an expression, brackets included in `text`; throws a TemplateError that quotes it. */
export function parseExpression(text: string): Expression {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new TemplateError(`An expression is longer than ${MAX_EXPRESSION_LENGTH} characters.`);
  }
  const expression = new Parser(text).whole();
  if (parsed.size >= MAX_CACHED) parsed.clear();
  parsed.set(text, expression);
  return expression;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_$][\w$]*)|([()[\],.]))\s*/y;

class Parser {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    const inside = text.slice(1, -1);
    let index = 0;
    while (index < inside.length) {
      TOKEN.lastIndex = index;
      const match = TOKEN.exec(inside);
      if (match === null) throw this.#fault(`unexpected character at position ${index + 1}`);
      this.#tokens.push(match[0].trim());
      index = TOKEN.lastIndex;
    }
  }

  whole(): Expression {
    const expression = this.#value();
    const rest = this.#peek();
    if (rest !== '') throw this.#fault(`unexpected '${rest}' after the end of the expression`);
    return expression;
  }

  #value(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#fault(`nested deeper than ${MAX_DEPTH} levels`);
    const token = this.#next();
    let value: Expression;
    if (token.startsWith("'")) {
      value = { kind: 'literal', value: token.slice(1, -1).replaceAll("''", "'") };
    } else if (/^-?\d/.test(token)) {
      value = { kind: 'literal', value: Number(token) };
    } else if (/^[A-Za-z_$]/.test(token)) {
      value = this.#call(token);
    } else {
      throw this.#fault(token === '' ? 'unexpected end' : `unexpected '${token}'`);
    }
    value = this.#members(value);
    this.#depth--;
    return value;
  }

  /** `name(…)` or `namespace.name(…)`. */
  #call(first: string): Expression {
    let name = first;
    if (this.#peek() === '.') {
      this.#next();
      name += `.${this.#next()}`;
    }
    this.#take('(');
    const args: Expression[] = [];
    if (this.#peek() !== ')') {
      args.push(this.#value());
      while (this.#peek() === ',') {
        this.#next();
        args.push(this.#value());
      }
    }
    this.#take(')');
    return { kind: 'call', name, args };
  }

  #members(first: Expression): Expression {
    let value = first;
    for (;;) {
      if (this.#peek() === '.') {
        this.#next();
        const name = this.#next();
        if (!/^[A-Za-z_$]/.test(name)) throw this.#fault(`'${name}' is not the name of a member`);
        value = { kind: 'element', of: value, index: { kind: 'literal', value: name } };
      } else if (this.#peek() === '[') {
        this.#next();
        value = { kind: 'element', of: value, index: this.#value() };
        this.#take(']');
      } else {
        return value;
      }
    }
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #take(token: string): void {
    const found = this.#next();
    if (found !== token) {
      throw this.#fault(`expected '${token}' but found '${found === '' ? 'the end' : found}'`);
    }
  }

  #fault(what: string): TemplateError {
    return new TemplateError(`Unable to parse language expression '${this.#text}': ${what}.`);
  }
}
