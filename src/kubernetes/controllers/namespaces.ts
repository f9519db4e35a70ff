/**
 * Namespaces: each active one has a service account and the root certificate; one that is deleted loses its content first.
 * Sources: controller/namespace/deletion, controller/serviceaccount, controller/certificates/rootcacertpublisher (kubernetes-facts.md 4.9).
 */
import type { ConfigMap, Namespace, NamespaceCondition } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteEntry } from '../api/delete.ts';
import { putStatus } from '../objects/put-status.ts';
import { CONFIG_MAPS } from '../kinds/configmaps.ts';
import { KINDS } from '../kinds/index.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { SERVICE_ACCOUNTS } from '../kinds/serviceaccounts.ts';
import type { Entry } from '../objects/entry.ts';
import { isBeingDeleted, metaOf, timeOf } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Again, Controller } from './controller.ts';

/** How many objects one pass deletes at most: others have their turn between passes. */
const BURST = 50;

const ROOT_CA = 'kube-root-ca.crt';
const ROOT_CA_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

const caller = systemCaller('system:serviceaccount:kube-system:namespace-controller');

export const NAMESPACE_CONTROLLER: Controller = {
  name: 'namespaces',
  keysOf: (world, { entry, type }) => {
    if (entry.kind === NAMESPACES) return type === 'DELETED' ? [] : [entry.name];
    if (type !== 'DELETED' || entry.namespace === '') return [];
    const home = world.store.get(NAMESPACES, '', entry.namespace);
    const matters =
      home !== undefined &&
      (isBeingDeleted(home.object) ||
        (entry.kind === SERVICE_ACCOUNTS && entry.name === 'default') ||
        (entry.kind === CONFIG_MAPS && entry.name === ROOT_CA));
    return matters ? [entry.namespace] : [];
  },
  reconcile: (world, name, again) => {
    const entry = world.store.get(NAMESPACES, '', name);
    if (entry === undefined) return;
    if (isBeingDeleted(entry.object)) empty(world, entry, again);
    else furnish(world, name);
  },
};

/** What every namespace has. */
function furnish(world: World, namespace: string): void {
  if (world.store.get(SERVICE_ACCOUNTS, namespace, 'default') === undefined) {
    create(world, {
      kind: SERVICE_ACCOUNTS,
      namespace,
      object: { metadata: { name: 'default' } },
      caller,
    });
  }
  if (world.store.get(CONFIG_MAPS, namespace, ROOT_CA) === undefined) {
    const object: ConfigMap = {
      metadata: { name: ROOT_CA, annotations: { 'kubernetes.io/description': ROOT_CA_TEXT } },
      data: { 'ca.crt': world.foundation.rootCertificates },
    };
    create(world, { kind: CONFIG_MAPS, namespace, object, caller });
  }
}

/** Deletes the content; the namespace itself goes when nothing is left. */
function empty(world: World, entry: Entry, again: Again): void {
  const { store } = world;
  const contents = (): Entry[] =>
    KINDS.filter((kind) => kind.isNamespaced).flatMap((kind) => [...store.list(kind, entry.name)]);
  const present = contents().filter(({ object }) => !isBeingDeleted(object));
  for (const content of present.slice(0, BURST)) {
    deleteEntry(world, content, { propagationPolicy: 'Background' });
  }
  if (present.length > BURST) {
    again.at(world.now);
    return;
  }
  const left = contents();
  if (left.length === 0) {
    store.remove(entry);
    return;
  }
  const namespace = entry.object as Namespace;
  putStatus(world, entry, {
    phase: 'Terminating',
    conditions: conditionsOf(world, left, namespace.status?.conditions ?? []),
  });
}

function conditionsOf(
  world: World,
  left: readonly Entry[],
  before: readonly NamespaceCondition[],
): NamespaceCondition[] {
  const counts = new Map<string, number>();
  const finalizers = new Map<string, number>();
  for (const { kind, object } of left) {
    counts.set(kind.resource, (counts.get(kind.resource) ?? 0) + 1);
    for (const one of metaOf(object).finalizers ?? []) {
      finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
    }
  }
  const remaining = [...counts].map(
    ([resource, count]) => `${resource}. has ${count} resource instances`,
  );
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  return contentRows(remaining, held).map(([type, status, reason, message]) => {
    const earlier = before.find((one) => one.type === type && one.status === status);
    return {
      type,
      status,
      lastTransitionTime: earlier?.lastTransitionTime ?? timeOf(world.now),
      reason,
      message,
    };
  });
}

type ConditionRow = readonly [
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
];

/** The conditions of a namespace that goes, with what is left in it and what holds that. */
function contentRows(remaining: readonly string[], held: readonly string[]): ConditionRow[] {
  return [
    [
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    [
      'NamespaceContentRemaining',
      'True',
      'SomeResourcesRemain',
      `Some resources are remaining: ${remaining.join(', ')}`,
    ],
    held.length === 0
      ? [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ]
      : [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        ],
  ];
}
