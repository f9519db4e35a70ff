/**
 * Statements that are compiled once and run often. Kysely builds and compiles the text of a query each time it is run, which
 * costs more than most of ours take in the database; a statement made here is compiled at its first use on each engine, and
 * only its parameters change from then on. Used by the table files for what every request does.
 */
import type { CompiledQuery, Kysely, QueryResult } from 'kysely';
import { execute } from './direct.ts';
import { send } from './sending.ts';
import type { Tables } from './tables.ts';
import type { Writer } from './transaction.ts';

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
  const compile = compiling(build);
  return async (on, values) => execute(on, compile(on, values));
}

/** Carries out the statement with these values in a transaction, whose commit waits for it. */
export type Command<Values> = (writer: Writer, values: Values) => Promise<void>;

/** As `statement`, of one that only writes and whose outcome nobody asks for (`sending.ts`). */
export function command<Values extends object>(
  build: (on: Kysely<Tables>, values: Values) => Compilable<unknown>,
): Command<Values> {
  const compile = compiling(build);
  return async (writer, values) => send(writer, compile(writer, values));
}

function compiling<Values extends object, Row>(
  build: (on: Kysely<Tables>, values: Values) => Compilable<Row>,
): (on: Kysely<Tables>, values: Values) => CompiledQuery<Row> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return (on, values) => {
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
    return { ...query, parameters: filled };
  };
}

const placeholders = <Values extends object>(): Values =>
  new Proxy({} as Values, { get: (_values, name) => new Placeholder(String(name)) });
