/** Binds the expressions of a query to the columns that it has at that place: what is not there is refused before a row is read. */
import type { Json } from '#shared/json.ts';
import { FUNCTIONS, type ScalarFunction, TYPED_BY_ARGUMENT } from './functions.ts';
import { InvalidQueryError } from './invalid-query.ts';
import type { Expression } from './syntax.ts';
import { comparisonOf, isTrue, memberIn, membershipOf, type ValueType } from './values.ts';

export interface Column {
  readonly name: string;
  readonly type: ValueType;
}

/** The values of a row, in the order of its columns. */
export type Cells = readonly Json[];

/** An expression that can be evaluated. */
export interface Bound {
  readonly type: ValueType;
  readonly evaluate: (cells: Cells) => Json;
  /** The place of the column that it is and nothing more. */
  readonly column?: number;
}

/** What a query's expressions make use of: told while they are bound, and while they are evaluated. */
export interface Uses {
  /** Names of the columns whose values are looked into. */
  readonly columns: Set<string>;
  /** Characters and elements of the texts and arrays that its functions have made so far. */
  characters: number;
}

/** Of one text or array that a function makes, and of all that a query makes `[ours]`: texts that grow from row to row must not fill the memory. */
const [MAX_TEXT, MAX_TEXTS] = [131_072, 128 * 1024 * 1024];

/** Binds `expression` to `columns`. */
export function bind(expression: Expression, columns: readonly Column[], uses: Uses): Bound {
  const inner = (one: Expression): Bound => bindUsed(one, columns, uses);
  switch (expression.is) {
    case 'literal': {
      const { value } = expression;
      return { type: typeOfLiteral(value), evaluate: () => value };
    }
    case 'column': {
      const column = columns.findIndex(({ name }) => name === expression.name);
      const found = columns[column];
      if (found === undefined) throw unknownColumn(expression, columns);
      return { type: found.type, evaluate: (cells) => cells[column] ?? null, column };
    }
    case 'member': {
      const of = inner(expression.of);
      if (of.type !== 'dynamic') {
        const message = `Only a dynamic value has members, and this one is a ${of.type}.`;
        throw new InvalidQueryError('SemanticFailure', message, expression);
      }
      return {
        type: 'dynamic',
        evaluate: (cells) => memberIn(of.evaluate(cells), expression.member),
      };
    }
    case 'and':
    case 'or': {
      const terms = expression.terms.map(inner);
      const holds = ({ evaluate }: Bound, cells: Cells): boolean => isTrue(evaluate(cells));
      return expression.is === 'and'
        ? { type: 'bool', evaluate: (cells) => terms.every((term) => holds(term, cells)) }
        : { type: 'bool', evaluate: (cells) => terms.some((term) => holds(term, cells)) };
    }
    case 'compare': {
      const [left, right] = [inner(expression.left), inner(expression.right)];
      const test = comparisonOf(expression.by);
      return {
        type: 'bool',
        evaluate: (cells) => test(left.evaluate(cells), right.evaluate(cells)),
      };
    }
    case 'in': {
      const left = inner(expression.left);
      const among = expression.among.map(inner);
      const test = membershipOf(expression.by);
      return {
        type: 'bool',
        evaluate: (cells) =>
          test(
            left.evaluate(cells),
            among.map(({ evaluate }) => evaluate(cells)),
          ),
      };
    }
    case 'call':
      return bindCall(expression, inner, uses);
  }
}

/** As `bind`, of an expression whose value is looked into. */
export function bindUsed(expression: Expression, columns: readonly Column[], uses: Uses): Bound {
  if (expression.is === 'column') uses.columns.add(expression.name);
  return bind(expression, columns, uses);
}

function bindCall(
  call: Extract<Expression, { is: 'call' }>,
  inner: (one: Expression) => Bound,
  uses: Uses,
): Bound {
  const known = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (known === undefined) {
    const message = `The function '${call.name}' is not supported here. These are: ${Object.keys(FUNCTIONS).join(', ')}.`;
    throw new InvalidQueryError('InvalidQueryLanguage', message, call);
  }
  checkCount(call, known);
  const given = call.given.map(inner);
  const from = TYPED_BY_ARGUMENT[call.name];
  const type = from === undefined ? known.type : commonType(given.slice(from));
  const evaluate = (cells: Cells): Json => {
    const value = known.evaluate(given.map((one) => one.evaluate(cells)));
    if (typeof value === 'string' || Array.isArray(value)) spend(value.length, { call, uses });
    return value;
  };
  return { type, evaluate };
}

function spend(
  length: number,
  { call, uses }: { readonly call: Expression; readonly uses: Uses },
): void {
  uses.characters += length;
  if (length <= MAX_TEXT && uses.characters <= MAX_TEXTS) return;
  const message =
    length > MAX_TEXT
      ? `'${call.text}' makes more than ${MAX_TEXT} characters or elements at once.`
      : `The functions of the query make more than ${MAX_TEXTS} characters: narrow it with 'where'.`;
  throw new InvalidQueryError('QueryTooComplex', message, call);
}

/** Refuses a call with too few or too many arguments. */
export function checkCount(
  call: Extract<Expression, { is: 'call' }>,
  { least, most }: Pick<ScalarFunction, 'least' | 'most'>,
): void {
  const { length } = call.given;
  if (length >= least && length <= most) return;
  const wanted = least === most ? String(least) : `${least} to ${most}`;
  const message = `'${call.name}' takes ${wanted} arguments, and has ${length} here.`;
  throw new InvalidQueryError('SemanticFailure', message, call);
}

function commonType(given: readonly Bound[]): ValueType {
  const types = new Set(given.map(({ type }) => type));
  const [only] = types;
  return types.size === 1 && only !== undefined ? only : 'dynamic';
}

function typeOfLiteral(value: string | number | boolean): ValueType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'long' : 'real';
}

function unknownColumn(
  expression: Extract<Expression, { is: 'column' }>,
  columns: readonly Column[],
): InvalidQueryError {
  const alike = columns.find(({ name }) => name.toLowerCase() === expression.name.toLowerCase());
  const hint =
    alike === undefined
      ? `The columns are: ${columns.map(({ name }) => name).join(', ')}.`
      : `Names compare with case: there is '${alike.name}'.`;
  const message = `There is no column '${expression.name}' here. ${hint}`;
  return new InvalidQueryError('SemanticFailure', message, expression);
}

/** The name of a column that is made without one: of the column or the members that it is, as Kusto makes it. */
export function nameFrom(expression: Expression): string | undefined {
  switch (expression.is) {
    case 'column':
      return expression.name;
    case 'member': {
      const above = nameFrom(expression.of);
      return above === undefined ? undefined : `${above}_${expression.member}`;
    }
    case 'call': {
      const [first] = expression.given;
      const isKept = FUNCTIONS[expression.name]?.keepsName === true;
      return isKept && first !== undefined ? nameFrom(first) : undefined;
    }
    default:
      return undefined;
  }
}
