/** Pages of a list: `$top` is a maximum, `$skipToken` says where to go on; both opaque to everybody else. */
import { errors } from './errors.ts';

export interface Page {
  /** The key of the last entry of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** How many entries a page has where nobody says `$top` `[ours]`: no page size is in any source. */
const DEFAULT_PAGE = 1000;
const MAX_PAGE = 1000;

/** Reads `$top` and `$skipToken`; throws a refusal where one cannot be read [inf]. */
export function pageOf(query: Readonly<Record<string, unknown>>): Page {
  const top = query.$top;
  let limit = DEFAULT_PAGE;
  if (top !== undefined && top !== '') {
    limit = Number(top);
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw errors.invalidQuery('$top', `The value of '$top' must be a whole number above 0.`);
    }
    limit = Math.min(limit, MAX_PAGE);
  }
  const token = query.$skipToken;
  if (token === undefined || token === '') return { limit };
  const after = typeof token === 'string' ? Buffer.from(token, 'base64url').toString('utf8') : '';
  if (!after.startsWith('/')) {
    throw errors.invalidQuery(
      '$skipToken',
      `The value of '$skipToken' is not one that this service has issued; follow the nextLink of a page.`,
    );
  }
  return { after, limit };
}

/** The rows of one page, and the member of the answer that leads to the next one, where there is one. */
export interface Shown<Row> {
  readonly shown: readonly Row[];
  readonly next: { readonly nextLink?: string };
}

/** Cuts `rows`, of which one more than `limit` was asked for, to a page. Keys begin with a slash. */
export function cutToPage<Row>(
  rows: readonly Row[],
  { limit, url }: { readonly limit: number; readonly url: string },
  keyOf: (row: Row) => string,
): Shown<Row> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { shown, next: last === undefined ? {} : { nextLink: nextLinkOf(url, keyOf(last)) } };
}

/** The next page's URL: the request's own, with the token put in (arm-protocol §3.1). */
export function nextLinkOf(url: string, lastKey: string): string {
  const next = new URL(url);
  next.searchParams.set('$skipToken', Buffer.from(lastKey, 'utf8').toString('base64url'));
  return next.toString();
}
