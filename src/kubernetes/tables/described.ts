/**
 * Which field's description each column of a Table carries; a column that is not here is described by its name.
 * Source: pkg/printers/internalversion/printers.go, the column definitions.
 */

const NAME_AND_AGE: Readonly<Record<string, string>> = {
  Name: 'meta.v1.ObjectMeta name',
  Age: 'meta.v1.ObjectMeta creationTimestamp',
};

const BINDING = (message: string) => ({ Role: `${message} roleRef` });
const EVENT = {
  'Last Seen': 'core.v1.Event lastTimestamp',
  Type: 'core.v1.Event type',
  Reason: 'core.v1.Event reason',
  Object: 'core.v1.Event involvedObject',
  Subobject: 'core.v1.ObjectReference fieldPath',
  Source: 'core.v1.Event source',
  Message: 'core.v1.Event message',
  'First Seen': 'core.v1.Event firstTimestamp',
  Count: 'core.v1.Event count',
};

/** By plural and column: the message and the field. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pods: {
    IP: 'core.v1.PodStatus podIP',
    Node: 'core.v1.PodSpec nodeName',
    'Nominated Node': 'core.v1.PodStatus nominatedNodeName',
    'Readiness Gates': 'core.v1.PodSpec readinessGates',
  },
  replicasets: {
    Desired: 'apps.v1.ReplicaSetSpec replicas',
    Current: 'apps.v1.ReplicaSetStatus replicas',
    Ready: 'apps.v1.ReplicaSetStatus readyReplicas',
    Selector: 'apps.v1.ReplicaSetSpec selector',
  },
  deployments: {
    'Up-to-date': 'apps.v1.DeploymentStatus updatedReplicas',
    Available: 'apps.v1.DeploymentStatus availableReplicas',
    Selector: 'apps.v1.DeploymentSpec selector',
  },
  jobs: {
    Completions: 'batch.v1.JobStatus succeeded',
    Selector: 'batch.v1.JobSpec selector',
  },
  services: {
    Type: 'core.v1.ServiceSpec type',
    'Cluster-IP': 'core.v1.ServiceSpec clusterIP',
    'External-IP': 'core.v1.ServiceSpec externalIPs',
    'Port(s)': 'core.v1.ServiceSpec ports',
    Selector: 'core.v1.ServiceSpec selector',
  },
  endpoints: { Endpoints: 'core.v1.Endpoints subsets' },
  endpointslices: {
    AddressType: 'discovery.v1.EndpointSlice addressType',
    Ports: 'discovery.v1.EndpointSlice ports',
    Endpoints: 'discovery.v1.EndpointSlice endpoints',
  },
  nodes: {
    Version: 'core.v1.NodeSystemInfo kubeletVersion',
    'Internal-IP': 'core.v1.NodeStatus addresses',
    'External-IP': 'core.v1.NodeStatus addresses',
    'OS-Image': 'core.v1.NodeSystemInfo osImage',
    'Kernel-Version': 'core.v1.NodeSystemInfo kernelVersion',
    'Container-Runtime': 'core.v1.NodeSystemInfo containerRuntimeVersion',
  },
  events: EVENT,
  secrets: { Type: 'core.v1.Secret type', Data: 'core.v1.Secret data' },
  configmaps: { Data: 'core.v1.ConfigMap data' },
  serviceaccounts: { Secrets: 'core.v1.ServiceAccount secrets' },
  persistentvolumes: {
    Capacity: 'core.v1.PersistentVolumeSpec capacity',
    'Access Modes': 'core.v1.PersistentVolumeSpec accessModes',
    'Reclaim Policy': 'core.v1.PersistentVolumeSpec persistentVolumeReclaimPolicy',
    Status: 'core.v1.PersistentVolumeStatus phase',
    Claim: 'core.v1.PersistentVolumeSpec claimRef',
    Reason: 'core.v1.PersistentVolumeStatus reason',
    VolumeMode: 'core.v1.PersistentVolumeSpec volumeMode',
  },
  persistentvolumeclaims: {
    Status: 'core.v1.PersistentVolumeClaimStatus phase',
    Volume: 'core.v1.PersistentVolumeClaimSpec volumeName',
    Capacity: 'core.v1.PersistentVolumeClaimStatus capacity',
    'Access Modes': 'core.v1.PersistentVolumeClaimStatus accessModes',
    VolumeMode: 'core.v1.PersistentVolumeClaimSpec volumeMode',
  },
  rolebindings: BINDING('rbac.v1.RoleBinding'),
  clusterrolebindings: BINDING('rbac.v1.ClusterRoleBinding'),
  leases: { Holder: 'coordination.v1.LeaseSpec holderIdentity' },
  storageclasses: {
    Provisioner: 'storage.v1.StorageClass provisioner',
    ReclaimPolicy: 'storage.v1.StorageClass reclaimPolicy',
    VolumeBindingMode: 'storage.v1.StorageClass volumeBindingMode',
    AllowVolumeExpansion: 'storage.v1.StorageClass allowVolumeExpansion',
  },
  controllerrevisions: { Revision: 'apps.v1.ControllerRevision revision' },
  priorityclasses: {
    Value: 'scheduling.v1.PriorityClass value',
    'Global-Default': 'scheduling.v1.PriorityClass globalDefault',
  },
};

/** The message and the field whose description a column carries; undefined: its name says it. */
export function describedBy(
  resource: string,
  column: string,
): { readonly message: string; readonly field: string } | undefined {
  const [message, field] = (FIELDS[resource]?.[column] ?? NAME_AND_AGE[column] ?? '').split(' ');
  return message === undefined || field === undefined ? undefined : { message, field };
}
