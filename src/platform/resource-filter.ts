/**
 * `$filter` of the generic lists: clauses joined by `and`, read into conditions that the store evaluates. What cannot be read is
 * refused with the clause that is not understood (arm-protocol §6.4).
 */
import { errors } from '#arm/errors.ts';
import { normalisedLocation } from '#arm/names.ts';
import type { TagCondition, TextCondition } from '#store/resource-tags.ts';
import type { MemberCondition, TrackedFilter } from '#store/tracked-resources.ts';

/** `field eq 'text'`, `field ne 'text'` or `substringof('text', field)`, in parentheses or not. */
const CLAUSE =
  /^\s*(\()?\s*(?:(\w+)\s+(eq|ne)\s+'((?:[^']|'')*)'|substringof\(\s*'((?:[^']|'')*)'\s*,\s*(\w+)\s*\))\s*(\))?\s*$/i;

interface Clause {
  /** In lower case. */
  readonly field: string;
  readonly comparison: 'equals' | 'differs' | 'contains';
  /** In lower case. */
  readonly text: string;
}

/** By the name of a field in lower case: the member of a resource that it means. `sku` is `[ours]`. */
const MEMBERS: Readonly<Record<string, MemberCondition['member']>> = {
  resourcetype: 'type',
  resourcegroup: 'group',
  name: 'name',
  location: 'location',
  sku: 'sku',
};
const TAGS: Readonly<Record<string, keyof TagCondition>> = { tagname: 'name', tagvalue: 'value' };

/** What the filter asks for; undefined: nothing. A tag's name and value must hold of the same tag. */
export function resourceFilter(text: unknown): TrackedFilter | undefined {
  const clauses = clausesOf(text, [...Object.keys(MEMBERS), ...Object.keys(TAGS)]);
  if (clauses.length === 0) return undefined;
  return {
    members: clauses.flatMap(({ field, comparison, text }) => {
      const member = MEMBERS[field];
      if (member === undefined) return [];
      return [
        { member, comparison, text: member === 'location' ? normalisedLocation(text) : text },
      ];
    }),
    tags: tagsIn(clauses),
    withoutTags: clauses.flatMap(({ field, comparison, text }) => {
      const column = TAGS[field];
      if (column === undefined || comparison !== 'differs') return [];
      return [{ [column]: { comparison: 'equals', text } } satisfies TagCondition];
    }),
  };
}

/** The first name and the first value are those of one tag, the second ones of another, and so on. */
function tagsIn(clauses: readonly Clause[]): TagCondition[] {
  const positive = clauses.filter(({ comparison }) => comparison !== 'differs');
  const textsOf = (column: keyof TagCondition): TextCondition[] =>
    positive.flatMap(({ field, comparison, text }) =>
      TAGS[field] === column && comparison !== 'differs' ? [{ comparison, text }] : [],
    );
  const names = textsOf('name');
  const values = textsOf('value');
  return Array.from({ length: Math.max(names.length, values.length) }, (_, index) => {
    const [name, value] = [names[index], values[index]];
    return {
      ...(name === undefined ? {} : { name }),
      ...(value === undefined ? {} : { value }),
    };
  });
}

function clausesOf(text: unknown, fields: readonly string[]): Clause[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  return splitAtAnd(text).map((part) => {
    const clause = clauseOf(part);
    if (clause === undefined || !fields.includes(clause.field)) throw notRead(text, part.trim());
    return clause;
  });
}

function clauseOf(part: string): Clause | undefined {
  const match = CLAUSE.exec(part);
  if (match === null) return undefined;
  const [, opened, compared, operator, whole, contained, containing, closed] = match;
  if ((opened === undefined) !== (closed === undefined)) return undefined;
  const comparison = operator?.toLowerCase() === 'ne' ? 'differs' : 'equals';
  return {
    field: (compared ?? containing ?? '').toLowerCase(),
    comparison: contained === undefined ? comparison : 'contains',
    text: (whole ?? contained ?? '').replaceAll("''", "'").toLowerCase(),
  };
}

/** The parts between `and`s that stand outside of quotes. */
function splitAtAnd(text: string): string[] {
  const parts: string[] = [''];
  for (const [piece] of text.matchAll(/'(?:[^']|'')*'|\s+and\s+|./gis)) {
    if (/^\s+and\s+$/i.test(piece)) parts.push('');
    else parts.push((parts.pop() ?? '') + piece);
  }
  return parts;
}

const notRead = (text: string, part: string) =>
  errors.invalidQuery('$filter', `The filter '${text}' cannot be read at '${part}'.`);
