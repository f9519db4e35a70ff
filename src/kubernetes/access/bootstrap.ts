/**
 * The roles and bindings that every cluster begins with, in the short form of the facts: verbs by their first letters, then
 * `group:resources`.
 * Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy (kubernetes-facts.md 3).
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Subject,
} from 'kubernetes-types/rbac/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, RBAC_GROUP } from '../kinds/rbac.ts';
import type { KubeObject } from '../objects/object.ts';
import { AGGREGATES, BINDINGS, CONTROLLER_ROLES, ROLES } from './bootstrap-table.ts';

const VERBS: Readonly<Record<string, string>> = {
  g: 'get',
  l: 'list',
  w: 'watch',
  c: 'create',
  u: 'update',
  p: 'patch',
  d: 'delete',
  D: 'deletecollection',
};
const SETS: Readonly<Record<string, string>> = { R: 'glw', W: 'cupdD', RW: 'cdDglpuw' };
/** Everybody who acts may write events. */
const EVENTS_RULE: PolicyRule = {
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
  verbs: ['create', 'patch', 'update'],
};
const META = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

/** Reads `glw apps,extensions:deployments[name]`, `get /api`, `E`. */
function readRule(text: string): PolicyRule {
  if (text === 'E') return EVENTS_RULE;
  const [verbs = '', target = ''] = text.trim().split(/\s+/);
  if (target.startsWith('/')) return { verbs: [verbs], nonResourceURLs: target.split(',') };
  const [groups, rest] = splitOnce(target);
  const match = /^([^[]*)(?:\[(.*)\])?$/.exec(rest);
  const names = match?.[2]?.split(',');
  return {
    verbs: readVerbs(verbs),
    apiGroups: groups.split(',').sort(),
    resources: (match?.[1] ?? '').split(',').sort(),
    ...(names === undefined ? {} : { resourceNames: names }),
  };
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(':');
  return [text.slice(0, at), text.slice(at + 1)];
}

function readVerbs(text: string): string[] {
  if (text === '*') return ['*'];
  const letters = Array.from(SETS[text] ?? text);
  const verbs = letters.flatMap((letter) => VERBS[letter] ?? []);
  // A verb that has no letter stands there as it is.
  return verbs.length === letters.length ? verbs.sort() : [text];
}

const rulesOf = (text: string): PolicyRule[] =>
  text.split(';').map((rule) => readRule(rule.trim()));

/** Roles and bindings in the order of their names. */
export function bootstrapRoles(): readonly { readonly kind: Kind; readonly object: KubeObject }[] {
  const roles = [
    ...Object.entries(ROLES).map(([name, text]) => roleOf(name, rulesOf(text))),
    ...Object.entries(CONTROLLER_ROLES).map(([name, text]) =>
      roleOf(`system:controller:${name}`, rulesOf(text)),
    ),
    ...aggregatedRoles(),
    roleOf('cluster-admin', [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ]),
  ];
  const bindings = [
    ...Object.entries(BINDINGS).map(([name, text]) => bindingOf(name, text)),
    ...Object.keys(CONTROLLER_ROLES).map((name) =>
      bindingOf(`system:controller:${name}`, `ServiceAccount kube-system/${name}`),
    ),
  ];
  return [
    ...roles.map((object) => ({ kind: CLUSTER_ROLES, object })),
    ...bindings.map((object) => ({ kind: CLUSTER_ROLE_BINDINGS, object })),
  ];
}

const roleOf = (
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>> = {},
): ClusterRole => ({
  metadata: { name, ...META, labels: { ...META.labels, ...labels } },
  rules: [...rules],
});

/** `view`, `edit` and `admin`: each has the rules of the one before, and its own. */
function aggregatedRoles(): ClusterRole[] {
  const label = (to: string): Record<string, string> => ({
    [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true',
  });
  const parts = Object.entries(AGGREGATES).map(([to, text]) =>
    roleOf(`system:aggregate-to-${to}`, rulesOf(text), label(to)),
  );
  const rules = new Map(parts.map((part) => [part.metadata?.name ?? '', part.rules ?? []]));
  const own = (to: string): readonly PolicyRule[] => rules.get(`system:aggregate-to-${to}`) ?? [];
  const view = own('view');
  const edit = [...own('edit'), ...view];
  // In the order of the roles' names, as their controller puts them together.
  const admin = [...edit, ...own('admin')];
  const aggregated = (
    name: string,
    all: readonly PolicyRule[],
    labels: Record<string, string>,
  ): ClusterRole => ({
    ...roleOf(name, all, labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: label(name) }] },
  });
  return [
    ...parts,
    aggregated('view', view, label('edit')),
    aggregated('edit', edit, label('admin')),
    aggregated('admin', admin, {}),
  ];
}

function bindingOf(name: string, text: string): ClusterRoleBinding {
  const subjects = text
    .split(',')
    .filter((subject) => subject !== '')
    .map((subject): Subject => {
      const [kind = '', whole = ''] = subject.trim().split(' ');
      if (kind !== 'ServiceAccount') return { apiGroup: RBAC_GROUP, kind, name: whole };
      const [namespace = '', account = ''] = whole.split('/');
      return { kind, name: account, namespace };
    });
  return {
    metadata: { name, ...META },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    ...(subjects.length === 0 ? {} : { subjects }),
  };
}
