/** What the operators of a query are made of: rows, the stages that they pass, and their order. */
import { type Bound, type Cells, type Column, nameFrom } from './bind.ts';
import { InvalidQueryError, type Part } from './invalid-query.ts';
import type { Named } from './syntax.ts';

/** Compares rows by what they are sorted by, and then by their identity: no two rows are equal. */
export type SortOrder = (left: SortedBy, right: SortedBy) => number;

export type SortedBy = Pick<Row, 'sort' | 'identity'>;

/** The order of rows that nothing sorts. */
export const UNSORTED: SortOrder = (left, right) => {
  if (left.identity === right.identity) return 0;
  return left.identity < right.identity ? -1 : 1;
};

export interface Row {
  readonly cells: Cells;
  /** Tells it from all other rows of the answer. */
  readonly identity: string;
  /** The values that it is sorted by. */
  readonly sort: Cells;
}

/** Takes rows. */
export interface Stage {
  /** Whether it wants more of them. */
  readonly push: (row: Row) => boolean;
  /** There are no more. */
  readonly end: () => void;
}

/** What has been made of the operators so far. */
export interface Made {
  readonly columns: readonly Column[];
  readonly order: SortOrder;
  /** It cuts its rows at a number, and cannot be paged [doc: paging-results]. */
  readonly isLimited: boolean;
  /** Puts it before the stage that takes its rows. */
  readonly into: (next: Stage) => Stage;
}

/** Rows that a query may keep at a time, to sort or to group them `[ours]`. */
const MAX_KEPT_ROWS = 100_000;

/** Refuses to keep more rows than a query may. */
export function checkKept(count: number, { part }: { readonly part: Part }): void {
  if (count <= MAX_KEPT_ROWS) return;
  const message = `'${part.text}' would keep more than ${MAX_KEPT_ROWS} rows: narrow the query with 'where'.`;
  throw new InvalidQueryError('QueryTooComplex', message, part);
}

/** Names of the columns that `named` makes; `Column1`, `Column2`, … where none follows from the expression. */
export function columnsOf(named: readonly Named[], bound: readonly Bound[]): Column[] {
  let unnamed = 0;
  return named.map(({ name, expression }, index) => ({
    name: name ?? nameFrom(expression) ?? `Column${++unnamed}`,
    type: bound[index]?.type ?? 'dynamic',
  }));
}
