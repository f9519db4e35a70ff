/** Pages of a list: `$top` is a maximum, `$skipToken` says where to go on; both opaque to everybody else. */
import { errors } from './errors.ts';

export interface Page {
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
  if (!after.startsWith('/subscriptions/')) {
    throw errors.invalidQuery('$skipToken', `The value of '$skipToken' is not one that this service has issued; follow the nextLink of a page.`);
  }
  return { after, limit };
}

/** The next page's URL: the request's own, with the token put in (arm-protocol §3.1). */
export function nextLinkOf(url: string, lastKey: string): string {
  const next = new URL(url);
  next.searchParams.set('$skipToken', Buffer.from(lastKey, 'utf8').toString('base64url'));
  return next.toString();
}
