/**
 * Discovery: which groups, versions and resources there are, one document each (`/api`, `/apis`, `/apis/apps/v1`) and all in one
 * (aggregated, v2 and v2beta1).
 * Sources: apimachinery apis/meta/v1 (APIGroupList, APIResourceList), apidiscovery/v2 (kubernetes-api.md 1.3, kubernetes-facts.md 8).
 */
import type { JsonObject } from '#shared/json.ts';
import { GROUPS, SERVED } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { SUBRESOURCES, type Subresource, VIRTUAL, type VirtualResource } from './subresources.ts';

/** Groups of kinds and of what can only be created: reviews. */
export const servedGroups = (): readonly string[] => GROUPS;

const kindsOf = (group: string): readonly Kind[] => SERVED.filter((kind) => kind.group === group);
const virtualOf = (group: string): readonly VirtualResource[] =>
  VIRTUAL.filter((one) => one.group === group);

/** The versions of `/api`. */
export const apiVersions = (host: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
});

const groupDocument = (group: string): JsonObject => {
  const version = { groupVersion: `${group}/v1`, version: 'v1' };
  return { name: group, versions: [version], preferredVersion: version };
};

/** The groups of `/apis`. */
export const apiGroups = (): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: servedGroups().map(groupDocument),
});

/** One group: `/apis/apps`; undefined where there is none. */
export const apiGroup = (group: string): JsonObject | undefined =>
  servedGroups().includes(group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) }
    : undefined;

/** The resources of a group: `/api/v1`, `/apis/apps/v1`; undefined where there is none. */
export function apiResources(group: string): JsonObject | undefined {
  if (group !== '' && !servedGroups().includes(group)) return undefined;
  const resources = [
    ...kindsOf(group).flatMap((kind) => [
      {
        name: kind.resource,
        singularName: kind.singular,
        namespaced: kind.isNamespaced,
        kind: kind.kind,
        verbs: [...kind.verbs],
        ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
        ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
      },
      ...subresourcesOf(kind).map(({ name, kind: of, group: other, version, verbs }) => ({
        name: `${kind.resource}/${name}`,
        singularName: '',
        namespaced: kind.isNamespaced,
        ...(other === undefined ? {} : { group: other, version: version ?? 'v1' }),
        kind: of ?? kind.kind,
        verbs: [...verbs],
      })),
    ]),
    ...virtualOf(group).map((one) => ({
      name: one.resource,
      singularName: one.kind.toLowerCase(),
      namespaced: one.isNamespaced,
      kind: one.kind,
      verbs: ['create'],
    })),
  ];
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? 'v1' : `${group}/v1`,
    resources,
  };
}

function subresourcesOf(kind: Kind): readonly Subresource[] {
  return [
    ...(SUBRESOURCES[kind.key] ?? []),
    ...(kind.hasScale
      ? [
          {
            name: 'scale',
            kind: 'Scale',
            group: 'autoscaling',
            version: 'v1',
            verbs: ['get', 'patch', 'update'],
          },
        ]
      : []),
    ...(kind.hasStatus ? [{ name: 'status', verbs: ['get', 'patch', 'update'] }] : []),
  ];
}

export type DiscoveryVersion = 'v2' | 'v2beta1';

/** Everything in one document: of `/api` (the core group) or `/apis` (all others). */
export function aggregatedDiscovery(of: 'api' | 'apis', version: DiscoveryVersion): JsonObject {
  const groups = of === 'api' ? [''] : servedGroups();
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: [{ version: 'v1', resources: aggregatedResources(group), freshness: 'Current' }],
    })),
  };
}

function aggregatedResources(group: string): JsonObject[] {
  const kindOf = (kind: string, other = group): JsonObject => ({
    group: other,
    version: 'v1',
    kind,
  });
  return [
    ...kindsOf(group).map((kind) => {
      const subresources = subresourcesOf(kind).map((one) => ({
        subresource: one.name,
        responseKind: kindOf(one.kind ?? kind.kind, one.group ?? group),
        verbs: [...one.verbs],
      }));
      return {
        resource: kind.resource,
        responseKind: kindOf(kind.kind),
        scope: kind.isNamespaced ? 'Namespaced' : 'Cluster',
        singularResource: kind.singular,
        verbs: [...kind.verbs],
        ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
        ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    }),
    ...virtualOf(group).map((one) => ({
      resource: one.resource,
      responseKind: kindOf(one.kind),
      scope: one.isNamespaced ? 'Namespaced' : 'Cluster',
      singularResource: one.kind.toLowerCase(),
      verbs: ['create'],
    })),
  ];
}
