/**
 * Pages of extension resources: locks and role assignments. The key of each begins with the key of its scope, so those at a scope, and
 * those below it, are ranges of keys, and a page of several ranges costs a query for each that it touches.
 */
import type { KeyPage } from './resource-lists.ts';

/** Which: those at each of `at`, and those at `within` and everywhere below it. Keys in lower case. */
export interface ExtensionScopes {
  readonly at?: readonly string[];
  readonly within?: string;
}

/** A page of `limit` rows at most, in the order of keys. `read` gives those of one range: the ones below the key `prefix`. */
export async function extensionPage<Row>(
  { at = [], within }: ExtensionScopes,
  { type, limit, after }: { readonly type: string; readonly limit: number } & KeyPage,
  read: (prefix: string, page: KeyPage & { readonly limit: number }) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const prefixes = at.map((scope) => `${scope}/providers/${type}`);
  if (within !== undefined) prefixes.push(within);
  const rows: Row[] = [];
  // No range begins inside of another one, so their order is that of all keys in them.
  for (const prefix of prefixes.sort()) {
    if (rows.length >= limit) break;
    const page = { limit: limit - rows.length, ...(after === undefined ? {} : { after }) };
    rows.push(...(await read(prefix, page)));
  }
  return rows;
}
