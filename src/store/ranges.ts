/**
 * Ranges of keys, compared byte by byte on both engines: what lies below a resource, and what begins with a prefix. One
 * definition for all tables, so that none of them matches a stranger.
 */
import type { Expression, ExpressionBuilder, ReferenceExpression } from 'kysely';
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

/** A text that a query compares. */
export type Text = Expression<string | null>;

/** Whether the text is a part: the rest without it differs. Both engines know `replace`, and no character has a meaning in it. */
export function contains<T extends keyof Tables>(
  eb: ExpressionBuilder<Tables, T>,
  whole: Text,
  part: string,
) {
  if (part === '') return eb(whole, 'is not', null);
  return eb(eb.fn('replace', [whole, eb.val(part), eb.val('')]), '!=', whole);
}

/** How many keys a query names at most. */
const MAX_KEYS = 512;

/**
 * `keys` in parts for queries `where key in …`. Each part is filled up to a power of two with its last key, so that such queries
 * have few different texts: an engine keeps each text prepared.
 */
export function inParts(keys: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const part = keys.slice(start, start + MAX_KEYS);
    const last = part.at(-1) ?? '';
    const size = 2 ** Math.ceil(Math.log2(part.length));
    parts.push([...part, ...Array.from({ length: size - part.length }, () => last)]);
  }
  return parts;
}
