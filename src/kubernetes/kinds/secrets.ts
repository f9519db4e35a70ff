/** Secrets. Sources: core/v1 types, defaults.go; core/validation ValidateSecret (kubernetes-facts.md 2.7). */
import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { type FieldError, invalid, required } from '../status.ts';
import { AGE, column, NAME } from '../tables/columns.ts';
import { immutableErrors, keyErrors } from './configmaps.ts';
import { defineKind } from './kind.ts';

/** Keys that a Secret of a type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};
const MAX_BYTES = 1024 * 1024;

export const SECRETS = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  isNamespaced: true,
  message: 'core.v1.Secret',
  columns: [
    NAME,
    column<Secret>('Type', ({ type }) => type ?? ''),
    column<Secret>('Data', ({ data = {} }) => Object.keys(data).length),
    AGE,
  ],
  defaults: withData,
  prepareUpdate: (secret, old) =>
    secret.type === undefined && old.type !== undefined ? { ...secret, type: old.type } : secret,
  validate,
  validateUpdate: (secret, old) => [
    ...(secret.type === old.type ? [] : [invalid('type', secret.type ?? '', 'field is immutable')]),
    ...immutableErrors(secret, old, ['data']),
  ],
  selectable: ({ type }) => ({ type: type ?? '' }),
});

/** `stringData` is for writing only: it becomes `data`. */
function withData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  const typed = { type: 'Opaque', ...rest };
  if (stringData === undefined) return typed;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, base64Of(value)] as const);
  return { ...typed, data: { ...secret.data, ...Object.fromEntries(encoded) } };
}

const base64Of = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)));

function validate({ data = {}, type = '', metadata }: Secret): FieldError[] {
  const size = Object.values(data).reduce((sum, value) => sum + (value.length * 3) / 4, 0);
  const errors = Object.keys(data).flatMap((key) => keyErrors('data', key));
  if (size > MAX_BYTES) {
    errors.push({
      field: 'data',
      type: 'Too long',
      detail: `must have at most ${MAX_BYTES} bytes`,
    });
  }
  for (const key of REQUIRED_KEYS[type] ?? []) {
    if (data[key] === undefined) errors.push(required(`data[${key}]`));
  }
  const account = 'kubernetes.io/service-account.name';
  if (
    type === 'kubernetes.io/service-account-token' &&
    (metadata?.annotations?.[account] ?? '') === ''
  ) {
    errors.push(required(`metadata.annotations[${account}]`));
  }
  return errors;
}
