/**
 * Who wrote which fields, of plain writes: `metadata.managedFields`.
 * Sources: apimachinery util/managedfields; structured-merge-diff fieldpath (kubernetes-facts.md 7.6).
 */
import type { FieldsV1, ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import type { Instant } from '#shared/instant.ts';
import type { Kind } from '../kinds/kind.ts';
import { deepEqual } from '../objects/equal.ts';
import { type KubeObject, metaOf, timeOf, withMeta } from '../objects/object.ts';
import { fieldsOf } from './compare.ts';
import { type FieldSet, isEmptySet, isFieldSet, union, without } from './field-sets.ts';

export interface FieldOwner {
  /** The `fieldManager` of the request, or its user agent up to the slash. */
  readonly manager: string;
  readonly at: Instant;
  readonly subresource?: string | undefined;
}

/** More entries of updates than these are put together under one name. */
const MAX_ENTRIES = 10;

const entryOf = (kind: Kind, owner: FieldOwner, fields: FieldSet): ManagedFieldsEntry => ({
  manager: owner.manager,
  operation: 'Update',
  apiVersion: kind.apiVersion,
  time: timeOf(owner.at),
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
});

/** A new object, all of whose fields are its creator's. */
export function trackCreate(kind: Kind, object: KubeObject, owner: FieldOwner): KubeObject {
  const fields = fieldsOf(kind, object, { old: undefined, looking: 'changed' });
  return withMeta(object, { managedFields: [entryOf(kind, owner, fields)] });
}

/** A changed object: what has changed belongs to the writer, and to nobody else any more. */
export function trackUpdate(
  kind: Kind,
  {
    next,
    old,
    owner,
  }: { readonly next: KubeObject; readonly old: KubeObject; readonly owner: FieldOwner },
): KubeObject {
  const known = metaOf(old).managedFields ?? [];
  const asked = metaOf(next).managedFields ?? [];
  const isCleared = asked.length === 0 || (asked.length === 1 && asked[0]?.manager === undefined);
  if (known.length === 0 || isCleared) return withMeta(next, { managedFields: undefined });
  // Whoever writes the owners themselves is believed: kubectl does so where it takes over from its older way.
  const isNew = !deepEqual(asked, known) && asked.every(({ fieldsV1 }) => isFieldSet(fieldsV1));
  const before = isNew ? asked : known;
  const changed = fieldsOf(kind, next, { old, looking: 'changed' });
  const gone = fieldsOf(kind, old, { old: next, looking: 'absent' });
  if (isEmptySet(changed) && isEmptySet(gone)) {
    return withMeta(next, { managedFields: before });
  }
  const taken = [changed, gone];
  let own: ManagedFieldsEntry | undefined;
  const others: ManagedFieldsEntry[] = [];
  for (const entry of before) {
    if (isOf(entry, kind, owner)) own = entry;
    else {
      const left = taken.reduce<FieldSet>(without, (entry.fieldsV1 ?? {}) as FieldSet);
      if (!isEmptySet(left)) {
        others.push({ ...entry, fieldsV1: left });
      }
    }
  }
  const mine = union(without((own?.fieldsV1 ?? {}) as FieldSet, gone), changed);
  const entries = isEmptySet(mine) ? others : [...others, entryOf(kind, owner, mine)];
  return withMeta(next, { managedFields: limited(entries.sort(byTime)) });
}

const isOf = (entry: ManagedFieldsEntry, kind: Kind, owner: FieldOwner): boolean =>
  entry.manager === owner.manager &&
  entry.operation === 'Update' &&
  entry.apiVersion === kind.apiVersion &&
  (entry.subresource ?? '') === (owner.subresource ?? '');

const rank = (entry: ManagedFieldsEntry): string =>
  `${entry.operation ?? ''} ${entry.time ?? ''} ${entry.manager ?? ''} ${entry.subresource ?? ''}`;
export const byTime = (one: ManagedFieldsEntry, other: ManagedFieldsEntry): number =>
  rank(one) < rank(other) ? -1 : 1;

/** The oldest updates become one entry where there are too many. */
export function limited(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updates = entries.filter(({ operation }) => operation === 'Update');
  const surplus = updates.length - MAX_ENTRIES;
  if (surplus <= 0) return entries;
  const oldest = updates.slice(0, surplus + 1);
  const fields = oldest.reduce<FieldSet>(
    (sum, { fieldsV1 }) => union(sum, (fieldsV1 ?? {}) as FieldSet),
    {},
  );
  const [first] = oldest;
  const merged = {
    ...first,
    manager: 'ancient-changes',
    fieldsV1: fields as FieldsV1,
  };
  return [merged, ...entries.filter((entry) => !oldest.includes(entry))];
}
