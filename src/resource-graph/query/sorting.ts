/** `order by` and `top`: the order of rows, and the stage that brings them into it. */
import { bindUsed, type Cells, type Column, type Uses } from './bind.ts';
import { InvalidQueryError, type Part } from './invalid-query.ts';
import { checkKept, type Made, type Row, type SortOrder, type Stage, UNSORTED } from './stages.ts';
import type { SortKey } from './syntax.ts';
import { compareValues } from './values.ts';

function orderOf(keys: readonly SortKey[]): SortOrder {
  return (left, right) => {
    for (const [index, { isAscending, areNullsFirst }] of keys.entries()) {
      const [a, b] = [left.sort[index] ?? null, right.sort[index] ?? null];
      if (a === null || b === null) {
        if (a === b) continue;
        return (a === null) === areNullsFirst ? -1 : 1;
      }
      const order = compareValues(a, b);
      if (order !== 0) return isAscending ? order : -order;
    }
    return UNSORTED(left, right);
  };
}

interface SortParts {
  readonly columns: readonly Column[];
  readonly uses: Uses;
  /** No more than so many of the first are wanted. */
  readonly most?: number;
}

/** The stage that sorts. Of a `top`, no more rows are kept than it gives, and as many again. */
export function sorted(
  { keys, part }: { readonly keys: readonly SortKey[]; readonly part: Part },
  { columns, uses, most }: SortParts,
): Pick<Made, 'order' | 'into'> {
  const bound = keys.map(({ expression }) => bindUsed(expression, columns, uses));
  const dynamic = bound.findIndex(({ type }) => type === 'dynamic');
  if (dynamic !== -1) {
    const message = "What is sorted by must not be dynamic: put it into 'tostring()'.";
    throw new InvalidQueryError('SemanticFailure', message, keys[dynamic]?.expression);
  }
  const order = orderOf(keys);
  const sortOf = (cells: Cells): Cells => bound.map(({ evaluate }) => evaluate(cells));
  const into = (next: Stage): Stage => {
    let rows: Row[] = [];
    return {
      push: (row) => {
        rows.push({ ...row, sort: sortOf(row.cells) });
        if (most !== undefined && rows.length >= 2 * most + 1_000) {
          rows = rows.sort(order).slice(0, most);
        }
        checkKept(rows.length, { part });
        return true;
      },
      end: () => {
        for (const row of rows.sort(order)) if (!next.push(row)) break;
        next.end();
      },
    };
  };
  return { order, into };
}
