/**
 * What the appliance installs into a cluster: reserved namespaces, and the agents of Arc. Data only. Called by the
 * appliance (how many agents there are, and which are up) and by whoever shows the cluster's insides.
 * Sources: rbac, k8snet, dash, dynamic (appliance.md §4.4), arc (§10.3).
 */

/** Namespaces that users may not create, enter or remove (rbac). */
export const SYSTEM_NAMESPACES = [
  'kube-system',
  'metallb-system',
  'dbe-namespace',
  'default',
  'kubernetes-dashboard',
  'kube-node-lease',
  'kube-public',
] as const;

/** Where the agents of Arc run (arc). */
export const ARC_NAMESPACE = 'azure-arc';

export interface SystemComponent {
  readonly namespace: string;
  readonly name: string;
  /** `Node`: one pod on each node. */
  readonly runsAs: 'Deployment' | 'DaemonSet' | 'Node';
}

/**
 * What a new cluster runs. The namespaces and the products are documented; the names inside kube-system, metallb-system
 * and kubernetes-dashboard are those of the upstream manifests [U].
 */
export const SYSTEM_COMPONENTS: readonly SystemComponent[] = [
  { namespace: 'kube-system', name: 'etcd', runsAs: 'Node' },
  { namespace: 'kube-system', name: 'kube-apiserver', runsAs: 'Node' },
  { namespace: 'kube-system', name: 'kube-controller-manager', runsAs: 'Node' },
  { namespace: 'kube-system', name: 'kube-scheduler', runsAs: 'Node' },
  { namespace: 'kube-system', name: 'kube-proxy', runsAs: 'DaemonSet' },
  { namespace: 'kube-system', name: 'coredns', runsAs: 'Deployment' },
  { namespace: 'kube-system', name: 'calico-node', runsAs: 'DaemonSet' },
  { namespace: 'kube-system', name: 'calico-kube-controllers', runsAs: 'Deployment' },
  { namespace: 'kube-system', name: 'metrics-server', runsAs: 'Deployment' },
  // The document shows the pod and not its namespace (dynamic); kube-system is [ours].
  { namespace: 'kube-system', name: 'local-path-provisioner', runsAs: 'Deployment' },
  { namespace: 'metallb-system', name: 'controller', runsAs: 'Deployment' },
  { namespace: 'metallb-system', name: 'speaker', runsAs: 'DaemonSet' },
  { namespace: 'kubernetes-dashboard', name: 'kubernetes-dashboard', runsAs: 'Deployment' },
  { namespace: 'kubernetes-dashboard', name: 'dashboard-metrics-scraper', runsAs: 'Deployment' },
];

export interface ArcAgent {
  readonly deployment: string;
  /** In its one pod. */
  readonly containerCount: number;
}

/** The deployments of Arc, each of one pod, in the order in which they are listed (arc). */
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
