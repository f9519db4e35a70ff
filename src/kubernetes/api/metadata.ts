/**
 * Rules of metadata, the same for every kind.
 * Sources: apimachinery api/validation/objectmeta.go (kubernetes-facts.md 2.3).
 */
import { deepEqual } from '../objects/equal.ts';
import { type KubeObject, metaOf } from '../objects/object.ts';
import type { Kind } from '../kinds/kind.ts';
import { labelValueFaults, nameFaults, qualifiedNameFaults } from '../kinds/names.ts';
import { type FieldError, forbiddenField, invalid, required } from '../status.ts';

const MAX_ANNOTATION_BYTES = 262_144;
const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** What is wrong with the metadata of an object. */
export function metadataErrors(kind: Kind, object: KubeObject): FieldError[] {
  const { name = '', generateName = '', namespace = '' } = metaOf(object);
  const errors: FieldError[] = [];
  if (name === '' && generateName === '') {
    errors.push(required('metadata.name', 'name or generateName is required'));
  } else if (name !== '') {
    errors.push(
      ...nameFaults(name, kind.nameRule).map((text) => invalid('metadata.name', name, text)),
    );
  }
  if (!kind.isNamespaced && namespace !== '') {
    errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  }
  return [...errors, ...tagErrors(object), ...linkErrors(object)];
}

/** Labels and annotations. */
function tagErrors(object: KubeObject): FieldError[] {
  const { labels = {}, annotations = {} } = metaOf(object);
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const field = 'metadata.labels';
    errors.push(
      ...qualifiedNameFaults(key).map((text) => invalid(field, key, text)),
      ...labelValueFaults(value).map((text) => invalid(field, value, text)),
    );
  }
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += key.length + value.length;
    errors.push(
      ...qualifiedNameFaults(key.toLowerCase()).map((text) =>
        invalid('metadata.annotations', key, text),
      ),
    );
  }
  if (bytes > MAX_ANNOTATION_BYTES) {
    errors.push({
      field: 'metadata.annotations',
      type: 'Too long',
      detail: `must have at most ${MAX_ANNOTATION_BYTES} bytes`,
    });
  }
  return errors;
}

/** Finalizers and owners. */
function linkErrors(object: KubeObject): FieldError[] {
  const { finalizers = [], ownerReferences = [] } = metaOf(object);
  const errors: FieldError[] = [];
  finalizers.forEach((finalizer, index) => {
    errors.push(
      ...qualifiedNameFaults(finalizer).map((text) =>
        invalid('metadata.finalizers', finalizer, text),
      ),
    );
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.push(
        invalid(
          `metadata.finalizers[${index}]`,
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      );
    }
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalid(
        'metadata.finalizers',
        finalizers,
        'finalizer orphan and foregroundDeletion cannot be both set',
      ),
    );
  }
  ownerReferences.forEach((owner, index) => {
    const at = `metadata.ownerReferences[${index}]`;
    for (const member of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      const value = owner[member] as string | undefined;
      if (value === undefined || value === '') {
        const text = member === 'apiVersion' ? 'version' : member;
        errors.push(invalid(`${at}.${member}`, '', `${text} must not be empty`));
      }
    }
  });
  return errors;
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** What a change may not do to metadata. */
export function metadataUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [metaOf(object), metaOf(old)];
  const errors = IMMUTABLE.filter((member) => !deepEqual(now[member], before[member])).map(
    (member) => invalid(`metadata.${member}`, now[member], 'field is immutable'),
  );
  if (before.deletionTimestamp !== undefined) {
    const added = (now.finalizers ?? []).filter((one) => !(before.finalizers ?? []).includes(one));
    if (added.length > 0) {
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
        ),
      );
    }
  }
  return errors;
}
