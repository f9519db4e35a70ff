/** Reads the expressions of a query: by precedence `or`, `and`, comparisons, then what has members. */
import { InvalidQueryError, type Part } from './invalid-query.ts';
import {
  type Comparison,
  COMPARISONS,
  type Expression,
  type Membership,
  MEMBERSHIPS,
} from './syntax.ts';
import type { Token } from './tokens.ts';

/** How deep expressions may be nested, and how many a query may have `[ours]`. */
const MAX_DEPTH = 64;
const MAX_EXPRESSIONS = 2_000;

/** The tokens of a query from the one on that is read next. */
export class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #expressions = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The token behind the next one. */
  get second(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Takes the next token if it is this symbol or word. */
  takeIf(...texts: readonly string[]): Token | undefined {
    const { kind, text } = this.next;
    return kind !== 'string' && texts.includes(text) ? this.take() : undefined;
  }

  /** Takes the next token, which must be this symbol or word. */
  expect(text: string): Token {
    return this.takeIf(text) ?? this.refuse(`'${text}'`);
  }

  expectName(what: string): Token {
    return this.next.kind === 'name' ? this.take() : this.refuse(what);
  }

  expectCount(): number {
    return this.next.kind === 'number' && /^\d+$/.test(this.next.text)
      ? Number(this.take().text)
      : this.refuse('a whole number');
  }

  /** Items apart by commas. */
  list<Item>(read: () => Item): Item[] {
    const items = [read()];
    while (this.takeIf(',') !== undefined) items.push(read());
    return items;
  }

  /** Refuses the next token, in whose place something else was expected. */
  refuse(expected: string): never {
    const { text } = this.next;
    const met = this.next.kind === 'end' ? 'the query ends' : `'${text}' was met`;
    throw new InvalidQueryError(
      'ParserFailure',
      `${met[0]?.toUpperCase() ?? ''}${met.slice(1)} where ${expected} was expected.`,
      this.next,
    );
  }

  /** Reads what may be nested in itself. */
  nested<Read>(read: () => Read): Read {
    this.#depth++;
    this.#expressions++;
    if (this.#depth > MAX_DEPTH || this.#expressions > MAX_EXPRESSIONS) {
      const most = `${MAX_EXPRESSIONS} expressions, nested at most ${MAX_DEPTH} deep`;
      throw new InvalidQueryError('QueryTooComplex', `A query may have ${most}.`, this.next);
    }
    const value = read();
    this.#depth--;
    return value;
  }
}

/** Reads a whole expression. */
export function readExpression(tokens: Tokens): Expression {
  return tokens.nested(() =>
    readTerms(tokens, 'or', () => readTerms(tokens, 'and', () => readComparison(tokens))),
  );
}

function readTerms(tokens: Tokens, word: 'and' | 'or', read: () => Expression): Expression {
  const { next: part } = tokens;
  const terms = [read()];
  while (tokens.takeIf(word) !== undefined) terms.push(read());
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { is: word, terms, ...placeOf(part) };
}

const isComparison = (text: string): text is Comparison =>
  (COMPARISONS as readonly string[]).includes(text);
const isMembership = (text: string): text is Membership =>
  (MEMBERSHIPS as readonly string[]).includes(text);

function readComparison(tokens: Tokens): Expression {
  const left = readMembers(tokens);
  const { next } = tokens;
  if (next.kind === 'string') return left;
  if (isMembership(next.text)) {
    tokens.take();
    tokens.expect('(');
    const among = tokens.list(() => readExpression(tokens));
    tokens.expect(')');
    return { is: 'in', by: next.text, left, among, ...placeOf(next) };
  }
  if (!isComparison(next.text)) return left;
  tokens.take();
  return { is: 'compare', by: next.text, left, right: readMembers(tokens), ...placeOf(next) };
}

function readMembers(tokens: Tokens): Expression {
  let expression = tokens.nested(() => readPrimary(tokens));
  for (;;) {
    const { next } = tokens;
    if (tokens.takeIf('.') !== undefined) {
      const { text: member } = tokens.expectName('the name of a member');
      expression = tokens.nested(() => memberOf(expression, member, next));
    } else if (tokens.takeIf('[') !== undefined) {
      const key = tokens.take();
      if (key.kind !== 'string' && key.kind !== 'number') tokens.refuse('a name or an index');
      tokens.expect(']');
      const member = key.kind === 'number' ? Number(key.text) : key.value;
      expression = tokens.nested(() => memberOf(expression, member, next));
    } else return expression;
  }
}

const memberOf = (of: Expression, member: string | number, part: Part): Expression => ({
  ...{ is: 'member', of, member },
  ...placeOf(part),
});

function readPrimary(tokens: Tokens): Expression {
  const { next } = tokens;
  const place = placeOf(next);
  if (tokens.takeIf('(') !== undefined) {
    const inside = readExpression(tokens);
    tokens.expect(')');
    return inside;
  }
  const isNegative = next.text === '-' && tokens.second.kind === 'number';
  if (isNegative) tokens.take();
  const token = tokens.next;
  switch (token.kind) {
    case 'string':
      tokens.take();
      return { is: 'literal', value: token.value, ...place };
    case 'number':
      tokens.take();
      return { is: 'literal', value: Number(token.text) * (isNegative ? -1 : 1), ...place };
    case 'name':
      return readName(tokens);
    case 'symbol':
    case 'end':
      return tokens.refuse('a column, a value or a function');
  }
}

function readName(tokens: Tokens): Expression {
  const token = tokens.take();
  const place = placeOf(token);
  if (/^(true|false)$/i.test(token.text)) {
    return { is: 'literal', value: token.text.toLowerCase() === 'true', ...place };
  }
  if (tokens.takeIf('(') === undefined) return { is: 'column', name: token.text, ...place };
  const given = tokens.next.text === ')' ? [] : tokens.list(() => readExpression(tokens));
  tokens.expect(')');
  return { is: 'call', name: token.text, given, ...place };
}

export const placeOf = ({ text, line, character }: Part): Part => ({ text, line, character });
