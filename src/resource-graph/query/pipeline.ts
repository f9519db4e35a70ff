/**
 * Carries out the operators of a query, row by row: each operator is a stage that takes rows and gives rows to the next one. Rows come
 * in a total order, by what the query sorts by and then by their identity, so that a page can go on after the last row of the one before.
 */
import { bind, bindUsed, type Cells, type Column, type Uses } from './bind.ts';
import { InvalidQueryError, type Part } from './invalid-query.ts';
import { sorted } from './sorting.ts';
import { columnsOf, type Made, type Stage, UNSORTED } from './stages.ts';
import { summarized } from './summarize.ts';
import type { Expression, Named, Operator } from './syntax.ts';
import { fitsPattern, isTrue } from './values.ts';

/** Makes the stages of `operators` on rows of `columns`. */
export function pipelineOf(
  operators: readonly Operator[],
  columns: readonly Column[],
  uses: Uses,
): Made {
  let made: Made = { columns, order: UNSORTED, isLimited: false, into: (next) => next };
  for (const operator of operators) {
    const before = made;
    const added = stageOf(operator, before, uses);
    made = { ...before, ...added, into: (next) => before.into(added.into(next)) };
  }
  return made;
}

type Added = Partial<Made> & Pick<Made, 'into'>;

function stageOf(operator: Operator, made: Made, uses: Uses): Added {
  const { columns } = made;
  switch (operator.is) {
    case 'where': {
      const condition = bindUsed(operator.condition, columns, uses);
      return { into: filtered((cells) => isTrue(condition.evaluate(cells))) };
    }
    case 'project':
      return projected(operator.columns, columns, uses);
    case 'extend':
      return extended(operator.columns, columns, uses);
    case 'project-away':
      return without(operator.names, columns);
    case 'take':
      return { isLimited: true, into: limited(operator.count) };
    case 'order':
      return sorted(operator, { columns, uses });
    case 'top': {
      const sort = sorted(operator, { columns, uses, most: operator.count });
      return { ...sort, into: (next) => sort.into(limited(operator.count)(next)) };
    }
    case 'count': {
      const count: Named = { name: 'Count', expression: callOfCount(operator.part) };
      return summarized({ ...operator, aggregates: [count], by: [] }, columns, uses);
    }
    case 'summarize':
      return summarized(operator, columns, uses);
    case 'distinct': {
      const by =
        operator.columns === '*' ? columns.map((column) => wholeColumn(column)) : operator.columns;
      return summarized({ ...operator, aggregates: [], by }, columns, uses);
    }
  }
}

const callOfCount = (part: Part): Expression => ({ ...part, is: 'call', name: 'count', given: [] });
const wholeColumn = ({ name }: Column): Named => ({
  name: undefined,
  expression: { is: 'column', name, text: name, line: 1, character: 0 },
});

const filtered =
  (fits: (cells: Cells) => boolean) =>
  (next: Stage): Stage => ({ ...next, push: (row) => (fits(row.cells) ? next.push(row) : true) });

function limited(most: number): (next: Stage) => Stage {
  return (next) => {
    let left = most;
    return {
      end: next.end,
      push: (row) => {
        if (left <= 0) return false;
        left--;
        return next.push(row) && left > 0;
      },
    };
  };
}

const mapped =
  (map: (cells: Cells) => Cells) =>
  (next: Stage): Stage => ({
    ...next,
    push: (row) => next.push({ ...row, cells: map(row.cells) }),
  });

function projected(named: readonly Named[], columns: readonly Column[], uses: Uses): Added {
  const bound = named.map(({ expression }) => bind(expression, columns, uses));
  const made = columnsOf(named, bound);
  const [twice] = made.filter(({ name }, at) => made.findIndex((one) => one.name === name) < at);
  if (twice !== undefined) {
    const at = made.lastIndexOf(twice);
    const message = `There would be two columns '${twice.name}'.`;
    throw new InvalidQueryError('SemanticFailure', message, named[at]?.expression);
  }
  return { columns: made, into: mapped((cells) => bound.map(({ evaluate }) => evaluate(cells))) };
}

/** A column that is there already is replaced in its place. Those of one `extend` do not see each other. */
function extended(named: readonly Named[], columns: readonly Column[], uses: Uses): Added {
  const bound = named.map(({ expression }) => bind(expression, columns, uses));
  const made = [...columns];
  const places = columnsOf(named, bound).map((column) => {
    const at = made.findIndex(({ name }) => name === column.name);
    if (at === -1) return made.push(column) - 1;
    made[at] = column;
    return at;
  });
  const extend = (cells: Cells): Cells => {
    const extendedCells = [...cells];
    for (const [index, { evaluate }] of bound.entries()) {
      extendedCells[places[index] ?? 0] = evaluate(cells);
    }
    return extendedCells;
  };
  return { columns: made, into: mapped(extend) };
}

function without(names: readonly Part[], columns: readonly Column[]): Added {
  for (const part of names) {
    const isThere = columns.some(({ name }) => fitsPattern(name, part.text));
    if (isThere || part.text.includes('*')) continue;
    const message = `There is no column '${part.text}' here.`;
    throw new InvalidQueryError('SemanticFailure', message, part);
  }
  const kept = columns.map(({ name }) => !names.some(({ text }) => fitsPattern(name, text)));
  const isKept = (_: unknown, at: number): boolean => kept[at] === true;
  return { columns: columns.filter(isKept), into: mapped((cells) => cells.filter(isKept)) };
}
