/**
 * Which nodes a pod can go to, and why not to the others, in the order and with the texts of the default profile.
 * Sources: scheduler/framework/plugins (kubernetes-facts.md 5.1, 5.3).
 */
import type { Node, NodeSelectorTerm, Pod, Taint, Toleration } from 'kubernetes-types/core/v1.d.ts';
import { type Amounts, requestsOf } from '../kinds/pod-resources.ts';
import { milliUnitsOf } from '../schema/quantity.ts';
import type { Entry } from '../objects/entry.ts';
import { labelsOf, nameOf, namespaceOf } from '../objects/object.ts';
import { selects } from '../objects/selectors.ts';

/** A node with the pods on it that have not ended. */
export interface Candidate {
  readonly node: Node;
  readonly pods: readonly Pod[];
  /** How many they are, and what they ask for together. */
  readonly load: Load;
}

export interface Load {
  readonly count: number;
  readonly used: ReadonlyMap<string, number>;
  /** Whether one of them keeps others away. */
  readonly isAnyApart: boolean;
}

export interface Rejection {
  readonly reasons: readonly string[];
  /** No pod that went would help. */
  readonly isFinal: boolean;
}

const requests = new WeakMap<object, Amounts>();

/** What a pod asks for; computed once for each spec. */
export function askedBy({ spec }: Pod): Amounts {
  if (spec === undefined) return new Map();
  const known = requests.get(spec);
  if (known !== undefined) return known;
  const amounts = requestsOf(spec);
  requests.set(spec, amounts);
  return amounts;
}

/** Whether a pod keeps others away from its node. */
export const keepsApart = ({ spec }: Pod): boolean =>
  spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;

/** The load that pods are. */
export function loadOf(pods: readonly Pod[]): Load {
  const used = new Map<string, number>();
  for (const pod of pods) {
    for (const [name, amount] of askedBy(pod)) used.set(name, (used.get(name) ?? 0) + amount);
  }
  return { count: pods.length, used, isAnyApart: pods.some(keepsApart) };
}

const final = (reason: string): Rejection => ({ reasons: [reason], isFinal: true });
const passing = (reason: string): Rejection => ({ reasons: [reason], isFinal: false });

export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(({ key = '', operator = 'Equal', value = '', effect = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (key === '') return operator === 'Exists';
    if (key !== taint.key) return false;
    return operator === 'Exists' || value === (taint.value ?? '');
  });
}

/** Why the pod cannot go to the node; undefined: it can. */
export function rejectionOf(
  pod: Pod,
  candidate: Candidate,
  all: readonly Candidate[],
): Rejection | undefined {
  const { node } = candidate;
  const tolerations = pod.spec?.tolerations ?? [];
  if (
    node.spec?.unschedulable === true &&
    !tolerates(tolerations, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
  ) {
    return final('node(s) were unschedulable');
  }
  const taint = node.spec?.taints?.find(
    (one) => one.effect !== 'PreferNoSchedule' && !tolerates(tolerations, one),
  );
  if (taint !== undefined) {
    return final(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  }
  if (!matchesNode(pod, node)) return final("node(s) didn't match Pod's node affinity/selector");
  if (hasPortConflict(pod, candidate)) {
    return passing("node(s) didn't have free ports for the requested pod ports");
  }
  const lacking = lackOf(pod, candidate);
  if (lacking.length > 0) return { reasons: lacking, isFinal: false };
  return spreadRejection(pod, candidate, all) ?? affinityRejection(pod, candidate, all);
}

/** Labels by selector and required affinity. */
function matchesNode(pod: Pod, node: Node): boolean {
  const labels = labelsOf(node);
  const { nodeSelector = {}, affinity } = pod.spec ?? {};
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node));
}

export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const labels = labelsOf(node);
  const fields = { 'metadata.name': nameOf(node) };
  const meets = (
    { key, operator, values = [] }: NonNullable<NodeSelectorTerm['matchExpressions']>[number],
    source: Readonly<Record<string, string>>,
  ): boolean => {
    const value = source[key];
    switch (operator) {
      case 'Gt':
        return value !== undefined && Number(value) > Number(values[0]);
      case 'Lt':
        return value !== undefined && Number(value) < Number(values[0]);
      default:
        return selects({ matchExpressions: [{ key, operator, values }] }, source);
    }
  };
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => meets(one, labels)) &&
    matchFields.every((one) => meets(one, fields))
  );
}

export function hostPortsOf({ spec }: Pod): string[] {
  return (spec?.containers ?? []).flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP' }) =>
      hostPort === undefined || hostPort === 0 ? [] : [`${protocol}/${hostPort}`],
    ),
  );
}

function hasPortConflict(pod: Pod, candidate: Candidate): boolean {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return false;
  const used = new Set(candidate.pods.flatMap(hostPortsOf));
  return wanted.some((port) => used.has(port));
}

/** What the node has too little of. */
export function lackOf(pod: Pod, { node, load }: Pick<Candidate, 'node' | 'load'>): string[] {
  const { allocatable = {} } = node.status ?? {};
  const reasons: string[] = [];
  const { count, used } = load;
  if (count + 1 > Number(allocatable['pods'] ?? 0)) reasons.push('Too many pods');
  for (const [name, amount] of askedBy(pod)) {
    if (amount > 0 && amount + (used.get(name) ?? 0) > milliUnitsOf(allocatable[name])) {
      reasons.push(`Insufficient ${name}`);
    }
  }
  return reasons;
}

type Constraint = NonNullable<NonNullable<Pod['spec']>['topologySpreadConstraints']>[number];

function spreadRejection(
  pod: Pod,
  { node }: Candidate,
  all: readonly Candidate[],
): Rejection | undefined {
  const text = "node(s) didn't match pod topology spread constraints";
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const domain = labelsOf(node)[constraint.topologyKey];
    if (domain === undefined) return final(`${text} (missing required label)`);
    const counts = countsByDomain(pod, constraint, all);
    const least = Math.min(...counts.values());
    if ((counts.get(domain) ?? 0) + 1 - least > constraint.maxSkew) return passing(text);
  }
  return undefined;
}

function countsByDomain(
  pod: Pod,
  { topologyKey, labelSelector }: Constraint,
  all: readonly Candidate[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node, pods } of all) {
    const domain = labelsOf(node)[topologyKey];
    if (domain === undefined || !matchesNode(pod, node)) continue;
    const alike = pods.filter(
      (one) => namespaceOf(one) === namespaceOf(pod) && selects(labelSelector, labelsOf(one)),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + alike.length);
  }
  return counts;
}

/** Required affinity to pods and against them. */
function affinityRejection(
  pod: Pod,
  { node }: Candidate,
  all: readonly Candidate[],
): Rejection | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  type Term = (typeof near)[number];
  const matches = (term: Term, of: Pod, other: Pod): boolean =>
    (term.namespaces ?? [namespaceOf(of)]).includes(namespaceOf(other)) &&
    selects(term.labelSelector, labelsOf(other));
  const sameDomain = (term: Term): Pod[] => {
    const domain = labelsOf(node)[term.topologyKey];
    return all
      .filter((one) => domain !== undefined && labelsOf(one.node)[term.topologyKey] === domain)
      .flatMap(({ pods }) => pods);
  };
  for (const term of near) {
    if (sameDomain(term).some((other) => matches(term, pod, other))) continue;
    // The first of a group that is near itself may go anywhere.
    const isFirst =
      matches(term, pod, pod) &&
      !all.some(({ pods }) => pods.some((other) => matches(term, pod, other)));
    if (!isFirst) return final("node(s) didn't match pod affinity rules");
  }
  if (apart.some((term) => sameDomain(term).some((other) => matches(term, pod, other)))) {
    return passing("node(s) didn't match pod anti-affinity rules");
  }
  const isUnwanted = all.some(
    (one) =>
      one.load.isAnyApart &&
      one.pods.some((other) =>
        (
          other.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ??
          []
        ).some((term) => matches(term, other, pod) && sameDomain(term).includes(other)),
      ),
  );
  return isUnwanted
    ? passing("node(s) didn't satisfy existing pods anti-affinity rules")
    : undefined;
}

export const podsOf = (entries: Iterable<Entry>): Pod[] =>
  Array.from(entries, ({ object }) => object as Pod);
