/**
 * Every kind that the cluster serves, in the order of discovery. What is not here is promised nowhere.
 */
import { CONFIG_MAPS } from './configmaps.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { ENDPOINT_SLICES, ENDPOINTS } from './endpoints.ts';
import { EVENTS } from './events.ts';
import { EVENTS_V1 } from './events-v1.ts';
import { JOBS } from './jobs.ts';
import type { Kind } from './kind.ts';
import { NAMESPACES } from './namespaces.ts';
import { NODES } from './nodes.ts';
import { PODS } from './pods.ts';
import { LEASES, LIMIT_RANGES, PRIORITY_CLASSES, RESOURCE_QUOTAS } from './policies.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from './rbac.ts';
import { CONTROLLER_REVISIONS, REPLICA_SETS } from './replicasets.ts';
import { SECRETS } from './secrets.ts';
import { SERVICE_ACCOUNTS } from './serviceaccounts.ts';
import { SERVICES } from './services.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES } from './volumes.ts';

export const KINDS: readonly Kind[] = [
  CONFIG_MAPS,
  ENDPOINTS,
  EVENTS,
  LIMIT_RANGES,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  REPLICA_SETS,
  JOBS,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ROLE_BINDINGS,
  ROLES,
  STORAGE_CLASSES,
  PRIORITY_CLASSES,
  LEASES,
  ENDPOINT_SLICES,
];

/** Every kind that clients can ask for: those, and other looks at them. */
export const SERVED: readonly Kind[] = [...KINDS, EVENTS_V1];

/** The groups in the order of `/apis` (cmd/kube-apiserver/app/aggregator.go; kubernetes-facts.md 8.1). */
export const GROUPS: readonly string[] = [
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'batch',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
];

const byKey = new Map(SERVED.map((kind) => [kind.key, kind]));
const byKindName = new Map(KINDS.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]));

/** The kind of a group and a plural. */
export const kindOf = (group: string, resource: string): Kind | undefined =>
  byKey.get(`${group}/${resource}`);

/** The kind by its own name: of an owner reference. */
export const kindNamed = (apiVersion: string, kind: string): Kind | undefined =>
  byKindName.get(`${apiVersion}/${kind}`);
