/**
 * Ranges of keys, compared byte by byte on both engines: what lies below a resource, and what begins with a prefix. One
 * definition for all tables, so that none of them matches a stranger.
 */
import type { ExpressionBuilder, ReferenceExpression } from 'kysely';
import { rangeBelow } from '#shared/arm-id.ts';
import type { Tables } from './tables.ts';

type Table = keyof Tables;

/** Exactly the keys that begin with `key/`. */
export function isBelow<T extends Table>(
  eb: ExpressionBuilder<Tables, T>,
  column: ReferenceExpression<Tables, T>,
  key: string,
) {
  const { after, before } = rangeBelow(key);
  return eb.and([eb(column, '>', after as never), eb(column, '<', before as never)]);
}

/** The key itself, and all below it. */
export function isWithin<T extends Table>(
  eb: ExpressionBuilder<Tables, T>,
  column: ReferenceExpression<Tables, T>,
  key: string,
) {
  return eb.or([eb(column, '=', key as never), isBelow(eb, column, key)]);
}
