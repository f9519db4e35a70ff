/**
 * What the appliance installs into a cluster: the agents of Arc. Data only.
 * Sources: arc (appliance.md §10.3).
 */

export interface ArcAgent {
  readonly deployment: string;
  /** How many containers its only pod has. */
  readonly containerCount: number;
}

/** The deployments of Arc, each with one pod, in the order of the document (arc). */
export const ARC_AGENTS: readonly ArcAgent[] = [
  { deployment: 'cluster-metadata-operator', containerCount: 2 },
  { deployment: 'clusterconnect-agent', containerCount: 3 },
  { deployment: 'clusteridentityoperator', containerCount: 2 },
  { deployment: 'config-agent', containerCount: 2 },
  { deployment: 'controller-manager', containerCount: 2 },
  { deployment: 'extension-manager', containerCount: 2 },
  { deployment: 'flux-logs-agent', containerCount: 1 },
  { deployment: 'kube-aad-proxy', containerCount: 2 },
  { deployment: 'metrics-agent', containerCount: 2 },
  { deployment: 'resource-sync-agent', containerCount: 2 },
];
