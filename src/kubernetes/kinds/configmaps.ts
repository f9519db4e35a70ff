/**
 * ConfigMaps: the model kind. Another one is a file like this and a line in `index.ts`.
 * Sources: core/v1 types; core/validation ValidateConfigMap; registry/core/configmap/strategy.go.
 */
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts';
import { type FieldError, forbiddenField, invalid } from '../status.ts';
import { AGE, column, NAME } from '../tables/columns.ts';
import { deepEqual } from '../objects/equal.ts';
import { defineKind } from './kind.ts';
import { configKeyFaults } from './names.ts';

/** Of all keys and values together (core/validation MaxSecretSize). */
const MAX_BYTES = 1024 * 1024;

export const CONFIG_MAPS = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  shortNames: ['cm'],
  isNamespaced: true,
  message: 'core.v1.ConfigMap',
  columns: [
    NAME,
    column<ConfigMap>(
      'Data',
      ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    ),
    AGE,
  ],
  validate: ({ data = {}, binaryData = {} }) => [
    ...Object.keys(data).flatMap((key) => keyErrors('data', key)),
    ...Object.keys(binaryData).flatMap((key) => keyErrors('binaryData', key)),
    ...sizeErrors([...Object.entries(data), ...Object.entries(binaryData)]),
  ],
  validateUpdate: (object, old) => immutableErrors(object, old, ['data', 'binaryData']),
});

export function keyErrors(field: string, key: string): FieldError[] {
  return configKeyFaults(key).map((text) => invalid(`${field}[${key}]`, key, text));
}

function sizeErrors(entries: readonly (readonly [string, string])[]): FieldError[] {
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return size <= MAX_BYTES
    ? []
    : [{ field: '[]', type: 'Too long', detail: `must have at most ${MAX_BYTES} bytes` }];
}

/** Faults of a change to something that says of itself that it never changes. */
export function immutableErrors<T extends { readonly immutable?: boolean }>(
  object: T,
  old: T,
  members: readonly (keyof T & string)[],
): FieldError[] {
  if (old.immutable !== true) return [];
  const change = 'field is immutable when `immutable` is set';
  return [
    ...(object.immutable === true ? [] : [forbiddenField('immutable', change)]),
    ...members
      .filter((member) => !deepEqual(object[member], old[member]))
      .map((member) => forbiddenField(member, change)),
  ];
}
