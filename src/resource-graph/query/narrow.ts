/**
 * What the first conditions of a query say about every row of its answer, for the database to look for: a superset of what they select,
 * since the conditions themselves are evaluated on each row that it gives.
 */
import type { Expression, Operator } from './syntax.ts';

/** Texts in lower case. */
export interface Narrowing {
  readonly members: Readonly<Partial<Record<NarrowedColumn, string>>>;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  readonly subscriptionId?: string;
}

type NarrowedColumn = 'type' | 'resourceGroup' | 'name' | 'location';
const COLUMNS: readonly string[] = ['type', 'resourceGroup', 'name', 'location'];

/** The equalities that hold for all rows: those joined by `and` in the conditions that come before any other operator. */
export function narrowingOf(operators: readonly Operator[]): Narrowing {
  const found: {
    members: Partial<Record<NarrowedColumn, string>>;
    tags: { name: string; value: string }[];
    subscriptionId?: string;
  } = { members: {}, tags: [] };
  for (const operator of operators) {
    if (operator.is !== 'where') break;
    for (const { left, value } of termsOf(operator.condition).flatMap(equalityIn)) {
      const text = value.toLowerCase();
      if (left.is === 'member') {
        if (isTags(left.of) && text !== '') {
          found.tags.push({ name: String(left.member).toLowerCase(), value: text });
        }
      } else if (left.is === 'column' && text !== '') {
        if (COLUMNS.includes(left.name)) found.members[left.name as NarrowedColumn] = text;
        if (left.name === 'subscriptionId') found.subscriptionId = text;
      }
    }
  }
  return found;
}

const termsOf = (condition: Expression): readonly Expression[] =>
  condition.is === 'and' ? condition.terms.flatMap(termsOf) : [condition];

const isTags = (expression: Expression): boolean =>
  expression.is === 'column' && expression.name === 'tags';

/** `column == 'text'`, also without case or inside `tolower()` and its kind. */
function equalityIn(term: Expression): readonly { left: Expression; value: string }[] {
  if (term.is !== 'compare' || (term.by !== '==' && term.by !== '=~')) return [];
  const { right } = term;
  if (right.is !== 'literal' || typeof right.value !== 'string') return [];
  return [{ left: withoutCase(term.left), value: right.value }];
}

function withoutCase(expression: Expression): Expression {
  const [inner] = expression.is === 'call' ? expression.given : [];
  return expression.is === 'call' && /^to(lower|upper|string)$/.test(expression.name) && inner
    ? inner
    : expression;
}
