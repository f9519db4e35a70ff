/**
 * `$filter` of the generic lists and of resource groups, as conditions that the store evaluates (arm-protocol §6.4).
 */
import { type Clause, clausesOf } from '#arm/filter-clauses.ts';
import { normalisedLocation } from '#arm/names.ts';
import type { TagCondition, TextCondition } from '#store/resource-tags.ts';
import type { MemberCondition, TrackedFilter } from '#store/tracked-resources.ts';

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
  const clauses = clausesOf(text, {
    fields: [...Object.keys(MEMBERS), ...Object.keys(TAGS)],
    comparisons: ['equals', 'differs', 'contains'],
  });
  if (clauses.length === 0) return undefined;
  return {
    members: clauses.flatMap(memberIn),
    tags: tagsIn(clauses),
    withoutTags: clauses.flatMap(({ field, comparison, text }) => {
      const column = TAGS[field];
      if (column === undefined || comparison !== 'differs') return [];
      const condition = { comparison: 'equals', text: text.toLowerCase() } as const;
      return [{ [column]: condition } satisfies TagCondition];
    }),
  };
}

/** As `resourceFilter`, for what is filtered by its tags alone, and not by tags that are missing. */
export function tagFilter(text: unknown): readonly TagCondition[] {
  return tagsIn(
    clausesOf(text, { fields: Object.keys(TAGS), comparisons: ['equals', 'contains'] }),
  );
}

function memberIn({ field, comparison, text }: Clause): MemberCondition[] {
  const member = MEMBERS[field];
  if (member === undefined || comparison === 'call') return [];
  const lower = text.toLowerCase();
  return [{ member, comparison, text: member === 'location' ? normalisedLocation(lower) : lower }];
}

/** The first name and the first value are those of one tag, the second ones of another, and so on. */
function tagsIn(clauses: readonly Clause[]): TagCondition[] {
  const textsOf = (column: keyof TagCondition): TextCondition[] =>
    clauses.flatMap(({ field, comparison, text }) =>
      TAGS[field] === column && (comparison === 'equals' || comparison === 'contains')
        ? [{ comparison, text: text.toLowerCase() }]
        : [],
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
