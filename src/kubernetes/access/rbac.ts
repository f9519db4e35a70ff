/**
 * Whether a caller may do something: the rules of the roles that are bound to him.
 * Sources: plugin/pkg/auth/authorizer/rbac/rbac.go, registry/rbac/validation/rule.go (kubernetes-facts.md 3).
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from 'kubernetes-types/rbac/v1.d.ts';
import type { Caller } from '../api/caller.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '../kinds/rbac.ts';
import { nameOf, namespaceOf } from '../objects/object.ts';
import { StatusError } from '../status.ts';
import type { World } from '../world.ts';

/** What somebody wants to do: with a resource, or with a path that is none. */
export type Attempt =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string | undefined;
      readonly namespace?: string | undefined;
      readonly name?: string | undefined;
    }
  | { readonly verb: string; readonly path: string };

const isIn = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

function allows(rule: PolicyRule, attempt: Attempt): boolean {
  if (!isIn(rule.verbs, attempt.verb)) return false;
  if ('path' in attempt) {
    return (rule.nonResourceURLs ?? []).some(
      (url) =>
        url === '*' ||
        url === attempt.path ||
        (url.endsWith('*') && attempt.path.startsWith(url.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name = '' } = attempt;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const isNamed =
    (rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true;
  return (
    isIn(rule.apiGroups, group) &&
    (isIn(rule.resources, full) ||
      (subresource !== undefined && rule.resources?.includes(`*/${subresource}`) === true)) &&
    isNamed
  );
}

function isSubject(caller: Caller, subject: Subject, namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === caller.name;
    case 'Group':
      return caller.groups.includes(subject.name);
    case 'ServiceAccount': {
      const home = subject.namespace ?? namespace;
      return caller.name === `system:serviceaccount:${home}:${subject.name}`;
    }
    default:
      return false;
  }
}

/** Rules that somebody has, with what they come from. */
export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  /** `ClusterRoleBinding "x" of ClusterRole "y" to User "z"`. */
  readonly from: string;
}

/** The rules that hold for the caller everywhere, and in the namespace where one is named. */
export function* rulesFor(
  world: World,
  caller: Caller,
  namespace: string | undefined,
): Generator<HeldRules> {
  const { store } = world;
  for (const { object } of store.list(CLUSTER_ROLE_BINDINGS)) {
    const binding = object as ClusterRoleBinding;
    const subject = binding.subjects?.find((one) => isSubject(caller, one, ''));
    if (subject === undefined) continue;
    yield {
      rules: rulesOf(world, binding.roleRef, ''),
      from: originOf('ClusterRoleBinding', binding, subject),
    };
  }
  if (namespace === undefined || namespace === '') return;
  for (const { object } of store.list(ROLE_BINDINGS, namespace)) {
    const binding = object as RoleBinding;
    const subject = binding.subjects?.find((one) => isSubject(caller, one, namespace));
    if (subject === undefined) continue;
    yield {
      rules: rulesOf(world, binding.roleRef, namespace),
      from: originOf('RoleBinding', binding, subject),
    };
  }
}

function originOf(
  kind: string,
  binding: RoleBinding | ClusterRoleBinding,
  subject: Subject,
): string {
  const { roleRef } = binding;
  const home = namespaceOf(binding);
  const own = home === '' ? nameOf(binding) : `${nameOf(binding)}/${home}`;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? ''}` : subject.name;
  return `${kind} "${own}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${who}"`;
}

function rulesOf(
  { store }: World,
  { kind, name }: RoleBinding['roleRef'],
  namespace: string,
): readonly PolicyRule[] {
  const found =
    kind === 'ClusterRole' ? store.get(CLUSTER_ROLES, '', name) : store.get(ROLES, namespace, name);
  return (found?.object as Role | ClusterRole | undefined)?.rules ?? [];
}

/** Group of those to whom everything is allowed, whatever the roles say. */
const MASTERS = 'system:masters';

/** What allows the attempt; undefined: nothing does. */
export function allowedBy(world: World, caller: Caller, attempt: Attempt): string | undefined {
  if (caller.groups.includes(MASTERS)) return '';
  const namespace = 'path' in attempt ? undefined : attempt.namespace;
  for (const { rules, from } of rulesFor(world, caller, namespace)) {
    if (rules.some((rule) => allows(rule, attempt))) return `RBAC: allowed by ${from}`;
  }
  return undefined;
}

/** Throws a 403 for what is not allowed. */
export function authorize(world: World, caller: Caller, attempt: Attempt): void {
  if (allowedBy(world, caller, attempt) === undefined) throw refusalOf(caller, attempt);
}

function refusalOf({ name: user }: Caller, attempt: Attempt): StatusError {
  const who = `User ${JSON.stringify(user)} cannot ${attempt.verb}`;
  if ('path' in attempt) {
    return new StatusError(403, 'Forbidden', {
      message: `forbidden: ${who} path ${JSON.stringify(attempt.path)}`,
      details: {},
    });
  }
  const { group, resource, subresource, namespace = '', name = '' } = attempt;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const shown = group === '' ? resource : `${resource}.${group}`;
  const subject = name === '' ? shown : `${shown} "${name}"`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new StatusError(403, 'Forbidden', {
    message: `${subject} is forbidden: ${who} resource "${full}" in API group "${group}" ${where}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  });
}

/** Refuses a role whose rules go beyond what its author may do himself (rbac/escalation_check.go). */
export function refuseEscalation(
  world: World,
  caller: Caller,
  of: {
    readonly rules: readonly PolicyRule[];
    readonly namespace: string;
    readonly subject: string;
  },
): void {
  if (caller.groups.includes(MASTERS)) return;
  const missing = of.rules.flatMap((rule) =>
    uncovered(world, caller, { rule, namespace: of.namespace }),
  );
  if (missing.length === 0) return;
  const groups = caller.groups.map((group) => JSON.stringify(group)).join(' ');
  throw new StatusError(403, 'Forbidden', {
    message: `${of.subject} is forbidden: user ${JSON.stringify(caller.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.map(goRule).sort().join('\n')}`,
  });
}

function uncovered(
  world: World,
  caller: Caller,
  { rule, namespace }: { readonly rule: PolicyRule; readonly namespace: string },
): PolicyRule[] {
  const held = [...rulesFor(world, caller, namespace)].flatMap(({ rules }) => rules);
  const covers = (part: Attempt): boolean => held.some((one) => allows(one, part));
  const isCovered =
    (rule.nonResourceURLs ?? []).every((path) =>
      rule.verbs.every((verb) => covers({ verb, path })),
    ) &&
    (rule.apiGroups ?? []).every((group) =>
      (rule.resources ?? []).every((full) => {
        const [resource = '', subresource] = full.split('/');
        return rule.verbs.every((verb) =>
          (rule.resourceNames ?? ['']).every((name) =>
            covers({ verb, group, resource, subresource, name, namespace }),
          ),
        );
      }),
    );
  return isCovered ? [] : [rule];
}

function goRule(rule: PolicyRule): string {
  const members = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const shown = members.flatMap(([name, list]) =>
    list === undefined || list.length === 0
      ? []
      : [`${name}:[${list.map((one) => JSON.stringify(one)).join(' ')}]`],
  );
  return `{${shown.join(', ')}}`;
}
