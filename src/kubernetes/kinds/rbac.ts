/** The four RBAC kinds. Sources: rbac/v1 types, defaults.go; rbac/validation; printers.go (kubernetes-facts.md 1.2, 2.7). */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from 'kubernetes-types/rbac/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { type FieldError, invalid, required, unsupported } from '../status.ts';
import { AGE, column, CREATED_AT, NAME, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

const COMMON = {
  group: RBAC_GROUP,
  version: 'v1',
  nameRule: 'pathSegment',
  isCreatedByPut: true,
} as const;

export const ROLES = defineKind<Role>({
  ...COMMON,
  kind: 'Role',
  resource: 'roles',
  isNamespaced: true,
  message: 'rbac.v1.Role',
  columns: [NAME, CREATED_AT],
  defaults: (role) => ({ ...role, rules: role.rules ?? [] }),
  validate: ({ rules = [] }) =>
    rules.flatMap((rule, index) => ruleErrors(rule, { at: `rules[${index}]`, isNamespaced: true })),
});

export const CLUSTER_ROLES = defineKind<ClusterRole>({
  ...COMMON,
  kind: 'ClusterRole',
  resource: 'clusterroles',
  isNamespaced: false,
  message: 'rbac.v1.ClusterRole',
  columns: [NAME, CREATED_AT],
  defaults: (role) => ({ ...role, rules: role.rules ?? [] }),
  validate: ({ rules = [] }) =>
    rules.flatMap((rule, index) =>
      ruleErrors(rule, { at: `rules[${index}]`, isNamespaced: false }),
    ),
});

function ruleErrors(
  rule: PolicyRule,
  { at, isNamespaced }: { readonly at: string; readonly isNamespaced: boolean },
): FieldError[] {
  const { verbs, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (((verbs as string[] | undefined) ?? []).length === 0) {
    errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
  }
  if (nonResourceURLs.length > 0) {
    if (isNamespaced) {
      errors.push(
        invalid(
          `${at}.nonResourceURLs`,
          nonResourceURLs,
          'namespaced rules cannot apply to non-resource URLs',
        ),
      );
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

type Binding = RoleBinding | ClusterRoleBinding;

const bindingColumns = [
  NAME,
  column<Binding>('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  AGE,
  wide<Binding>('Users', (binding) => subjectsText(binding, 'User')),
  wide<Binding>('Groups', (binding) => subjectsText(binding, 'Group')),
  wide<Binding>('ServiceAccounts', (binding) => subjectsText(binding, 'ServiceAccount')),
];

function subjectsText({ subjects = [] }: Binding, kind: string): string {
  return subjects
    .filter((subject) => subject.kind === kind)
    .map(({ namespace, name }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');
}

export const ROLE_BINDINGS = defineKind<RoleBinding>({
  ...COMMON,
  kind: 'RoleBinding',
  resource: 'rolebindings',
  isNamespaced: true,
  message: 'rbac.v1.RoleBinding',
  columns: bindingColumns,
  defaults: bindingDefaults,
  validate: (binding) => bindingErrors(binding, ['Role', 'ClusterRole']),
  validateUpdate: roleRefErrors,
});

export const CLUSTER_ROLE_BINDINGS = defineKind<ClusterRoleBinding>({
  ...COMMON,
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  isNamespaced: false,
  message: 'rbac.v1.ClusterRoleBinding',
  columns: bindingColumns,
  defaults: bindingDefaults,
  validate: (binding) => bindingErrors(binding, ['ClusterRole']),
  validateUpdate: roleRefErrors,
});

function bindingDefaults<T extends Binding>(binding: T): T {
  const { subjects } = binding;
  return {
    ...binding,
    roleRef: { ...binding.roleRef, apiGroup: apiGroupOf(binding) },
    ...(subjects === undefined
      ? {}
      : {
          subjects: subjects.map(
            (subject): Subject =>
              subject.kind === 'User' || subject.kind === 'Group'
                ? { apiGroup: RBAC_GROUP, ...subject }
                : subject,
          ),
        }),
  };
}

function apiGroupOf({ roleRef }: Binding): string {
  const given = (roleRef as Partial<Binding['roleRef']> | undefined)?.apiGroup;
  return given === undefined || given === '' ? RBAC_GROUP : given;
}

function bindingErrors(
  { roleRef, subjects = [] }: Binding,
  kinds: readonly string[],
): FieldError[] {
  const { kind, name } = roleRef as Partial<Binding['roleRef']>;
  return [
    ...(kinds.includes(kind ?? '') ? [] : [unsupported('roleRef.kind', kind ?? '', kinds)]),
    ...((name ?? '') === '' ? [required('roleRef.name')] : []),
    ...subjects.flatMap((subject, index) => [
      ...(SUBJECT_KINDS.includes(subject.kind)
        ? []
        : [unsupported(`subjects[${index}].kind`, subject.kind, SUBJECT_KINDS)]),
      ...(subject.kind === 'ServiceAccount' && (subject.namespace ?? '') === ''
        ? [required(`subjects[${index}].namespace`)]
        : []),
      ...(subject.name === '' ? [required(`subjects[${index}].name`)] : []),
    ]),
  ];
}

function roleRefErrors({ roleRef }: Binding, old: Binding): FieldError[] {
  if (deepEqual(roleRef, old.roleRef)) return [];
  const { apiGroup, kind, name } = roleRef;
  const text = `rbac.RoleRef{APIGroup:${JSON.stringify(apiGroup)}, Kind:${JSON.stringify(kind)}, Name:${JSON.stringify(name)}}`;
  return [{ ...invalid('roleRef', '', 'cannot change roleRef'), shown: text }];
}
