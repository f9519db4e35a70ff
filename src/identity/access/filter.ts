/** `$filter` of roles and their assignments: `name eq 'value'` joined by `and`, and the few functions that clients use. */
import { errors } from '#arm/errors.ts';

/** Values by name in lower case; a function such as `atScope()` or `assignedTo('…')` has an entry under its name. */
export type QueryFilter = Readonly<Record<string, string | undefined>>;

const FUNCTION = /^(atScope|atScopeAndBelow|assignedTo)\((?:'([^']*)')?\)$/i;
const COMPARISON = /^([A-Za-z/]+)\s+eq\s+'([^']*)'$/i;

/** Reads a filter, and refuses unknown names; without text the filter is empty (arm-protocol §6.4). */
export function queryFilter(text: unknown, names: readonly string[]): QueryFilter {
  if (typeof text !== 'string' || text.trim() === '') return {};
  const filter: Record<string, string> = {};
  for (const part of text.trim().split(/\s+and\s+/i)) {
    const match = FUNCTION.exec(part) ?? COMPARISON.exec(part);
    const name = match?.[1]?.toLowerCase();
    const isKnown = name !== undefined && (FUNCTION.test(part) || names.includes(name));
    if (!isKnown) throw errors.invalidQuery('$filter', `The filter '${text}' cannot be read.`);
    filter[name] = match?.[2] ?? '';
  }
  return filter;
}
