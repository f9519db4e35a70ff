/**
 * Reads a query: a table, and operators apart by `|`. What Kusto has and Resource Graph, or this service, has not is refused with its
 * word, so that nobody takes half an answer for a whole one.
 */
import { InvalidQueryError, type Part } from './invalid-query.ts';
import { placeOf, readExpression, Tokens } from './parse-expression.ts';
import type { Expression, Named, Operator, Query, SortKey } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Characters of a query, and operators in it `[ours]`; real ones have a few hundred and a dozen. */
const MAX_CHARACTERS = 32_768;
const MAX_OPERATORS = 64;

/** Words that are no tables at the head of a query: our operators, and those of Kusto that may stand there. */
const OPERATORS: readonly string[] = [
  ...['where', 'project', 'project-away', 'extend', 'summarize', 'distinct', 'order', 'sort'],
  ...['limit', 'take', 'top', 'count'],
  ...['let', 'union', 'search', 'find', 'print', 'parse', 'join', 'mv-expand', 'mvexpand'],
];

/** The query in `text`, or a throw of what it does not understand. */
export function parseQuery(text: string): Query {
  if (text.length > MAX_CHARACTERS) {
    const message = `A query may have ${MAX_CHARACTERS} characters; this one has ${text.length}.`;
    throw new InvalidQueryError('QueryTooComplex', message);
  }
  const tokens = new Tokens(tokensOf(text));
  const table = readTable(tokens);
  const operators: Operator[] = [];
  if (table === undefined && tokens.next.text !== '|') operators.push(readOperator(tokens));
  while (tokens.takeIf('|') !== undefined) {
    if (operators.length >= MAX_OPERATORS) {
      const message = `A query may have ${MAX_OPERATORS} operators.`;
      throw new InvalidQueryError('QueryTooComplex', message, tokens.next);
    }
    operators.push(readOperator(tokens));
  }
  tokens.takeIf(';');
  if (tokens.next.kind !== 'end') tokens.refuse("'|' or the end of the query");
  return { table, operators };
}

/** A query may begin with an operator, and is about resources then [doc]. */
function readTable(tokens: Tokens): Part | undefined {
  const { next } = tokens;
  const isTable = next.kind === 'name' && !OPERATORS.includes(next.text);
  return isTable ? placeOf(tokens.take()) : undefined;
}

function readOperator(tokens: Tokens): Operator {
  const word = tokens.expectName('an operator');
  const part = placeOf(word);
  switch (word.text) {
    case 'where':
      return { is: 'where', part, condition: readExpression(tokens) };
    case 'project':
    case 'extend':
      return { is: word.text, part, columns: tokens.list(() => readNamed(tokens)) };
    case 'project-away':
      return { is: 'project-away', part, names: tokens.list(() => readPattern(tokens)) };
    case 'summarize':
      return readSummarize(tokens, part);
    case 'distinct': {
      const isAll = tokens.takeIf('*') !== undefined;
      return { is: 'distinct', part, columns: isAll ? '*' : tokens.list(() => readNamed(tokens)) };
    }
    case 'order':
    case 'sort':
      tokens.expect('by');
      return { is: 'order', part, keys: tokens.list(() => readSortKey(tokens)) };
    case 'limit':
    case 'take':
      return { is: 'take', part, count: tokens.expectCount() };
    case 'top': {
      const count = tokens.expectCount();
      tokens.expect('by');
      return { is: 'top', part, count, keys: tokens.list(() => readSortKey(tokens)) };
    }
    case 'count':
      return { is: 'count', part };
    default:
      throw unknownOperator(word);
  }
}

/** The last code and its place are as recorded [gh azure-powershell#13762]. */
const unknownOperator = (word: Token): InvalidQueryError =>
  new InvalidQueryError(
    'InvalidQueryLanguage',
    `The operator '${word.text}' is not supported here. These are: where, project, project-away, extend, ` +
      'summarize, distinct, order by, sort by, top, limit, take, count.',
    { text: word.text, line: -1, character: -1 },
  );

/** `expression` or `name = expression`. */
function readNamed(tokens: Tokens): Named {
  if (tokens.next.kind === 'name' && tokens.second.text === '=') {
    const { text: name } = tokens.take();
    tokens.take();
    return { name, expression: readExpression(tokens) };
  }
  return { name: undefined, expression: readExpression(tokens) };
}

/** The name of a column, with asterisks: `t*`, `*Id`. Its parts stand without blanks between them. */
function readPattern(tokens: Tokens): Part {
  const first = tokens.next;
  let text = '';
  while (tokens.next.kind === 'name' || tokens.next.text === '*') text += tokens.take().text;
  if (text === '') tokens.refuse('the name of a column');
  return { ...placeOf(first), text };
}

function readSummarize(tokens: Tokens, part: Part): Operator {
  const aggregates = tokens.next.text === 'by' ? [] : tokens.list(() => readNamed(tokens));
  const by = tokens.takeIf('by') === undefined ? [] : tokens.list(() => readNamed(tokens));
  return { is: 'summarize', part, aggregates, by };
}

/** Kusto sorts in descending order where nothing is said, and nulls are the least of all [doc]. */
function readSortKey(tokens: Tokens): SortKey {
  const expression: Expression = readExpression(tokens);
  const isAscending = tokens.takeIf('asc', 'desc')?.text === 'asc';
  if (tokens.takeIf('nulls') === undefined) {
    return { expression, isAscending, areNullsFirst: isAscending };
  }
  const place = tokens.takeIf('first', 'last') ?? tokens.refuse("'first' or 'last'");
  return { expression, isAscending, areNullsFirst: place.text === 'first' };
}
