/** `summarize`, `distinct` and `count`: rows become groups. */
import type { Json } from '#shared/json.ts';
import { bindUsed, type Bound, checkCount, type Column, nameFrom, type Uses } from './bind.ts';
import { type Aggregate, AGGREGATES, type Collector } from './functions.ts';
import { InvalidQueryError, type Part } from './invalid-query.ts';
import { checkKept, columnsOf, type Made, type Row, type Stage, UNSORTED } from './stages.ts';
import type { Named } from './syntax.ts';

interface Grouping {
  readonly part: Part;
  readonly aggregates: readonly Named[];
  readonly by: readonly Named[];
}

interface BoundAggregate {
  readonly column: Column;
  readonly aggregate: Aggregate;
  readonly given: readonly Bound[];
}

interface Group {
  readonly key: readonly Json[];
  readonly collectors: readonly Collector[];
}

/** The stage that groups. Groups come in the order of their keys, so that their pages are the same each time. */
export function summarized(
  { part, aggregates, by }: Grouping,
  columns: readonly Column[],
  uses: Uses,
): Pick<Made, 'columns' | 'order' | 'into'> {
  const keys = by.map(({ expression }) => bindUsed(expression, columns, uses));
  const dynamic = keys.findIndex(({ type }) => type === 'dynamic');
  if (dynamic !== -1) {
    const message = `'${part.text}' cannot group by a dynamic value: put it into 'tostring()'.`;
    throw new InvalidQueryError('SemanticFailure', message, by[dynamic]?.expression);
  }
  const made = aggregates.map((named) => bindAggregate(named, columns, uses));
  const isOfAll = keys.length === 0;
  const into = (next: Stage): Stage => {
    const groups = new Map<string, Group>();
    const newGroup = (identity: string, key: readonly Json[]): Group => {
      const group = { key, collectors: made.map(({ aggregate }) => aggregate.collect()) };
      groups.set(identity, group);
      checkKept(groups.size, { part });
      return group;
    };
    // Without keys there is one group, even of no rows.
    if (isOfAll) newGroup('[]', []);
    return {
      push: ({ cells }) => {
        const key = keys.map(({ evaluate }) => evaluate(cells));
        const identity = JSON.stringify(key);
        const { collectors } = groups.get(identity) ?? newGroup(identity, key);
        for (const [index, { given }] of made.entries()) {
          collectors[index]?.add(given.map(({ evaluate }) => evaluate(cells)));
        }
        return true;
      },
      end: () => {
        const rows = [...groups].map(([identity, { key, collectors }]): Row => {
          const cells = [...key, ...collectors.map(({ result }) => result())];
          return { identity, sort: [], cells };
        });
        for (const row of rows.sort(UNSORTED)) if (!next.push(row)) break;
        next.end();
      },
    };
  };
  const shown = [...columnsOf(by, keys), ...made.map(({ column }) => column)];
  return { columns: shown, order: UNSORTED, into };
}

/** An aggregate names its column after itself and its argument: `count_`, `sum_size` [doc]. */
function bindAggregate(named: Named, columns: readonly Column[], uses: Uses): BoundAggregate {
  const { expression, name } = named;
  const aggregate =
    expression.is === 'call' && Object.hasOwn(AGGREGATES, expression.name)
      ? AGGREGATES[expression.name]
      : undefined;
  if (expression.is !== 'call' || aggregate === undefined) {
    const message = `'${expression.text}' is not an aggregate that is supported here. These are: ${Object.keys(AGGREGATES).join(', ')}.`;
    throw new InvalidQueryError('InvalidQueryLanguage', message, expression);
  }
  checkCount(expression, aggregate);
  const given = expression.given.map((one) => bindUsed(one, columns, uses));
  const [argument] = expression.given;
  const of = argument === undefined ? '' : (nameFrom(argument) ?? '');
  return {
    column: {
      name: name ?? `${expression.name}_${of}`,
      type: aggregate.type ?? given[0]?.type ?? 'dynamic',
    },
    aggregate,
    given,
  };
}
