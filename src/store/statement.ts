/**
 * Statements that are compiled once and run often. Kysely builds and compiles the text of a query each time it is run, which
 * costs more than most of ours take in the database; a statement made here is compiled at its first use on each engine, and
 * only its parameters change from then on. Used by the table files for what every request does.
 */
import type { CompiledQuery, Kysely, QueryResult } from 'kysely';
import type { Tables } from './tables.ts';

/** Stands for a parameter while the statement is compiled. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}

/** Runs the statement with these values, on a reader or inside a transaction. */
export type Statement<Values, Row> = (
  on: Kysely<Tables>,
  values: Values,
) => Promise<QueryResult<Row>>;

/**
 * Makes a statement. `build` gets stand-ins in place of values: they may only be passed on to Kysely, as a value to compare
 * with or to write.
 */
export function statement<Values extends object, Row>(
  build: (on: Kysely<Tables>, values: Values) => Compilable<Row>,
): Statement<Values, Row> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return async (on, values) => {
    const { adapter } = on.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(on, placeholders<Values>()).compile();
      compiled.set(adapter, query);
    }
    const { parameters } = query;
    const filled = parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    return await on.executeQuery<Row>({ ...query, parameters: filled });
  };
}

const placeholders = <Values extends object>(): Values =>
  new Proxy({} as Values, { get: (_values, name) => new Placeholder(String(name)) });
