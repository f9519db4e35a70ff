/**
 * How lists and objects of a field are merged: by patches, and when the owners of fields are told apart. A test holds the table
 * against the published description of the API.
 * Source: types.go of each API group, tags patchStrategy, patchMergeKey, listType, listMapKey, structType.
 */

/**
 * `message field strategy key [keys]`: the strategy of a patch, the member that names an element (`-`: its elements are plain
 * values), and the members that name it for owners of fields, where they are others.
 */
const LISTS = `
apps.v1.DeploymentSpec strategy retainKeys -
apps.v1.DeploymentStatus conditions merge type
apps.v1.ReplicaSetStatus conditions merge type
batch.v1.JobStatus conditions merge type
batch.v1.PodFailurePolicyOnExitCodesRequirement values set -
batch.v1.UncountedTerminatedPods failed set -
batch.v1.UncountedTerminatedPods succeeded set -
core.v1.Container env merge name
core.v1.Container ports merge containerPort containerPort,protocol
core.v1.Container volumeDevices merge devicePath
core.v1.Container volumeMounts merge mountPath
core.v1.EphemeralContainer env merge name
core.v1.EphemeralContainer ports merge containerPort containerPort,protocol
core.v1.EphemeralContainer volumeDevices merge devicePath
core.v1.EphemeralContainer volumeMounts merge mountPath
core.v1.NamespaceStatus conditions merge type
core.v1.NodeSpec podCIDRs merge -
core.v1.NodeStatus addresses merge type
core.v1.NodeStatus conditions merge type
core.v1.PersistentVolumeClaimStatus conditions merge type
core.v1.PodSpec containers merge name
core.v1.PodSpec ephemeralContainers merge name
core.v1.PodSpec hostAliases merge ip
core.v1.PodSpec imagePullSecrets merge name
core.v1.PodSpec initContainers merge name
core.v1.PodSpec resourceClaims mergeRetainKeys name name
core.v1.PodSpec schedulingGates merge name name
core.v1.PodSpec topologySpreadConstraints merge topologyKey topologyKey,whenUnsatisfiable
core.v1.PodSpec volumes mergeRetainKeys name
core.v1.PodStatus conditions merge type
core.v1.PodStatus hostIPs merge ip
core.v1.PodStatus podIPs merge ip
core.v1.PodStatus resourceClaimStatuses mergeRetainKeys name name
core.v1.ServiceAccount secrets merge name
core.v1.ServiceSpec ports merge port port,protocol
core.v1.ServiceStatus conditions merge type type
meta.v1.ObjectMeta finalizers merge -
meta.v1.ObjectMeta ownerReferences merge uid
core.v1.ResourceRequirements claims map - name
discovery.v1.Endpoint addresses set -
`;

/** Messages and fields that have one owner as a whole. */
const ATOMIC = new Set(
  `batch.v1.JobStatus.conditions
core.v1.ConfigMapKeySelector
core.v1.EndpointAddress
core.v1.EndpointPort
core.v1.LocalObjectReference
core.v1.NodeSelector
core.v1.NodeSelectorTerm
core.v1.ObjectFieldSelector
core.v1.ObjectReference
core.v1.PodSpec.nodeSelector
core.v1.PodStatus.hostIPs
core.v1.ResourceFieldSelector
core.v1.ScopeSelector
core.v1.SecretKeySelector
core.v1.SecretReference
core.v1.ServiceSpec.selector
core.v1.TopologySelectorTerm
core.v1.TypedLocalObjectReference
discovery.v1.EndpointPort
rbac.v1.RoleRef
rbac.v1.Subject
meta.v1.LabelSelector
meta.v1.OwnerReference`.split(/\s+/),
);

export interface ListMark {
  /** Elements are merged by their key; `retainKeys`: members that a patch does not name go. */
  readonly strategy: 'merge' | 'retainKeys' | 'mergeRetainKeys' | 'set' | 'map';
  readonly mergeKey: string | undefined;
  /** What names an element among the owners of fields; empty for plain values. */
  readonly mapKeys: readonly string[];
}

const marks = new Map<string, ListMark>(
  LISTS.trim()
    .split('\n')
    .map((line) => {
      const [message = '', field = '', strategy = '', key = '-', keys] = line.split(' ');
      const mergeKey = key === '-' ? undefined : key;
      const mapKeys = keys?.split(',') ?? (mergeKey === undefined ? [] : [mergeKey]);
      return [
        `${message}.${field}`,
        { strategy: strategy as ListMark['strategy'], mergeKey, mapKeys },
      ];
    }),
);

/** The mark of a field; undefined: it is replaced as a whole. */
export const listMarkOf = (message: string, field: string): ListMark | undefined =>
  marks.get(`${message}.${field}`);

/** Every mark, by message and field. */
export const listMarks = (): ReadonlyMap<string, ListMark> => marks;

/** Whether a message, or a field of one (`message.field`), has one owner as a whole. */
export const isAtomic = (name: string): boolean => ATOMIC.has(name);
