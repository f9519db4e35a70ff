/**
 * The Kubernetes role: its shape, and how a machine's cluster shows in it. The request's version is a
 * wish; the machine installs what its release brings, and that is what a GET shows.
 * Sources: compute §4, static (appliance.md §6) for the mounted shares, [S], databoxedge-contract §5–6.
 */
import { Type } from 'typebox';
import { named, object, oneOf, onlyIn, since, valuesIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  int32,
  int64,
  optional,
  optionalList,
  optionalString,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyString,
} from '#arm/shapes.ts';
import { type Observation, type ObservedCluster, workerOf } from '#fleet/fleet.ts';
import { present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { deviceOf, machineOf } from '../base/machine.ts';
import { mountedShares, mountFaults, mountPointMap, mountView } from '../base/mounts.ts';
import type { Existing, Target } from '../base/define.ts';
import {
  defineRoleKind,
  hostPlatform,
  NEWER_KIND,
  platformFaults,
  roleEnvelope,
  roleStatus,
} from './role-kind.ts';

/** Previews that said more of a cluster's parts than any stable version. */
const PREVIEWS = '2022-04-01-preview 2022-12-01-preview 2023-01-01-preview';

const text = readOnlyString();
const componentType = readOnlyEnum(
  ['Invalid', 'Cluster', 'Node', 'Etcd', 'CNI', 'LoadBalancer'],
  named('KubernetesComponentType'),
  onlyIn(PREVIEWS),
);

const etcdInfo = object({ componentType, type: text, version: text }, named('EtcdInfo'));

const nodeInfo = object(
  {
    componentType,
    name: text,
    type: readOnlyEnum(
      ['Invalid', 'Master', 'Worker', 'ManagementCluster', 'ControlPlane', 'NodePool'],
      named('KubernetesNodeType'),
      valuesIn({ ManagementCluster: PREVIEWS, ControlPlane: PREVIEWS, NodePool: PREVIEWS }),
    ),
    ipConfiguration: optionalList(
      object({ port: text, ipAddress: optionalString() }, named('KubernetesIPConfiguration')),
    ),
  },
  named('NodeInfo'),
);

const clusterInfo = object(
  {
    componentType,
    etcdInfo: readOnly(etcdInfo),
    nodes: readOnlyList(nodeInfo),
    version: Type.String(),
  },
  named('KubernetesClusterInfo'),
);

const storageClass = object(
  {
    name: text,
    type: text,
    posixCompliant: readOnlyEnum(
      ['Invalid', 'Enabled', 'Disabled'],
      named('PosixComplianceStatus'),
    ),
  },
  named('KubernetesRoleStorageClassInfo'),
);

const storage = object(
  { storageClasses: readOnlyList(storageClass), endpoints: optionalList(mountPointMap) },
  named('KubernetesRoleStorage'),
);

const compute = object(
  {
    vmProfile: Type.String(),
    memoryInBytes: readOnlyInteger(int64),
    processorCount: readOnlyInteger(int32),
    hugePage2M: readOnlyInteger(int32, onlyIn(PREVIEWS)),
    hugePage1G: readOnlyInteger(int32, onlyIn(PREVIEWS)),
  },
  named('KubernetesRoleCompute'),
);

const cniConfig = object(
  { componentType, type: text, version: text, podSubnet: text, serviceSubnet: text },
  named('CniConfig'),
);

const loadBalancerConfig = object(
  {
    componentType,
    type: text,
    version: text,
    ipRange: optionalList(Type.String(), since('2023-12-01')),
  },
  named('LoadBalancerConfig'),
);

const network = object(
  { cniConfig: readOnly(cniConfig), loadBalancerConfig: readOnly(loadBalancerConfig) },
  named('KubernetesRoleNetwork'),
);

const properties = object(
  {
    hostPlatform,
    provisioningState: readOnlyEnum(
      ['Invalid', 'Creating', 'Created', 'Updating', 'Reconfiguring', 'Failed', 'Deleting'],
      named('KubernetesState'),
    ),
    hostPlatformType: readOnlyEnum(['KubernetesCluster', 'LinuxVM'], named('HostPlatformType')),
    kubernetesClusterInfo: clusterInfo,
    kubernetesRoleResources: object(
      { storage: optional(storage), compute, network: readOnly(network) },
      named('KubernetesRoleResources'),
    ),
    roleStatus,
  },
  named('KubernetesRoleProperties'),
);

const ENDPOINTS = 'properties.kubernetesRoleResources.storage.endpoints';

const schema = object(
  { kind: oneOf(['Kubernetes']), ...roleEnvelope, properties: optional(properties) },
  { ...named('KubernetesRole'), ...onlyIn(NEWER_KIND) },
);

/** The shares that a client asks to mount. */
const endpointsIn = ({ kubernetesRoleResources: { storage } }: Accepted<typeof properties>) =>
  storage?.endpoints ?? [];

export const kubernetesRole = defineRoleKind({
  schema,
  isCluster: true,
  secrets: [],
  check: async (target, asked) => [
    ...platformFaults(asked.hostPlatform, 'Kubernetes'),
    ...workerFaults(target, asked),
    ...(await mountFaults(target, endpointsIn(asked), ENDPOINTS)),
  ],
  commandFor: async (target, asked) => ({
    kind: isNew(target) ? 'createCluster' : 'configureCluster',
    role: target.name,
    ...workerIn(target, asked),
    mounts: await mountedShares(target, endpointsIn(asked)),
  }),
  removalOf: (target) => ({ kind: 'deleteCluster', role: target.name }),
  view,
});

const workerAskedFor = (
  target: Target,
  { kubernetesRoleResources: { compute: asked } }: Accepted<typeof properties>,
) => workerOf(machineOf(deviceOf(target), target.ports.seed), asked.vmProfile);

/** A VM profile that is a size of VMs makes the workers that large, within limits. */
const workerFaults = (target: Target, asked: Accepted<typeof properties>): Fault[] =>
  (workerAskedFor(target, asked)?.faults ?? []).map((message) => ({
    target: 'properties.kubernetesRoleResources.compute.vmProfile',
    message,
  }));

function workerIn(target: Target, asked: Accepted<typeof properties>) {
  const worker = workerAskedFor(target, asked)?.size;
  return worker === undefined ? {} : { worker };
}

/** A role that stands is reconfigured; the choice holds for the whole operation, since its row stays as it is until the end. */
const isNew = ({ resource }: Target): boolean => resource === undefined || resource.revision === 0;

/** `properties` of the role. Without a cluster: still being made, or failed. */
function view(
  target: Existing<Accepted<typeof schema>>,
  seen: Observation,
): Shown<typeof properties> {
  const asked = present(target.resource.body.properties, 'the properties of a role');
  const cluster = seen.cluster?.role === target.name ? seen.cluster : undefined;
  const isBusy = target.resource.operationId !== undefined;
  const common = {
    hostPlatform: asked.hostPlatform,
    hostPlatformType: 'KubernetesCluster',
    provisioningState: cluster?.state ?? (isBusy ? 'Creating' : 'Failed'),
    roleStatus: asked.roleStatus,
  } as const;
  const { vmProfile } = asked.kubernetesRoleResources.compute;
  if (cluster === undefined) {
    return {
      ...common,
      kubernetesClusterInfo: { version: asked.kubernetesClusterInfo.version },
      kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile } },
    };
  }
  return {
    ...common,
    kubernetesClusterInfo: clusterInfoOf(cluster),
    kubernetesRoleResources: {
      storage: {
        storageClasses: cluster.storageClasses.map((kind) => ({ ...kind })),
        endpoints: cluster.mounts.map((mount) =>
          mountView(target, { mount, role: target.name, kind: 'Kubernetes' }),
        ),
      },
      compute: {
        vmProfile,
        memoryInBytes: cluster.worker.memoryBytes,
        processorCount: cluster.worker.processorCount,
        // Nothing reserves huge pages here [ours].
        hugePage2M: 0,
        hugePage1G: 0,
      },
      network: networkOf(cluster),
    },
  };
}

function clusterInfoOf(cluster: ObservedCluster): Shown<typeof clusterInfo> {
  return {
    componentType: 'Cluster',
    etcdInfo: { componentType: 'Etcd', type: 'External', version: cluster.etcdVersion },
    nodes: cluster.nodes.map((node) => ({
      componentType: 'Node',
      name: node.name,
      type: node.type,
      ipConfiguration: node.ipAddresses.map((address) => ({ ...address })),
    })),
    version: cluster.version,
  };
}

function networkOf(cluster: ObservedCluster): Shown<typeof network> {
  const { type, version, ipRange } = cluster.loadBalancer;
  return {
    cniConfig: { componentType: 'CNI', ...cluster.cni },
    loadBalancerConfig: { componentType: 'LoadBalancer', type, version, ipRange: [...ipRange] },
  };
}
