/**
 * Compiled statements on an engine that lives in this process. Kysely's way to a connection takes some ten turns of promises for each
 * statement, more than most of ours take in SQLite; a connection that is known here carries a compiled statement out before the call
 * returns. Others go Kysely's way.
 */
import type { CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Carries out one statement at once; throws what the engine throws. */
export type Direct = (query: CompiledQuery) => QueryResult<unknown>;

const byConnection = new WeakMap<object, Direct>();

/**
 * Says how statements on `connection` are carried out at once. Nobody else may have a transaction on it whose changes such a statement
 * must not see, since it waits for nothing.
 */
export function allowDirect(connection: object, direct: Direct): void {
  byConnection.set(connection, direct);
}

/** Carries out a compiled statement on a reader or in a transaction. */
export async function execute<Row>(
  on: Pick<Kysely<unknown>, 'executeQuery'>,
  query: CompiledQuery<Row>,
): Promise<QueryResult<Row>> {
  const direct = byConnection.get(on);
  if (direct === undefined) return await on.executeQuery(query);
  return direct(query) as QueryResult<Row>;
}
