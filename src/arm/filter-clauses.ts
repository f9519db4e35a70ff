/**
 * `$filter` of ARM's own lists: clauses joined by `and`. Each list says which fields, comparisons and functions it knows; anything
 * else is refused with the clause that cannot be read (arm-protocol §6.4). Pure.
 */
import { errors } from './errors.ts';

export type Comparison = 'equals' | 'differs' | 'contains';

export interface Clause {
  /** A field or a function, in lower case. */
  readonly field: string;
  readonly comparison: Comparison | 'call';
  /** What the field is compared with, or the argument of the function; as written, without its quotes. */
  readonly text: string;
}

/** What a list knows, in lower case. */
export interface Grammar {
  readonly fields?: readonly string[];
  /** `eq` alone, where nothing is said. */
  readonly comparisons?: readonly Comparison[];
  readonly functions?: readonly string[];
}

/** `field eq 'text'`, `field ne 'text'` or `substringof('text', field)`, in parentheses or not. */
const COMPARED =
  /^\s*(\()?\s*(?:([\w/]+)\s+(eq|ne)\s+'((?:[^']|'')*)'|substringof\(\s*'((?:[^']|'')*)'\s*,\s*([\w/]+)\s*\))\s*(\))?\s*$/i;
/** `atScope()` or `assignedTo('text')`. */
const CALLED = /^\s*(\w+)\(\s*(?:'((?:[^']|'')*)')?\s*\)\s*$/;

/** The clauses of a filter; none where it is empty. Throws a refusal for what `grammar` does not have. */
export function clausesOf(text: unknown, grammar: Grammar): Clause[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  return splitAtAnd(text).map((part) => {
    const clause = calledIn(part) ?? comparedIn(part);
    if (clause !== undefined && isKnown(clause, grammar)) return clause;
    throw errors.invalidQuery(
      '$filter',
      `The filter '${text}' cannot be read at '${part.trim()}'.`,
    );
  });
}

/** What each field is compared with, and the argument of each function, of a filter whose clauses all say `eq` or call. */
export function filterValues(
  text: unknown,
  grammar: Omit<Grammar, 'comparisons'>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(clausesOf(text, grammar).map((clause) => [clause.field, clause.text]));
}

const isKnown = (
  { field, comparison }: Clause,
  { fields = [], comparisons = ['equals'], functions = [] }: Grammar,
): boolean =>
  comparison === 'call'
    ? functions.includes(field)
    : fields.includes(field) && comparisons.includes(comparison);

function calledIn(part: string): Clause | undefined {
  const [, name, argument = ''] = CALLED.exec(part) ?? [];
  if (name === undefined) return undefined;
  return { field: name.toLowerCase(), comparison: 'call', text: unquoted(argument) };
}

function comparedIn(part: string): Clause | undefined {
  const match = COMPARED.exec(part);
  if (match === null) return undefined;
  const [, opened, compared, operator, whole, contained, containing, closed] = match;
  if ((opened === undefined) !== (closed === undefined)) return undefined;
  const comparison = operator?.toLowerCase() === 'ne' ? 'differs' : 'equals';
  return {
    field: (compared ?? containing ?? '').toLowerCase(),
    comparison: contained === undefined ? comparison : 'contains',
    text: unquoted(whole ?? contained ?? ''),
  };
}

const unquoted = (text: string): string => text.replaceAll("''", "'");

/** The parts between `and`s that stand outside of quotes. */
function splitAtAnd(text: string): string[] {
  const parts: string[] = [''];
  for (const [piece] of text.matchAll(/'(?:[^']|'')*'|\s+and\s+|./gis)) {
    if (/^\s+and\s+$/i.test(piece)) parts.push('');
    else parts.push((parts.pop() ?? '') + piece);
  }
  return parts;
}
