/** ServiceAccounts. Sources: core/v1 types; registry/core/serviceaccount/strategy.go. */
import type { ServiceAccount } from 'kubernetes-types/core/v1.d.ts';
import { AGE, column, NAME } from '../tables/columns.ts';
import { defineKind } from './kind.ts';

export const SERVICE_ACCOUNTS = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  shortNames: ['sa'],
  isNamespaced: true,
  message: 'core.v1.ServiceAccount',
  columns: [NAME, column<ServiceAccount>('Secrets', ({ secrets = [] }) => secrets.length), AGE],
});
